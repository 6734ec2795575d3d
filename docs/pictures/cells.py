"""The flow of data through one step of a cell, drawn from its equations."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from docs.pictures.cell_crossings import crossings, junctions
from docs.pictures.cell_graph import CellGraph, Part, cell_graph
from docs.pictures.cell_layout import laid_out, straightest
from docs.pictures.cell_plan import HALF, Layout, Point, Wire
from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from rnnspec.reference.network import Network
from rnnspec.reference.symbols import equations

HOP = 5.0
"""The radius of the arc with which a wire passes over another."""
MARGIN = 6.0
WIDTH = 400.0
"""So wide is a picture at least: a small cell is drawn no larger than a large one."""
WORDS = {"hidden": "hidden state", "cell": "cell state", "inputs": "input"}
SIGNS_IN_WORDS = {"×": "a product", "+": "a sum"}
LEAVING = {"hidden": "$h_t$", "cell": "$c_t$"}
CELLS: dict[str, tuple[Network, str]] = {
    "cell-rnn": (Network("rnn", 1, 1), "The simple unit"),
    "cell-lstm": (Network("lstm", 1, 1), "The LSTM"),
    "cell-lstm-peepholes": (Network("lstm", 1, 1, peepholes=True), "The LSTM with peepholes"),
    "cell-lstm-coupled": (Network("lstm", 1, 1, coupled=True), "The LSTM with coupled gates"),
    "cell-gru": (Network("gru", 1, 1, reset="before"), "The GRU, reset before the product"),
    "cell-gru-after": (Network("gru", 1, 1), "The GRU, reset after the product"),
}


def pictures() -> list[Picture]:
    """A picture of each cell."""
    return [_picture(name, network, title) for name, (network, title) in CELLS.items()]


def _picture(name: str, network: Network, title: str) -> Picture:
    graph = cell_graph(network)
    return Picture(name, title, described(graph, network), lambda theme: drawn(graph, theme))


def described(graph: CellGraph, network: Network) -> str:
    """The graph in words, and the equations that it was made of."""
    line = straightest(graph)
    (state,) = (name for name, (entering, _) in graph.leaves.items() if entering is line[0])
    through = [f"the {part.name}" if part.name else SIGNS_IN_WORDS[part.label] for part in line[1:]]
    states = " and ".join(f"the {WORDS[name]}" for name in graph.leaves)
    several = len(graph.leaves) > 1
    blocks = [part.name for part in graph.parts if part.kind == "box"]
    formulas = "; ".join(f"{name} = {formula}" for name, formula in equations(network).items())
    return (
        f"One step of a cell. On the left {states} of the step before "
        f"{'enter' if several else 'enters'}, from below the input; on the right the new "
        f"{'ones leave' if several else 'one leaves'}. The {WORDS[state]} runs straight through, "
        f"by way of {' and '.join(through)}. What has weights: {', '.join(blocks)}. {formulas}."
    )


def drawn(graph: CellGraph, theme: Theme) -> Figure:
    """The figure of a cell; a unit of its coordinates is a point."""
    layout = laid_out(graph)
    xs = [x for wire in layout.wires for x, _ in wire.points]
    ys = [y for wire in layout.wires for _, y in wire.points]
    left, right = min(xs) - 36 - MARGIN, max(xs) + 22 + MARGIN
    bottom, top = min(ys) - 20 - MARGIN, max([*ys, *(y for _, y in layout.at.values())]) + 40
    wider = max(0.0, WIDTH - (right - left)) / 2
    left, right = left - wider, right + wider
    figure = Figure(figsize=((right - left) / 72, (top - bottom) / 72))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(bottom, top))
    axes.set_axis_off()
    hops = crossings(layout)
    for k, whole in enumerate(layout.wires):
        rests = [whole, *(whole.apart(earlier) for earlier in layout.wires[:k])]
        wire = min(rests, key=Wire.length)  # what two share is drawn once
        on_line = wire.source in layout.line and wire.points[0][1] == wire.points[-1][1]
        state = on_line or wire.source in (layout.line[0], layout.line[-1])
        colour = theme.first if state else theme.ink
        width = 3.2 if on_line else 1.4
        over = [point for point, source in hops if source is wire.source]
        arrives = wire.target is not None or layout.leaves(wire)
        path, order = _path(wire, over, 6.0 if arrives else 0.0), 3 if on_line else 2
        axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=order))
        if arrives:
            axes.add_patch(_head(wire, colour, 1.35 if on_line else 1.0))
    for point in sorted(junctions(layout)):
        axes.add_patch(Circle(point, 2.8, color=theme.ink, linewidth=0, zorder=4))
    for part, at in layout.at.items():
        _draw_part(axes, part, at, theme, part in layout.line)
    _draw_ends(axes, layout, theme)
    return figure


def _path(wire: Wire, over: list[Point], short: float) -> Path:
    """The wire with an arc where it passes over another, ending within its arrowhead."""
    points, codes = [wire.points[0]], [Path.MOVETO]
    pieces = list(wire.segments())
    for k, ((x0, y0), (x1, y1)) in enumerate(pieces):
        way = 1 if x1 >= x0 else -1
        if y0 == y1:
            for x, _ in sorted(p for p in over if p[1] == y0 and min(x0, x1) < p[0] < max(x0, x1))[
                ::way
            ]:
                points += [(x - way * HOP, y0), (x - way * HOP, y0 + 1.33 * HOP)]
                points += [(x + way * HOP, y0 + 1.33 * HOP), (x + way * HOP, y0)]
                codes += [Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        if k == len(pieces) - 1:
            length = abs(x1 - x0) + abs(y1 - y0)
            x1, y1 = x1 - short * (x1 - x0) / length, y1 - short * (y1 - y0) / length
        points.append((x1, y1))
        codes.append(Path.LINETO)
    return Path(points, codes)


def _head(wire: Wire, colour: str, scale: float) -> Polygon:
    """An arrowhead whose tip is the end of the wire."""
    (x0, y0), (x, y) = wire.points[-2:]
    length = abs(x - x0) + abs(y - y0)
    u, v = (x - x0) / length, (y - y0) / length
    long, wide = 8.0 * scale, 3.8 * scale
    back = (x - long * u, y - long * v)
    corners = [(back[0] - wide * v, back[1] + wide * u), (back[0] + wide * v, back[1] - wide * u)]
    return Polygon([(x, y), *corners], closed=True, color=colour, linewidth=0, zorder=5)


def _draw_part(axes: Axes, part: Part, at: Point, theme: Theme, on_line: bool) -> None:
    wide, high = HALF[part.kind]
    edge = theme.first if on_line else theme.ink
    if part.kind == "circle":
        axes.add_patch(
            Circle(at, wide, facecolor=theme.surface, edgecolor=edge, linewidth=1.4, zorder=6)
        )
        size = 11.5 if " " in part.label else 16.0
        axes.text(*at, part.label, size=size, ha="center", va="center_baseline", zorder=7)
        return
    rounding = 5.0 if part.kind == "box" else high
    corner = (at[0] - wide + rounding, at[1] - high + rounding)
    gate = part.name.endswith("gate")
    axes.add_patch(
        FancyBboxPatch(
            corner, 2 * (wide - rounding), 2 * (high - rounding), zorder=6,
            boxstyle=f"round,pad={rounding}", facecolor=theme.surface, linewidth=1.4,
            edgecolor=theme.second if gate else edge,
        )
    )  # fmt: skip
    if part.kind == "function":
        axes.text(*at, part.label, size=11.5, ha="center", va="center", zorder=7)
        return
    words = part.name.split(" ")
    lines = [" ".join(words[:-1]), words[-1]] if len(part.name) > 9 else [part.name]
    lines = [line for line in lines if line]
    block = 15.5 + 13.0 * len(lines)
    y = at[1] + block / 2 - 8.0
    axes.text(at[0], y, part.label, size=12.5, ha="center", va="center", zorder=7, weight="bold")
    for k, line in enumerate(lines):
        axes.text(at[0], y - 15.0 - 13.0 * k, line, size=11.5, ha="center", va="center", zorder=7)


def _draw_ends(axes: Axes, layout: Layout, theme: Theme) -> None:
    for name, (enters, leaves) in layout.ends.items():
        entering = layout.graph.leaves[name][0]
        colour = theme.first if entering is layout.line[0] else theme.ink
        text: dict[str, Any] = {"size": 13, "va": "center", "color": colour}
        axes.text(enters[0] - 5, enters[1], entering.label, ha="right", **text)
        axes.text(leaves[0] + 5, leaves[1], LEAVING[name], ha="left", **text)
        axes.text(enters[0] - 36, enters[1] + 15, WORDS[name], size=11.5, ha="left", color=colour)
    (x,) = (p for p in layout.graph.parts if p.kind == "input")
    start = next(wire.points[0] for wire in layout.wires if wire.source is x)
    axes.text(start[0], start[1] - 5, x.label, size=13, ha="center", va="top")
    axes.text(start[0] + 14, start[1] - 5, WORDS["inputs"], size=11.5, ha="left", va="top")
