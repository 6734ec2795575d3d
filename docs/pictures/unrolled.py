"""Networks unrolled over time, with an arrow for everything that a step really reads."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from docs.pictures.unrolled_graph import Spot, Unrolled, unrolled
from rnnspec.reference.network import Network, plural

STEPS = 4
NETWORKS: dict[str, tuple[Network, str]] = {
    "unrolled": (Network("rnn", 1, 1), "A recurrent layer, unrolled"),
    "deep": (Network("rnn", 1, 1, layers=3), "A deep network, unrolled"),
    "bidirectional": (Network("rnn", 1, 1, direction="both"), "A bidirectional layer, unrolled"),
}


def pictures() -> list[Picture]:
    """One direction, several layers, two directions."""
    return [_picture(name, network, title) for name, (network, title) in NETWORKS.items()]


def _picture(name: str, network: Network, title: str) -> Picture:
    found = unrolled(network, STEPS)
    return Picture(name, title, described(network, found), lambda theme: drawn(found, theme))


def described(network: Network, found: Unrolled) -> str:
    """What the cells of the last layer read at the second step, in words."""
    directions = "one direction" if len(network.directions) == 1 else "two directions"
    layers = plural(network.layers, "layer")
    said = [f"{STEPS} steps of {layers} in {directions}, from left to right."]
    for layer in range(network.layers):
        for direction in network.directions:
            cell = Spot("cell", layer, direction, 1)
            read = [_named(each, _both(found)) for each, reader in found.reads if reader == cell]
            where = f"the {direction} cell" if _both(found) else "the cell"
            said.append(f"At step 2, {where} of layer {layer + 1} reads {' and '.join(read)}.")
    given = [_named(each, _both(found)) for each, reader in found.reads if reader.kind == "output"]
    first = given[: len(network.directions)]
    said.append(f"The output at step 1 is {' and '.join(first)}.")
    return " ".join(said)


def _both(found: Unrolled) -> bool:
    return any(spot.direction == "backward" for spot in found.spots)


def _named(spot: Spot, both: bool) -> str:
    if spot.kind == "input":
        return f"the input at step {spot.step + 1}"
    if spot.kind == "initial":
        return f"the initial state of layer {spot.layer + 1}"
    direction = f"{spot.direction} " if both else ""
    return f"the {direction}state of layer {spot.layer + 1} at step {spot.step + 1}"


# ---- drawing

ACROSS, CLOSER, UP = 100.0, 84.0, 62.0
"""The distance of two steps, in one direction and in two; and of two layers."""
BEFORE = 60.0
"""From an initial state to the first cell that reads it."""
SIZES = {
    "cell": (23.0, 16.0),
    "input": (13.0, 11.0),
    "output": (13.0, 11.0),
    "initial": (17.0, 11.0),
}
"""Half the width and height of a spot."""


def drawn(found: Unrolled, theme: Theme) -> Figure:
    """Time runs to the right, layers stand on one another, a second direction beside the first."""
    both = _both(found)
    at = {spot: place(spot, both) for spot in found.spots}
    left, right = min(x for x, _ in at.values()) - 19, max(x for x, _ in at.values()) + 19
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
        _draw(axes, spot, point, theme, any(each.layer > 0 for each in at))
    for spot in (Spot("input", -1, "", 0), found.spots[-STEPS]):
        x = min(x for x, _ in at.values()) - SIZES["initial"][0]
        axes.text(x, at[spot][1], f"{spot.kind}s", ha="left", va="center", size=11.5)
    for spot, (x, y) in at.items():
        if both and spot.kind == "initial":
            back = spot.direction == "backward"
            align, aside = ("right", 1) if back else ("left", -1)
            axes.text(
                x + aside * SIZES["initial"][0], y + 24, spot.direction, ha=align, va="center",
                size=11.5, color=theme.second if back else theme.first,
            )  # fmt: skip
    return figure


def place(spot: Spot, both: bool) -> tuple[float, float]:
    """Where a spot stands, in points."""
    shift = {"forward": -24.0, "backward": 24.0}.get(spot.direction, 0.0) if both else 0.0
    rows = 2 if both else 1
    row = spot.layer * rows + (spot.direction == "backward")
    if spot.kind == "output":
        row += rows
    across = CLOSER if both else ACROSS
    x = spot.step * across + shift
    if spot.kind == "initial":
        x += (across - BEFORE) * (1 if spot.direction == "forward" else -1)
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
        tail, head = (
            (start[0] + way * start_half[0], start[1]),
            (end[0] - way * end_half[0], end[1]),
        )
    else:
        aside = 5.0 * ((end[0] > start[0]) - (end[0] < start[0]))  # two meet at one spot
        tail = (start[0] + aside * (start_half == SIZES["input"]), start[1] + start_half[1])
        head = (end[0] - aside * (end_half == SIZES["output"]), end[1] - end_half[1])
    axes.add_patch(
        FancyArrowPatch(
            tail, head, arrowstyle="-|>,head_length=4.5,head_width=2.6", shrinkA=0, shrinkB=0,
            mutation_scale=1.6, color=colour, linewidth=2.4 if over_time else 1.3,
            joinstyle="miter",
        )
    )  # fmt: skip


def _draw(axes: Axes, spot: Spot, at: tuple[float, float], theme: Theme, deep: bool) -> None:
    step = spot.step + 1
    if spot.kind != "cell":
        letters = {"input": f"$x_{step}$", "output": f"$y_{step}$"}
        axes.text(
            *at, letters.get(spot.kind) or _state(spot, 0, deep), size=13, ha="center", va="center"
        )
        return
    wide, high = SIZES["cell"]
    colour = theme.first if spot.direction == "forward" else theme.second
    axes.add_patch(
        FancyBboxPatch(
            (at[0] - wide + 5, at[1] - high + 5), 2 * wide - 10, 2 * high - 10,
            boxstyle="round,pad=5", facecolor=theme.surface, edgecolor=colour, linewidth=1.6,
        )
    )  # fmt: skip
    axes.text(*at, _state(spot, step, deep), size=13, ha="center", va="center")


def _state(spot: Spot, step: int, deep: bool) -> str:
    """A hidden state as a formula, with an arrow where it looks back and its layer if there are
    several.
    """
    letter = "h" if spot.direction == "forward" else r"\overleftarrow{h}"
    layer = f"^{{({spot.layer + 1})}}" if deep else ""
    return f"${letter}{layer}_{step}$"
