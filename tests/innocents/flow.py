"""Steps, rows, layers and directions, gone through in other ways."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.interventions import turned
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent


class BatchMajor(Backward):
    """Sequences are held with their rows first, so that what a step reads is strided."""

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        rows_first = below.swapaxes(0, 1).copy()
        outputs, states = super().passed(rows_first.swapaxes(0, 1), layer, direction, states)
        return outputs.swapaxes(0, 1).copy().swapaxes(0, 1), states


innocent("flow.batch-major", "the rows come first in memory, the steps second", BatchMajor)


class Turned(Backward):
    """Each row is turned round, within its length, and passed forward."""

    def order(self, steps: int, direction: str) -> Sequence[int]:
        return range(steps)

    def facing(self, sequence: Array, direction: str) -> Array:
        return sequence if direction == "forward" else turned(sequence, self.case)

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        facing = self.facing(below, direction)
        outputs, states = super().passed(facing, layer, direction, states)
        return self.facing(outputs, direction), states


innocent("flow.turned", "backward is forward through the sequence turned round", Turned)


class Packed(Backward):
    """Only the rows that still go on are computed, the longest first."""

    def step(
        self, x: Array, states: list[Array], layer: int, direction: str, t: int
    ) -> list[Array]:
        lengths = self.case.lengths
        ends = np.full(len(x), self.case.steps) if lengths is None else lengths
        rows = np.argsort(-ends, kind="stable")[: np.count_nonzero(ends > t)]
        found = super().step(x[rows], [s[rows] for s in states], layer, direction, t)
        self.entered[layer, direction, t] = x, states
        after = [s.copy() for s in states]
        for whole, part in zip(after, found, strict=True):
            whole[rows] = part
        return after


innocent("flow.packed", "rows that have ended are left out, the others sorted by length", Packed)


class Cleared(Backward):
    """What stands past the ends is cleared at once; states are kept by masks that choose."""

    def told(self, case: Case) -> Case:
        case = super().told(case)
        if case.lengths is None:
            return case
        valid = np.arange(case.steps)[:, None] < case.lengths
        return case.changed(inputs=np.where(valid[..., None], case.inputs, 0.0))


innocent("flow.cleared", "padding is cleared before anything is computed", Cleared)


class StepsOutside(Backward):
    """All layers take a step before any takes the next: forward only, since another direction
    needs the whole of what is below.
    """

    def unrolled(self, case: Case) -> Answer:
        network = case.network
        if network.direction != "forward" or case.steps == 0:
            return super().unrolled(case)
        self.case, self.entered = case, {}
        self.round = self.arithmetic(PRECISIONS[case.dtype])
        states = [self.initial(case, layer) for layer in range(network.layers)]
        outputs = np.zeros(case.output_shape)
        for t in range(case.steps):
            below, valid = case.inputs[t], self.valid(case, t)
            for layer, before in enumerate(states):
                after = self.step(below, before, layer, "forward", t)
                states[layer] = [np.where(valid, a, b) for a, b in zip(after, before, strict=True)]
                below = np.where(valid, states[layer][0], 0.0)
            outputs[t] = below
        finals = zip(network.states, zip(*states, strict=True), strict=True)
        return Answer(outputs, {name: np.stack(parts) for name, parts in finals})


innocent("flow.steps-outside", "every layer takes a step before any takes the next", StepsOutside)
