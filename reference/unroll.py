"""Cells over time, in directions, on top of one another: the forward pass, once for all readings.

Every argument that is an array of numbers is ``(T, B, ...)``. The reading (``read``) says what the
numbers are; *anchors* are the outputs that an implementation returned, and with them each step of
a layer starts from the state that the implementation itself had, not from the reference's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.cells import Cell, cell
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import (
    VALUES,
    Array,
    fed,
    join,
    observed,
    packed,
    product,
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
    """Run the network of a case: ``outputs (T, B, D * H)`` and final states ``(L * D, B, H)``, or P
    in place of H where the hidden state is projected.

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
                half = slice(k * network.hidden, (k + 1) * network.hidden)
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


AT_ONCE = 2**21
"""How many numbers of the inputs' contribution are computed at once: the system is slower to find
memory for more than the products are.
"""
MANY = 16
"""From so many products of several rows with a transposed matrix on, BLAS takes longer than they
and a copy of it in the order in which they read it.
"""


Map = Callable[..., Any]
"""What the past contributes to all blocks, or to one that is named."""


class Affine:
    """``x W + b`` for blocks side by side; or for one of them, where it is named."""

    def __init__(self, case: Case, read: Reading, layer: int, direction: str, side: str) -> None:
        network, weights = case.network, case.weights
        matrices, self.biases = {}, {}
        often = side == "recurrent" and case.rows > 1 and case.steps > MANY
        for block in network.blocks:
            at = Place(layer, direction, block, side)
            matrix = weights[at].T
            matrices[block] = read.given(np.ascontiguousarray(matrix) if often else matrix, at)
            at = at._replace(part=f"{side}_bias")
            if at in weights:
                self.biases[block] = read.given(weights[at], at)
        self.matrices = dict(zip(matrices, packed(list(matrices.values())), strict=True))
        self.zero = read.given(np.zeros(network.units)) if self.biases else None

    @cached_property
    def whole(self) -> tuple[Any, Any]:
        """The matrices and biases of all blocks, side by side."""
        matrix = join(list(self.matrices.values()))
        if not self.biases:
            return matrix, None
        return matrix, join([self.biases.get(block, self.zero) for block in self.matrices])

    def __call__(self, x: Any, block: str | None = None) -> Any:
        """All blocks ``(..., blocks * H)``, or one of them ``(..., H)``."""
        if block is None:
            matrix, bias = self.whole
        else:
            matrix, bias = self.matrices[block], self.biases.get(block)
        return product(x, matrix) if bias is None else product(x, matrix) + bias


def _one(
    case: Case, read: Reading, layer: int, direction: str, below: Any, seen: Array | None
) -> tuple[Any, Sequence[Any]]:
    """One direction of one layer: its outputs ``(T, B, H)`` and final states ``(B, H)``."""
    network = case.network
    index = layer * len(network.directions) + network.directions.index(direction)
    states = [read.given(case.state(name)[index], (name, index)) for name in network.states]
    if case.steps == 0:
        return read.given(np.zeros((0, case.rows, network.hidden))), states
    drive = Affine(case, read, layer, direction, "input")
    past = Affine(case, read, layer, direction, "recurrent")
    below = fed(below)

    def recurrent(h: Any, block: str | None = None) -> Any:
        return past(fed(h, (-2, -1)), block)

    @cache
    def held(block: str, part: str) -> Any:
        at = Place(layer, direction, block, part)
        return read.given(case.weights[at].T, at)

    of = cell(network, held)
    way = _Way(case, direction, valid_steps(case))
    if seen is None or read.linked:
        returned = None if seen is None else unstack(read.seen(seen))
        drives = way.drives(drive, below)
        outputs, finals = way.stepped(of, drives, recurrent, states, returned)
    else:  # nothing links the steps: all of them at once
        whole = drive(below)
        outputs, finals = way.at_once(of, whole, recurrent, states, read.seen, seen)
    if way.valid is not None:
        outputs = select(outputs, read.given(np.zeros(outputs.shape)), way.valid)
    return outputs, finals


class _Way(NamedTuple):
    """How a direction goes through the steps of a case."""

    case: Case
    direction: str
    valid: npt.NDArray[np.bool_] | None

    @property
    def back(self) -> bool:
        return self.direction == "backward"

    @property
    def order(self) -> Sequence[int]:
        return range(self.case.steps)[:: -1 if self.back else 1]

    def first(self) -> npt.NDArray[np.bool_]:
        """Where it has not yet taken a step in a row, ``(T, B, 1)``."""
        case, steps = self.case, np.arange(self.case.steps)[:, None, None]
        if not self.back:
            return np.broadcast_to(steps == 0, (case.steps, case.rows, 1))
        ends = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
        return np.asarray(steps >= ends[:, None] - 1)

    def kept(self, new: Any, old: Any, t: int) -> Any:
        """The new state of the rows that take a step, the old one of the others."""
        return new if self.valid is None else select(new, old, self.valid[t])

    def drives(self, drive: Affine, below: Any) -> Iterator[Any]:
        """What the input contributes at each step, in their order; for many steps at once."""
        case = self.case
        many = max(1, AT_ONCE // max(1, case.rows * case.network.units * len(case.network.blocks)))
        if case.steps <= many:
            yield from unstack(drive(below))[:: -1 if self.back else 1]
            return
        inputs = unstack(below)
        for start in range(0, case.steps, many):
            yield from unstack(drive(stack([inputs[t] for t in self.order[start : start + many]])))

    def stepped(
        self, of: Cell, drives: Any, recurrent: Map, states: list[Any], returned: Any
    ) -> tuple[Any, Sequence[Any]]:
        """Step by step, each from the state before it; or from what was returned there."""
        initial, outputs_at = states[0], {}
        first = None if returned is None else self.first()
        for t, drive in zip(self.order, drives, strict=True):
            hidden = states[0]
            if first is not None and not first[t].all():
                hidden = observed(hidden, returned[t + 1 if self.back else t - 1])
                hidden = select(initial, hidden, first[t]) if first[t].any() else hidden
            after = of.step(drive, recurrent, hidden, *states[1:])
            states = [self.kept(a, s, t) for a, s in zip(after, states, strict=True)]
            outputs_at[t] = states[0]
        return stack([outputs_at[t] for t in range(self.case.steps)]), states

    def at_once(
        self,
        of: Cell,
        drive: Any,
        recurrent: Map,
        states: list[Any],
        read_seen: Callable[[Array], Any],
        seen: Array,
    ) -> tuple[Any, Sequence[Any]]:
        """All steps from what was returned before them; step by step only what is not returned."""
        before = read_seen(np.roll(seen, -1 if self.back else 1, axis=0))
        entered = select(stack([states[0]] * self.case.steps), before, self.first())
        decided, cells = of.decided(drive, recurrent, entered), states[1:]
        sequences: list[Any] = []
        if of.carried is not None:
            (c,), at, cells_at = cells, [unstack(each) for each in decided], {}
            for t in self.order:
                c = self.kept(of.carried(*(each[t] for each in at), c), c, t)
                cells_at[t] = c
            cells, sequences = [c], [stack([cells_at[t] for t in range(self.case.steps)])]
        outputs = of.hidden(*decided, *sequences)
        return outputs, [self.last(outputs, states[0]), *cells]

    def last(self, outputs: Any, initial: Any) -> Any:
        """The state after the last step that is taken in each row, ``(B, H)``."""
        at, lengths = unstack(outputs), self.case.lengths
        if lengths is None:
            return at[self.order[-1]]
        if self.back:
            return select(at[0], initial, lengths[:, None] > 0)
        last = initial
        for t, output in enumerate(at):
            last = select(output, last, lengths[:, None] == t + 1)
        return last


def count(network: Network) -> int:
    """How many numbers the equations need as weights."""
    return sum(int(np.prod(shape)) for _, shape in network.places())
