"""A cell state over time: written, kept, forgotten, as the gates have it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from docs.pictures.chart import axes_of, marked
from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from docs.pictures.tracing import Node, ancestors, evaluate, trace
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll

NETWORK = Network("lstm", inputs=4, units=1, biases="input")
STEPS = 24
OPEN, SHUT = 6.0, -6.0
WEIGHTS = {"input": 0, "forget": 1, "output": 2, "candidate": 3}
"""Which input each block listens to, and to no other: so the inputs say what the gates do."""
WRITES, FORGETS, SHOWS = (3, 4), (14, 15, 16), (*range(8, 12), *range(20, 23))
SECOND = (18,)
"""The steps at which the inputs ask for it."""


class Story(NamedTuple):
    """What happens, step by step."""

    gates: dict[str, Array]
    cell: Array
    hidden: Array


def case() -> Case:
    """A network of one unit, and inputs that steer it."""
    weights = {place: np.zeros(shape) for place, shape in NETWORK.places()}
    for block, at in WEIGHTS.items():
        scale = 2.0 if block == "candidate" else OPEN - SHUT
        weights[Place(0, "forward", block, "input")][0, at] = scale
    for block, bias in {"input": SHUT, "forget": OPEN, "output": SHUT}.items():
        weights[Place(0, "forward", block, "input_bias")][:] = bias
    inputs = np.zeros((STEPS, 1, NETWORK.inputs))
    inputs[[*WRITES, *SECOND], 0, WEIGHTS["input"]] = 1.0
    inputs[list(WRITES), 0, WEIGHTS["candidate"]] = 0.5
    inputs[list(SECOND), 0, WEIGHTS["candidate"]] = -0.4
    inputs[list(FORGETS), 0, WEIGHTS["forget"]] = -0.52
    inputs[list(SHOWS), 0, WEIGHTS["output"]] = 1.0
    return Case(NETWORK, weights, inputs)


def story() -> Story:
    """The reference's run, each step from the states before it, and the gates on the way."""
    whole, graph = case(), trace(NETWORK)
    gates = {
        _block(node): node
        for node in ancestors(*graph.outputs[0], *graph.states["cell"])
        if node.operation == "expit"
    }
    found: dict[str, list[Array]] = {name: [] for name in (*gates, "cell", "hidden")}
    states: dict[str, Array] = {}
    for t in range(STEPS):
        step = whole.changed(inputs=whole.inputs[t : t + 1], states=states)
        for name, value in zip(gates, evaluate(list(gates.values()), step), strict=True):
            found[name].append(value)
        states = dict(unroll(step).states)
        for name, state in states.items():
            found[name].append(state)
    arrays = {name: np.asarray(values).reshape(STEPS) for name, values in found.items()}
    return Story({name: arrays[name] for name in gates}, arrays["cell"], arrays["hidden"])


def _block(node: Node) -> str:
    """The block of a gate: that of the weights it is computed from."""
    places = [n.name for n in ancestors(node) if isinstance(n.name, Place)]
    return str(places[0].block)


def picture() -> Picture:
    """The run, and what to see in it."""
    told = story()
    c = told.cell
    alternative = (
        f"A cell state over {STEPS} steps of an LSTM with one unit, with its hidden state and its "
        f"gates. It starts at 0. At steps {_steps(WRITES)} the input gate opens, and the cell "
        f"state rises to {c[WRITES[-1]]:.2f}. While the forget gate stays near 1 and the input "
        f"gate near 0 it is kept: at step {FORGETS[0]} it is {c[FORGETS[0] - 1]:.2f}. At steps "
        f"{_steps(FORGETS)} the forget gate falls to {told.gates['forget'][FORGETS[0]]:.2f}, and "
        f"the cell state to {c[FORGETS[-1]]:.2f}. Step {_steps(SECOND)} writes again, to "
        f"{c[SECOND[-1]]:.2f}. The hidden state follows only while the output gate is open."
    )
    return Picture("cell-state-over-time", "A cell state over time", alternative, drawn)


def _steps(steps: tuple[int, ...]) -> str:
    first, last = steps[0] + 1, steps[-1] + 1
    return str(first) if first == last else f"{first} to {last}"


def drawn(theme: Theme) -> Figure:
    """The states above, and a strip for each gate below."""
    told, names = story(), ("input", "forget", "output")
    figure, (above, *strips) = axes_of(theme, 430, 400, rows=4, heights=(4, 1, 1, 1), sharex=True)
    steps = np.arange(1, STEPS + 1)
    above.axhline(0, color=theme.ink, linewidth=0.8)
    above.plot(steps, told.cell, "o-", color=theme.first, markersize=4)
    above.plot(steps, told.hidden, "s--", color=theme.second, markersize=4)
    marked(above, 6.0, 1.78, "cell state", theme.first)
    marked(above, 10.5, 1.16, "hidden state", theme.second, "center")
    for at, word in (
        (WRITES, "write"),
        (SHOWS[:4], "keep"),
        (FORGETS, "forget"),
        (SECOND, "write"),
    ):
        middle = (at[0] + at[-1]) / 2 + 1
        above.text(middle, 2.3, word, ha="center", va="center")
        if word != "keep":
            for axes in (above, *strips):
                axes.axvspan(at[0] + 0.5, at[-1] + 1.5, color=theme.surface, linewidth=0, zorder=0)
    above.set_ylim(-0.95, 2.55)
    above.set_yticks([0, 1])
    above.set_xlim(0.5, STEPS + 0.5)
    for axes, name in zip(strips, names, strict=True):
        axes.bar(steps, told.gates[name], width=0.82, color=theme.third)
        axes.set_ylim(0, 1.05)
        axes.set_yticks([0, 1])
        axes.set_title(f"{name} gate", pad=3)
    strips[-1].set_xlabel("step")
    strips[-1].set_xticks([1, *range(4, STEPS + 1, 4)])
    return figure
