"""Cells over time, in directions, on top of one another: the forward pass, once for all readings.

Every argument that is an array of numbers is ``(T, B, ...)``. The reading (``read``) says what the
numbers are; *anchors* are the outputs that an implementation returned, and with them each step of
the top layer starts from the state that the implementation itself had, not from the reference's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.cells import step
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import VALUES, Array, join, select, stack


class Reading(Protocol):
    """An interpretation, as far as it concerns the leaves; see ``operations`` for the rest."""

    def given(self, array: Array) -> Any:
        """Wrap an array that an implementation is given."""

    def seen(self, array: Array) -> Any:
        """Wrap an array that an implementation returned."""


def unroll(case: Case, read: Reading = VALUES, anchors: Array | None = None) -> Answer:
    """Run the network of a case: ``outputs (T, B, D * H)`` and final states ``(L * D, B, H)``.

    Outputs past the end of a row are zero; its final states are those after its last valid step
    (first, for the backward direction). ``anchors`` are outputs of the same shape.
    """
    network = case.network
    below = read.given(case.inputs)
    finals: dict[str, list[Any]] = {name: [] for name in network.states}
    with np.errstate(all="ignore"):  # NaN may stand in the padding, and infinity beyond the range
        for layer in range(network.layers):
            halves = []
            for k, direction in enumerate(network.directions):
                top = anchors is not None and layer == network.layers - 1
                part = slice(k * network.units, (k + 1) * network.units)
                seen = anchors[..., part] if top and anchors is not None else None
                outputs, states = _one(case, read, layer, direction, below, seen)
                halves.append(outputs)
                for name, state in zip(network.states, states, strict=True):
                    finals[name].append(state)
            below = join(halves)
        return Answer(below, {name: stack(states) for name, states in finals.items()})


class Affine:
    """``x W + b`` for blocks side by side; some of them where they are named."""

    def __init__(self, case: Case, read: Reading, layer: int, direction: str, side: str) -> None:
        network, weights = case.network, case.weights
        at = [Place(layer, direction, block, side) for block in network.blocks]
        self.blocks, self.units = network.blocks, network.units
        self.matrix = read.given(np.concatenate([weights[place] for place in at]).T)
        biases = [weights.get(place._replace(part=f"{side}_bias")) for place in at]
        self.bias = None
        if any(bias is not None for bias in biases):
            zero = np.zeros(network.units)
            self.bias = read.given(np.concatenate([zero if b is None else b for b in biases]))

    def __call__(self, x: Any, block: str | None = None) -> Any:
        """All blocks ``(..., blocks * H)``, or one of them ``(..., H)``."""
        columns = slice(None)
        if block is not None:
            start = self.blocks.index(block) * self.units
            columns = slice(start, start + self.units)
        product = x @ self.matrix[:, columns]
        return product if self.bias is None else product + self.bias[columns]


def _one(
    case: Case, read: Reading, layer: int, direction: str, below: Any, seen: Array | None
) -> tuple[Any, Sequence[Any]]:
    """One direction of one layer: its outputs ``(T, B, H)`` and final states ``(B, H)``."""
    network, steps = case.network, case.steps
    index = layer * len(network.directions) + network.directions.index(direction)
    initial = [case.state(name)[index] for name in network.states]
    states = [read.given(state) for state in initial]
    if steps == 0:
        return read.given(np.zeros((0, case.rows, network.units))), states
    drive = Affine(case, read, layer, direction, "input")(below)
    recurrent = Affine(case, read, layer, direction, "recurrent")
    cell = step(network)
    valid = None
    if case.lengths is not None:
        valid = np.arange(steps)[:, None, None] < case.lengths[:, None]
    entered = None if seen is None else _entered(case, read, direction, seen, initial[0])
    if entered is not None and len(states) == 1:  # nothing links the steps: all of them at once
        (outputs,) = cell(drive, recurrent, entered)
        return _cut(outputs, valid, read), [_last(outputs, case, direction, states[0])]
    outputs_at: dict[int, Any] = {}
    for t in range(steps) if direction == "forward" else reversed(range(steps)):
        before = states if entered is None else [entered[t], *states[1:]]
        after = list(cell(drive[t], recurrent, *before))
        if valid is not None:
            after = [select(a, s, valid[t]) for a, s in zip(after, states, strict=True)]
        states = after
        outputs_at[t] = states[0]
    return _cut(stack([outputs_at[t] for t in range(steps)]), valid, read), states


def _entered(case: Case, read: Reading, direction: str, seen: Array, initial: Array) -> Any:
    """The hidden state with which the implementation entered each step, ``(T, B, H)``."""
    steps, given = np.arange(case.steps), np.broadcast_to(initial, seen.shape)
    if direction == "forward":
        before, first = np.roll(seen, 1, axis=0), (steps == 0)[:, None, None]
    else:
        ends = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
        before, first = np.roll(seen, -1, axis=0), steps[:, None, None] >= ends[:, None] - 1
    return select(read.given(given), read.seen(before), np.broadcast_to(first, seen.shape))


def _cut(outputs: Any, valid: npt.NDArray[np.bool_] | None, read: Reading) -> Any:
    """Zero past the end of each row."""
    return outputs if valid is None else select(outputs, read.given(np.zeros(outputs.shape)), valid)


def _last(outputs: Any, case: Case, direction: str, initial: Any) -> Any:
    """The state after the last step that a direction takes in each row, ``(B, H)``."""
    if case.lengths is None:
        return outputs[-1 if direction == "forward" else 0]
    ends = case.lengths - 1 if direction == "forward" else np.zeros_like(case.lengths)
    return select(outputs[ends, np.arange(case.rows)], initial, case.lengths[:, None] > 0)


def count(network: Network) -> int:
    """How many numbers the equations need as weights."""
    return sum(int(np.prod(shape)) for _, shape in network.places())
