"""Which output sees which input."""

from __future__ import annotations

from matplotlib.figure import Figure

from docs.pictures.chart import axes_of
from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from docs.pictures.tracing import ancestors, trace
from rnnspec.reference.network import Network, plural

STEPS = 5
NETWORKS = tuple(
    Network("rnn", 1, 1, layers=layers, direction=direction)
    for layers in (1, 2)
    for direction in ("forward", "both")
)


def reach(network: Network, steps: int = STEPS) -> dict[str, list[set[int]]]:
    """Of each direction, the steps of the inputs that its output at each step is computed from."""
    rows = trace(network, steps).outputs
    return {
        direction: [
            {each.name[1] for each in ancestors(row[k]) if _is_input(each.name)} for row in rows
        ]
        for k, direction in enumerate(network.directions)
    }


def _is_input(name: object) -> bool:
    return isinstance(name, tuple) and name[0] == "inputs"


def title(network: Network) -> str:
    """What a network is, where nothing but its directions and layers matters."""
    directions = "one direction" if network.direction == "forward" else "two directions"
    return f"{directions}, {plural(network.layers, 'layer')}"


def picture() -> Picture:
    """Four matrices of dots."""
    said = "; ".join(f"{title(each)}: {_said(each)}" for each in NETWORKS)
    alternative = (
        f"Four matrices of {STEPS} outputs by {STEPS} inputs, in which a dot says that an output "
        f"is computed from an input: its left half that the forward pass of the topmost layer is, "
        f"its right half that the backward pass is. {said[0].upper()}{said[1:]}."
    )
    return Picture("reach", "Which output sees which input", alternative, drawn)


def _said(network: Network) -> str:
    parts = []
    for direction, seen in reach(network).items():
        everything = set(range(STEPS))
        if all(each == everything for each in seen):
            what = "sees all inputs"
        elif all(each == set(range(t + 1)) for t, each in enumerate(seen)):
            what = "sees the inputs up to its own step"
        elif all(each == set(range(t, STEPS)) for t, each in enumerate(seen)):
            what = "sees the inputs from its own step on"
        else:
            what = "sees " + ", ".join(str(sorted(each)) for each in seen)
        parts.append(f"{direction}, each output {what}")
    return "; ".join(parts)


def drawn(theme: Theme) -> Figure:
    """A matrix for each network; time runs to the right and upwards."""
    figure, axes = axes_of(theme, 430, 460, rows=2, columns=2)
    for at, network in zip(axes, NETWORKS, strict=True):
        seen = reach(network)
        for t in range(STEPS):
            for s in range(STEPS):
                if not any(s in rows[t] for rows in seen.values()):
                    at.plot(s, t, "o", markersize=3, color=theme.faint)
                for direction, colour, side in (
                    ("forward", theme.first, "left"),
                    ("backward", theme.second, "right"),
                ):
                    if direction in seen and s in seen[direction][t]:
                        at.plot(
                            s, t, "o", markersize=15, fillstyle=side, markeredgewidth=0,
                            markerfacecolor=colour, markerfacecoloralt="none",
                        )  # fmt: skip
        at.set_title(title(network).replace(", ", ",\n"))
        at.set_xlim(-0.6, STEPS - 0.4)
        at.set_ylim(-0.6, STEPS - 0.4)
        at.set_aspect("equal")
        at.set_xticks(range(STEPS), [f"$x_{t + 1}$" for t in range(STEPS)])
        at.set_yticks(range(STEPS), [f"$y_{t + 1}$" for t in range(STEPS)])
        at.tick_params(length=0)
        for spine in at.spines.values():
            spine.set_visible(False)
    handles = [
        axes[0].plot([], [], "o", markersize=12, fillstyle=side, markeredgewidth=0,
                     markerfacecolor=colour, markerfacecoloralt="none", label=label)[0]
        for label, colour, side in (
            ("seen by the forward pass", theme.first, "left"),
            ("by the backward pass", theme.second, "right"),
        )
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=2, handletextpad=0.2)
    return figure
