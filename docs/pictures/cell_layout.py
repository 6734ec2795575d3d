"""Where the parts of a cell stand.

The state whose way through the step is straightest is a line from left to right, on top. Blocks
stand side by side below it, in the order that makes wires cross least (all orders are tried), and
what is computed from them stands between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from docs.pictures.cell_crossings import covered, crossings, overlapping
from docs.pictures.cell_graph import CellGraph, Part
from docs.pictures.cell_plan import PITCH, ROW, Layout
from docs.pictures.cell_wires import route


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
                route(layout)
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
        if (
            part not in line
            and part.kind != "box"
            and any(each in after or each is line[-1] for each in part.reads)
        ):
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
        x = max([x + 0.6 * PITCH, *below])
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


def _cost(layout: Layout) -> tuple[float, ...]:
    length = sum(wire.length() for wire in layout.wires)
    top = layout.at[layout.line[-1]][1]
    return len(covered(layout)) + overlapping(layout), len(crossings(layout)), top, length
