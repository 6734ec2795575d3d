"""Where wires meet: those that cross, that lie on one another or touch a part, and that part."""

from __future__ import annotations

from itertools import product

from docs.pictures.cell_graph import Part
from docs.pictures.cell_plan import CLEAR, HALF, Layout, Point, Wire


def crossings(layout: Layout) -> set[tuple[Point, Part]]:
    """Where a horizontal piece meets a vertical one of another source, and the former's source."""
    found = set()
    for one, other in product(layout.wires, repeat=2):
        if one.source is other.source:
            continue
        for (x0, y0), (x1, y1) in one.segments():
            for (u0, v0), (u1, v1) in other.segments():
                if (
                    y0 == y1
                    and u0 == u1
                    and min(x0, x1) < u0 < max(x0, x1)
                    and min(v0, v1) < y0 < max(v0, v1)
                ):
                    found.add(((u0, y0), one.source))
    return found


def covered(layout: Layout) -> list[tuple[Wire, Part]]:
    """The wires that touch a part which they neither come from nor go to."""
    found = []
    for wire, (part, (x, y)) in product(layout.wires, layout.at.items()):
        if part in (wire.source, wire.target):
            continue
        wide, high = (half + CLEAR for half in HALF[part.kind])
        for (x0, y0), (x1, y1) in wire.segments():
            beside = max(x0, x1) <= x - wide or min(x0, x1) >= x + wide
            if not beside and not (max(y0, y1) <= y - high or min(y0, y1) >= y + high):
                found.append((wire, part))
    return found


def overlapping(layout: Layout) -> int:
    """How many pairs of pieces of different sources lie on one another."""
    found = 0
    for one, other in product(layout.wires, repeat=2):
        if one.source is other.source:
            continue
        for a, b in product(one.segments(), other.segments()):
            for k in (0, 1):  # vertical ones share an x, horizontal ones a y
                ends = sorted((a[0][1 - k], a[1][1 - k])), sorted((b[0][1 - k], b[1][1 - k]))
                same = a[0][k] == a[1][k] == b[0][k] == b[1][k]
                if same and max(e[0] for e in ends) < min(e[1] for e in ends):
                    found += 1
    return found


def junctions(layout: Layout) -> set[Point]:
    """Where wires of one source part, or join on a bus."""
    found = set()
    for one in layout.wires:
        for other in layout.wires:
            if one.source is other.source and one is not other:
                for (x0, y0), (x1, y1) in other.segments():
                    for point in one.points[:-1]:
                        inside = min(x0, x1) <= point[0] <= max(x0, x1) and min(y0, y1) <= point[
                            1
                        ] <= max(y0, y1)
                        if inside and point not in (*other.points, one.points[0]):
                            found.add(point)
        end = one.points[-1]
        if one.target is None and not layout.leaves(one):
            found.add(end)
    return found
