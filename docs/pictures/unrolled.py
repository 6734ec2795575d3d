"""Networks unrolled over time, with an arrow for everything that a step really reads."""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from docs.pictures.tracing import Node, Tracing, trace
from rnnspec.reference.network import Network, plural

STEPS = 4
NETWORKS: dict[str, tuple[Network, str]] = {
    "unrolled": (Network("rnn", 1, 1), "A recurrent layer, unrolled"),
    "deep": (Network("rnn", 1, 1, layers=3), "A deep network, unrolled"),
    "bidirectional": (Network("rnn", 1, 1, direction="both"), "A bidirectional layer, unrolled"),
}


class Spot(NamedTuple):
    """What is drawn as one thing: an input, an initial state, a cell at a step, or an output."""

    kind: str
    """``input``, ``initial``, ``cell`` or ``output``."""
    layer: int
    direction: str
    step: int
    """Of an initial state, the step before the first, or after the last."""


class Unrolled(NamedTuple):
    """The spots of an unrolled network, and who reads whom."""

    spots: tuple[Spot, ...]
    reads: tuple[tuple[Spot, Spot], ...]
    """Pairs: what is read, and what reads it."""


def unrolled(network: Network, steps: int = STEPS) -> Unrolled:
    """What each step reads, found in the trace of the unrolling.

    A cell at a step is the hidden state that it computes; what it reads are the first such states,
    inputs and initial states on the way back.
    """
    tracing, spots = Tracing(), {}
    for layer in range(network.layers):
        rows = trace(_first_layers(network, layer + 1), steps, tracing).outputs
        for t, row in enumerate(rows):
            for direction, node in zip(network.directions, row, strict=True):
                spots[node] = Spot("cell", layer, direction, t)
    for node in tracing.nodes.values():
        leaf = _leaf(node, network, steps)
        if leaf:
            spots[node] = leaf
    reads = [(spots[each], spot) for node, spot in spots.items() for each in _read(node, spots)]
    top = network.layers - 1
    outputs = [Spot("output", top, "", t) for t in range(steps)]
    for t, row in enumerate(rows):
        reads += [(spots[node], outputs[t]) for node in row]
    return Unrolled((*spots.values(), *outputs), tuple(reads))


def _first_layers(network: Network, layers: int) -> Network:
    return Network(network.cell, 1, 1, layers=layers, direction=network.direction)


def _leaf(node: Node, network: Network, steps: int) -> Spot | None:
    if node.operation != "leaf" or len(node.name) != 2:
        return None
    what, index = node.name
    if what == "inputs":
        return Spot("input", -1, "", index)
    layer, k = divmod(index, len(network.directions))
    direction = network.directions[k]
    return Spot("initial", layer, direction, -1 if direction == "forward" else steps)


def _read(node: Node, spots: dict[Node, Spot]) -> list[Node]:
    """The nearest spots on the way back from a node, each once."""
    found: dict[Node, None] = {}
    pending = list(node.operands)
    while pending:
        each = pending.pop(0)
        if each in spots:
            found[each] = None
        else:
            pending.extend(each.operands)
    return list(found)


def pictures() -> list[Picture]:
    """One direction, several layers, two directions."""
    return [_picture(name, network, title) for name, (network, title) in NETWORKS.items()]


def _picture(name: str, network: Network, title: str) -> Picture:
    found = unrolled(network)
    return Picture(name, title, described(network, found), lambda theme: drawn(found, theme))


def described(network: Network, found: Unrolled) -> str:
    """What the cells of the last layer read at the second step, in words."""
    directions = "one direction" if len(network.directions) == 1 else "two directions"
    layers = plural(network.layers, "layer")
    said = [f"{STEPS} steps of {layers} in {directions}, side by side."]
    for layer in range(network.layers):
        for direction in network.directions:
            cell = Spot("cell", layer, direction, 1)
            read = [_named(each) for each, reader in found.reads if reader == cell]
            where = f"the {direction} cell" if len(network.directions) > 1 else "the cell"
            said.append(f"At step 2, {where} of layer {layer + 1} reads {' and '.join(read)}.")
    given = [_named(each) for each, reader in found.reads if reader.kind == "output"]
    first = given[: len(network.directions)]
    said.append(f"The output at step 1 is {' and '.join(first)}.")
    return " ".join(said)


def _named(spot: Spot) -> str:
    if spot.kind == "input":
        return f"the input at step {spot.step + 1}"
    if spot.kind == "initial":
        return f"the initial state of layer {spot.layer + 1}"
    return f"the {spot.direction} state of layer {spot.layer + 1} at step {spot.step + 1}"


# ---- drawing

ACROSS, UP = 100.0, 62.0
SIZES = {"cell": (23.0, 16.0), "input": (13.0, 11.0), "output": (13.0, 11.0), "initial": (13.0, 11.0)}
"""Half the width and height of a spot."""


def drawn(found: Unrolled, theme: Theme) -> Figure:
    """Time runs to the right, layers stand on one another, a second direction beside the first."""
    both = any(spot.direction == "backward" for spot in found.spots)
    at = {spot: place(spot, both) for spot in found.spots}
    left, right = min(x for x, _ in at.values()) - 22, max(x for x, _ in at.values()) + 22
    bottom, top = min(y for _, y in at.values()) - 18, max(y for _, y in at.values()) + 18
    if not both:
        right = max(right, at[found.spots[-1]][0] + 40)
    figure = Figure(figsize=((right - left) / 72, (top - bottom) / 72))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(bottom, top))
    axes.set_axis_off()
    for read, reader in found.reads:
        over_time = read.kind in ("cell", "initial") and reader.kind == "cell"
        over_time = over_time and read.layer == reader.layer
        colour = theme.ink
        if over_time:
            colour = theme.first if reader.direction == "forward" else theme.second
        _arrow(axes, at[read], SIZES[read.kind], at[reader], SIZES[reader.kind], colour, over_time)
    for spot, point in at.items():
        _draw(axes, spot, point, theme)
    return figure


def place(spot: Spot, both: bool) -> tuple[float, float]:
    """Where a spot stands, in points."""
    shift = {"forward": -24.0, "backward": 24.0}.get(spot.direction, 0.0) if both else 0.0
    rows = 2 if both else 1
    row = spot.layer * rows + (spot.direction == "backward")
    if spot.kind == "output":
        row += rows
    x = spot.step * ACROSS + shift
    if spot.kind == "initial":
        x += 28.0 if spot.direction == "forward" else -28.0
    return x, row * UP


def _arrow(
    axes: Axes,
    start: tuple[float, float],
    start_half: tuple[float, float],
    end: tuple[float, float],
    end_half: tuple[float, float],
    colour: str,
    over_time: bool,
) -> None:
    """From the side of one spot to the side of another: along time, or upwards."""
    if over_time:
        way = 1 if end[0] > start[0] else -1
        tail, head = (start[0] + way * start_half[0], start[1]), (end[0] - way * end_half[0], end[1])
    else:
        tail, head = (start[0], start[1] + start_half[1]), (end[0], end[1] - end_half[1])
    axes.add_patch(
        FancyArrowPatch(
            tail, head, arrowstyle="-|>,head_length=4.5,head_width=2.6", shrinkA=0, shrinkB=0,
            mutation_scale=1.6, color=colour, linewidth=2.4 if over_time else 1.3, joinstyle="miter",
        )
    )  # fmt: skip


def _draw(axes: Axes, spot: Spot, at: tuple[float, float], theme: Theme) -> None:
    step = spot.step + 1
    if spot.kind != "cell":
        label = {"input": f"$x_{step}$", "output": f"$y_{step}$", "initial": "$h_0$"}[spot.kind]
        axes.text(*at, label, size=13, ha="center", va="center")
        return
    wide, high = SIZES["cell"]
    colour = theme.first if spot.direction == "forward" else theme.second
    axes.add_patch(
        FancyBboxPatch(
            (at[0] - wide + 5, at[1] - high + 5), 2 * wide - 10, 2 * high - 10,
            boxstyle="round,pad=5", facecolor=theme.surface, edgecolor=colour, linewidth=1.6,
        )
    )  # fmt: skip
    sign = {"forward": "", "backward": r"\overleftarrow"}[spot.direction]
    layer = f"^{{({spot.layer + 1})}}" if spot.layer or spot.kind == "deep" else ""
    axes.text(*at, f"${sign}{{h}}{layer}_{step}$", size=13, ha="center", va="center")
