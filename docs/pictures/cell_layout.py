"""Where the parts of a cell stand, and how its wires run.

The state whose way through the step is straightest is a line from left to right, on top. Blocks
stand side by side below it, in the order that makes wires cross least (all orders are tried), and
what is computed from them stands between. Other states and the input come along a bus from below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations, product

from docs.pictures.cell_graph import CellGraph, Part

Point = tuple[float, float]
PITCH, ROW = 80.0, 56.0
"""The distance of two columns, and of two rows, in points."""
HALF = {"box": (36.0, 29.0), "function": (22.0, 12.0), "circle": (13.0, 13.0)}
"""Half the width and height of a part."""
BUS, INPUT_BUS = -58.0, -78.0
"""How far below the middle of the blocks the buses run."""
BEFORE, AFTER, ROOM = 62.0, 34.0, 58.0
"""From the first column to where states enter, from the last part to where they leave; and what
there must be for a label beside a part on the line."""
CLEAR = 4.0
"""How far a wire keeps from a part that it passes."""
FOOT = 27.0
"""How far left of a block's middle something enters it from above."""


@dataclass(frozen=True)
class Wire:
    """A line with corners, from what is computed to what reads it."""

    source: Part
    points: tuple[Point, ...]
    target: Part | None = None
    """None where it leaves the cell."""

    def segments(self) -> Iterator[tuple[Point, Point]]:
        """Its straight pieces."""
        return zip(self.points, self.points[1:], strict=False)


@dataclass
class Layout:
    """Parts at points, and the wires between them."""

    graph: CellGraph
    line: tuple[Part, ...]
    """The parts on the straight line, in their order; the state enters first."""
    at: dict[Part, Point] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    ends: dict[str, tuple[Point, Point]] = field(default_factory=dict)
    """Of each state, where it enters and where it leaves."""

    def edge(self, part: Part, x: int, y: int) -> Point:
        """The middle of a side of a part: -1 or 1 in one of the two directions."""
        half = HALF[part.kind]
        return self.at[part][0] + x * half[0], self.at[part][1] + y * half[1]


def laid_out(graph: CellGraph) -> Layout:
    """The best of all orders of the blocks, and of all rows for what stands above them."""
    line = straightest(graph)
    blocks = [p for p in graph.parts if p.kind == "box" and p not in line]
    after = _after(graph, line)
    between = [
        p for p in graph.parts if p.kind in ("circle", "function") and p not in {*line, *after}
    ]
    found: list[tuple[tuple[float, ...], Layout]] = []
    for order in permutations(blocks):
        for rows in product((1, 2), repeat=len(between)):
            layout = Layout(graph, line)
            if _place(layout, order, dict(zip(between, rows, strict=True)), after):
                _route(layout)
                found.append((_cost(layout), layout))
    return min(found, key=lambda each: each[0])[1]


def straightest(graph: CellGraph) -> tuple[Part, ...]:
    """The longest way of a state to itself, through arithmetic only where there is such a way."""
    found = []
    for entering, leaving in graph.leaves.values():
        for way in _ways(graph, entering, leaving):
            through = all(part.kind == "circle" for part in way[1:])
            found.append((through, len(way), way))
    return max(found, key=lambda each: each[:2])[2]


def _ways(graph: CellGraph, start: Part, end: Part) -> Iterator[tuple[Part, ...]]:
    if start is end:
        yield (end,)
        return
    for reader in graph.readers(start):
        for rest in _ways(graph, reader, end):
            yield (start, *rest)


def _after(graph: CellGraph, line: Sequence[Part]) -> list[Part]:
    """What follows from the end of the line without weights, and is not on it."""
    after: list[Part] = []
    for part in graph.parts:
        if part not in line and part.kind != "box" and any(each in after or each is line[-1] for each in part.reads):
            after.append(part)
    return after


def _place(
    layout: Layout, order: Sequence[Part], rows: dict[Part, int], after: Sequence[Part]
) -> bool:
    """Put every part somewhere; False where something would flow back, or two stand in a place."""
    at = layout.at
    for k, block in enumerate(order):
        at[block] = (k * PITCH, 0.0)
    for part in layout.graph.parts:
        if part in rows:
            x = max((at[each][0] for each in part.reads if each in at), default=0.0)
            alone = len(part.reads) == 1
            at[part] = (x + alone * 0.4 * PITCH, rows[part] * ROW)
    top = (1 + max([1, *rows.values()]) if order else 0) * ROW
    top += ROW / 2 if after else 0
    x = -PITCH
    for part in layout.line[1:]:
        below = [at[each][0] for each in part.reads if each in at and each not in layout.line]
        x = max([x + 0.7 * PITCH, *below])
        at[part] = (x, top)
    for k, part in enumerate(after):
        beside = [at[each][0] for each in part.reads if each in order]
        reader = layout.graph.readers(part)
        if not beside:
            beside = [at[b][0] for r in reader for b in r.reads if b in order] or [x]
        x = max(x + 0.7 * PITCH if k == 0 else x, *beside)
        at[part] = (x, top - (k + 1) * ROW)
    for part, (x, _) in at.items():
        for read in part.reads:
            if read in at and at[read][0] > x:
                return False
    return len(set(at.values())) == len(at)


def _route(layout: Layout) -> None:
    graph, line, at = layout.graph, layout.line, layout.at
    left = min(x for x, _ in at.values()) - BEFORE
    left = min(left, layout.edge(line[1] if len(line) > 1 else line[0], -1, 0)[0] - ROOM)
    right = max(x + HALF[part.kind][0] for part, (x, _) in at.items()) + AFTER
    bottom = BUS if any(p not in line and p.kind == "box" for p in at) else -ROW
    top = at[line[-1]][1]
    for name, (entering, leaving) in graph.leaves.items():
        y = top if entering is line[0] else bottom
        layout.ends[name] = ((left, y), (right, y))
        if leaving in line:
            layout.wires.append(Wire(leaving, (layout.edge(leaving, 1, 0), (right, y))))
        else:
            x, middle = layout.edge(leaving, 1, 0)
            turn = right - AFTER / 2 - 3.0
            layout.wires.append(Wire(leaving, ((x, middle), (turn, middle), (turn, y), (right, y))))
    _route_sources(layout, left, bottom)
    for part in at:
        for read in part.reads:
            if read in at:
                layout.wires.append(Wire(read, _way(layout, read, part), part))


def _route_sources(layout: Layout, left: float, bottom: float) -> None:
    """From the states that enter, and from the input, to all that read them."""
    graph, line, at = layout.graph, layout.line, layout.at
    top = at[line[-1]][1]
    sources = [p for p in graph.parts if p.kind in ("state", "input")]
    (x,) = (p for p in sources if p.kind == "input")
    joined = [p for p in sources if p not in (x, line[0]) and _alike(graph, p, x)]
    for source in sources:
        if source in joined:
            continue
        on_line = source is line[0]
        if on_line:
            layout.wires.append(
                Wire(source, ((left, top), layout.edge(line[1], -1, 0)), line[1])
            )
        readers = [r for r in graph.readers(source) if not (on_line and r is line[1])]
        for reader in readers:
            layout.wires.append(
                Wire(source, _bus(layout, source, reader, left, bottom, bool(joined)), reader)
            )
    for source in joined:
        layout.wires.append(Wire(source, ((left, bottom), (left + 34.0, bottom))))


def _alike(graph: CellGraph, one: Part, other: Part) -> bool:
    """Whether the same blocks read both: then they come along one bus."""
    return set(graph.readers(one)) == set(graph.readers(other))


def _bus(
    layout: Layout, source: Part, reader: Part, left: float, bottom: float, joined: bool
) -> tuple[Point, ...]:
    top = layout.at[layout.line[-1]][1]
    x, y = layout.at[reader]
    feet = [r for r in reader.reads if r.kind == "input" or _from_below(layout, r)]
    if reader in layout.line:
        return ((x, bottom - 24.0), layout.edge(reader, 0, -1))
    if source.kind == "input":
        foot = x if joined or len(feet) == 1 else x + 13.0
        level, start = (bottom, left + 34.0) if joined else (INPUT_BUS, left + 34.0)
        entry = ((start, INPUT_BUS - 22.0),)
        return (*entry, (start, level), (foot, level), (foot, layout.edge(reader, 0, -1)[1]))
    foot = x if len(feet) == 1 else x - 13.0
    if not _from_below(layout, source):
        drop, foot, head = layout.at[layout.line[1]][0] - FOOT, x - FOOT, y + HALF["box"][1]
        if foot == drop:
            return ((left, top), (drop, top), (drop, head))
        level = top - ROW / 2
        return ((left, top), (drop, top), (drop, level), (foot, level), (foot, head))
    if source is layout.line[0]:
        drop = left + 14.0
        if reader.kind == "box":
            ends = ((drop, bottom), (foot, bottom), (foot, layout.edge(reader, 0, -1)[1]))
            return ((left, top), (drop, top), *ends)
        return ((left, top), (drop, top), (drop, y), layout.edge(reader, -1, 0))
    return ((left, bottom), (foot, bottom), (foot, layout.edge(reader, 0, -1)[1]))


def _from_below(layout: Layout, source: Part) -> bool:
    """Whether a state comes along the bus: the one on the line does where no other needs it."""
    return source.kind == "state" and (
        source is not layout.line[0] or len(layout.graph.leaves) == 1
    )


def _way(layout: Layout, read: Part, part: Part) -> tuple[Point, ...]:
    """Straight where that is possible, else with a corner or two."""
    (x, y), (to, height) = layout.at[read], layout.at[part]
    if x == to:
        up = 1 if height > y else -1
        return (layout.edge(read, 0, up), layout.edge(part, 0, -up))
    if y == height:
        return (layout.edge(read, 1, 0), layout.edge(part, -1, 0))
    if part.kind == "box":
        return (layout.edge(read, 1, 0), (to - FOOT, y), (to - FOOT, layout.edge(part, 0, 1)[1]))
    if read in layout.line:  # from the line, down to what follows
        return ((layout.edge(read, 1, 0)), (to, y), layout.edge(part, 0, 1))
    up = 1 if height > y else -1
    return (layout.edge(read, 0, up), (x, height), layout.edge(part, -1, 0))


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


def _cost(layout: Layout) -> tuple[float, ...]:
    length = sum(
        abs(x1 - x0) + abs(y1 - y0)
        for wire in layout.wires
        for (x0, y0), (x1, y1) in wire.segments()
    )
    top = layout.at[layout.line[-1]][1]
    return len(covered(layout)) + overlapping(layout), len(crossings(layout)), top, length
