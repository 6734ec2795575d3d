"""How the wires of a cell run, once its parts stand somewhere.

States enter on the left and leave on the right. What does not come along the straight line comes
along a bus below the blocks, the input on one of its own unless the same blocks read both.
"""

from __future__ import annotations

from docs.pictures.cell_graph import CellGraph, Part
from docs.pictures.cell_plan import (
    AFTER,
    BEFORE,
    BUS,
    FOOT,
    HALF,
    INPUT_BUS,
    ROOM,
    ROW,
    Layout,
    Point,
    Wire,
)


def route(layout: Layout) -> None:
    """Every wire of a layout whose parts are placed."""
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
            layout.wires.append(Wire(source, ((left, top), layout.edge(line[1], -1, 0)), line[1]))
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
