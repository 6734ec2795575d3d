"""Cells over time, in directions, on top of one another: the forward pass, once for all readings.

Every argument that is an array of numbers is ``(T, B, ...)``. The reading (``read``) says what the
numbers are; *anchors* are the outputs that an implementation returned, and with them each step of
a layer starts from the state that the implementation itself had, not from the reference's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.cells import step
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import (
    VALUES,
    Array,
    join,
    observed,
    select,
    stack,
    unstack,
)


class Reading(Protocol):
    """An interpretation, as far as it concerns the leaves; see ``operations`` for the rest."""

    linked: bool
    """Whether a number leads back to what it was computed from: then no step is left out."""

    def given(self, array: Array, name: object = None) -> Any:
        """Wrap an array that an implementation is given: ``inputs``, a ``Place``, or the name of a
        state and its index.
        """

    def seen(self, array: Array) -> Any:
        """Wrap an array that an implementation returned."""


def unroll(
    case: Case, read: Reading = VALUES, anchors: Mapping[int, Array] | None = None
) -> Answer:
    """Run the network of a case: ``outputs (T, B, D * H)`` and final states ``(L * D, B, H)``.

    Outputs past the end of a row are zero; its final states are those after its last valid step
    (first, for the backward direction). ``anchors`` are outputs ``(T, B, D * H)`` by layer: each
    step of that layer starts from them, and the layer above reads them.
    """
    network, anchors = case.network, {} if anchors is None else anchors
    valid = valid_steps(case)
    below = read.given(_cleared(case.inputs, valid), "inputs")
    finals: dict[str, list[Any]] = {name: [] for name in network.states}
    with np.errstate(all="ignore"):  # NaN or infinity may be given, and come out beyond the range
        for layer in range(network.layers):
            seen = None
            if layer in anchors:
                seen = _cleared(anchors[layer], valid)
            halves = []
            for k, direction in enumerate(network.directions):
                half = slice(k * network.units, (k + 1) * network.units)
                own = None if seen is None else seen[..., half]
                outputs, states = _one(case, read, layer, direction, below, own)
                halves.append(outputs)
                for name, state in zip(network.states, states, strict=True):
                    finals[name].append(state)
            below = join(halves)
            if seen is not None and layer < network.layers - 1:
                below = observed(below, read.seen(seen))
        return Answer(below, {name: stack(states) for name, states in finals.items()})


def valid_steps(case: Case) -> npt.NDArray[np.bool_] | None:
    """Which steps of which rows are valid, ``(T, B, 1)``; None where all are."""
    if case.lengths is None:
        return None
    return np.asarray(np.arange(case.steps)[:, None, None] < case.lengths[:, None])


def _cleared(array: Array, valid: npt.NDArray[np.bool_] | None) -> Array:
    """Zero past the end of each row, where anything may stand: also NaN, which would spread into
    the gradients of the weights.
    """
    return array if valid is None else np.where(valid, array, 0.0)


class Affine:
    """``x W + b`` for blocks side by side; or for one of them, where it is named."""

    def __init__(self, case: Case, read: Reading, layer: int, direction: str, side: str) -> None:
        network, weights = case.network, case.weights
        self.matrices, self.biases = {}, {}
        for block in network.blocks:
            at = Place(layer, direction, block, side)
            self.matrices[block] = read.given(weights[at].T, at)
            at = at._replace(part=f"{side}_bias")
            if at in weights:
                self.biases[block] = read.given(weights[at], at)
        self.matrix = join(list(self.matrices.values()))
        self.bias = None
        if self.biases:
            zero = read.given(np.zeros(network.units))
            self.bias = join([self.biases.get(block, zero) for block in network.blocks])

    def __call__(self, x: Any, block: str | None = None) -> Any:
        """All blocks ``(..., blocks * H)``, or one of them ``(..., H)``."""
        if block is None:
            matrix, bias = self.matrix, self.bias
        else:
            matrix, bias = self.matrices[block], self.biases.get(block)
        return x @ matrix if bias is None else x @ matrix + bias


def _one(
    case: Case, read: Reading, layer: int, direction: str, below: Any, seen: Array | None
) -> tuple[Any, Sequence[Any]]:
    """One direction of one layer: its outputs ``(T, B, H)`` and final states ``(B, H)``."""
    network, steps = case.network, case.steps
    index = layer * len(network.directions) + network.directions.index(direction)
    states = [read.given(case.state(name)[index], (name, index)) for name in network.states]
    if steps == 0:
        return read.given(np.zeros((0, case.rows, network.units))), states
    drive = Affine(case, read, layer, direction, "input")(below)
    recurrent = Affine(case, read, layer, direction, "recurrent")
    cell, valid = step(network), valid_steps(case)
    if seen is not None and len(states) == 1 and not read.linked:
        # nothing links the steps: all of them at once
        (outputs,) = cell(drive, recurrent, _entered(case, read, direction, seen, states[0]))
        return _cut(outputs, valid, read), [_last(outputs, case, direction, states[0])]
    drives, returned = unstack(drive), None if seen is None else unstack(read.seen(seen))
    first, back = _first(case, direction), direction == "backward"
    outputs_at: dict[int, Any] = {}
    for t in reversed(range(steps)) if back else range(steps):
        hidden = states[0]
        if returned is not None and not first[t].all():
            hidden = observed(hidden, returned[t + 1 if back else t - 1])
            hidden = select(states[0], hidden, first[t]) if first[t].any() else hidden
        after = list(cell(drives[t], recurrent, hidden, *states[1:]))
        if valid is not None:
            after = [select(a, s, valid[t]) for a, s in zip(after, states, strict=True)]
        states = after
        outputs_at[t] = states[0]
    return _cut(stack([outputs_at[t] for t in range(steps)]), valid, read), states


def _first(case: Case, direction: str) -> npt.NDArray[np.bool_]:
    """Where a direction has not yet taken a step in a row, ``(T, B, 1)``."""
    steps = np.arange(case.steps)[:, None, None]
    if direction == "forward":
        return np.broadcast_to(steps == 0, (case.steps, case.rows, 1))
    ends = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
    return np.asarray(steps >= ends[:, None] - 1)


def _entered(case: Case, read: Reading, direction: str, seen: Array, initial: Any) -> Any:
    """The hidden state with which the implementation entered each step, ``(T, B, H)``."""
    before = np.roll(seen, 1 if direction == "forward" else -1, axis=0)
    given = stack([initial] * case.steps)
    return select(given, read.seen(before), _first(case, direction))


def _cut(outputs: Any, valid: npt.NDArray[np.bool_] | None, read: Reading) -> Any:
    """Zero past the end of each row."""
    return outputs if valid is None else select(outputs, read.given(np.zeros(outputs.shape)), valid)


def _last(outputs: Any, case: Case, direction: str, initial: Any) -> Any:
    """The state after the last step that a direction takes in each row, ``(B, H)``."""
    at = unstack(outputs)
    if case.lengths is None:
        return at[-1 if direction == "forward" else 0]
    if direction == "backward":
        return select(at[0], initial, case.lengths[:, None] > 0)
    last = initial
    for t, output in enumerate(at):
        last = select(output, last, case.lengths[:, None] == t + 1)
    return last


def count(network: Network) -> int:
    """How many numbers the equations need as weights."""
    return sum(int(np.prod(shape)) for _, shape in network.places())
