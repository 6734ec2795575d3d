"""A plain layer with a way back that is written by hand, every operation of it rounded: what an
innocent is another way to write.

It shares nothing with the tape of the reference. It keeps with what each step began, and computes
the gates once more on the way back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Precision
from tests.mutants.plain import Blocks, Plain


class Round(Protocol):
    """Rounds every number of an array."""

    def __call__(self, array: Array) -> Array: ...


def rounding(precision: Precision) -> Round:
    """NumPy's own conversion, where it has the format: several times as fast as the reference's."""
    if precision.name == "bfloat16":
        return precision.round

    def converted(array: Array) -> Array:
        return np.asarray(array).astype(precision.name).astype(np.float64)

    return converted


class Backward(Plain):
    """``arithmetic`` says how every operation rounds, ``facing`` which way a sequence is turned."""

    def arithmetic(self, precision: Precision) -> Round:
        """What is done to the result of every operation."""
        return rounding(precision)

    def facing(self, sequence: Array, direction: str) -> Array:
        """A sequence ``(T, B, ...)`` as a direction goes through it, and back."""
        return sequence

    def told(self, case: Case) -> Case:
        """Where batch first is asked for, the rows come first in memory."""
        if self.ways.get(case.way) == "layout":
            case = case.changed(inputs=case.inputs.swapaxes(0, 1).copy().swapaxes(0, 1))
        return case

    def unrolled(self, case: Case) -> Answer:
        self.entered: dict[tuple[int, str, int], tuple[Array, list[Array]]] = {}
        return super().unrolled(case)

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        self.round = self.arithmetic(PRECISIONS[self.case.dtype])
        return super().passed(below, layer, direction, states)

    def step(
        self, x: Array, states: list[Array], layer: int, direction: str, t: int
    ) -> list[Array]:
        self.entered[layer, direction, t] = x, states
        return super().step(x, states, layer, direction, t)

    # ---- back through layers, directions, steps

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        with np.errstate(all="ignore"):
            case = self.told(case)
            answer = self.returned(case, self.unrolled(case))
            network, shape = case.network, case.state_shape
            self.owing: dict[Place, list[tuple[Array, Array]]] = {at: [] for at in case.weights}
            states = {n: cotangents.get(n, np.zeros(shape)).copy() for n in network.states}
            owed = cotangents.get("outputs", np.zeros(case.output_shape))
            for layer in reversed(range(network.layers)):
                below = np.zeros((*owed.shape[:2], network.width(layer)))
                halves = np.split(owed, len(network.directions), axis=-1)
                for k, direction in enumerate(network.directions):
                    index = layer * len(network.directions) + k
                    ends = [states[name][index] for name in network.states]
                    further, starts = self.passed_back(halves[k], layer, direction, ends)
                    below = self.round(below + further)
                    for name, start in zip(network.states, starts, strict=True):
                        states[name][index] = start
                owed = below
            rounded = PRECISIONS[case.dtype].round
            weights = {at: rounded(self.gathered(t)) for at, t in self.owing.items()}
            given = {name: rounded(states[name]) for name in case.states}
            return Gradients(
                answer,
                rounded(owed),
                given,
                {at: g[:, 0] if at.part.endswith("bias") else g for at, g in weights.items()},
            )

    def gathered(self, terms: Sequence[tuple[Array, Array]]) -> Array:
        """The gradient of a matrix, of what each step owes it: ``(B, H)`` and what it read."""
        whole = np.zeros((terms[0][0].shape[1], terms[0][1].shape[1]))
        for owed, read in terms:
            whole = self.round(whole + self.product(owed.T, read.T))
        return whole

    def passed_back(
        self, owed: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        """Back through one direction of one layer: what is owed to what it read, and to the states
        that it started from.
        """
        owed = self.facing(owed, direction)
        below = np.zeros((*owed.shape[:2], self.case.network.width(layer)))
        for t in reversed(self.order(self.case.steps, direction)):
            self.at = layer, direction, t
            x, before = self.entered[self.at]
            valid = self.valid(self.case, t)
            own = [np.where(valid, s, 0.0) for s in states]
            own[0] = self.round(own[0] + np.where(valid, owed[t], 0.0))
            below[t], back = self.stepped_back(np.where(valid, x, 0.0), before, own)
            states = [np.where(valid, b, s) for b, s in zip(back, states, strict=True)]
        return self.facing(below, direction), states

    # ---- back through one step

    def stepped_back(
        self, x: Array, states: list[Array], owed: list[Array]
    ) -> tuple[Array, list[Array]]:
        network, h = self.case.network, states[0]
        drive = {block: self.part(x, block, "input") for block in network.blocks}
        if network.cell == "gru":
            return self.gru_back(drive, x, h, owed[0])
        past = {block: self.part(h, block, "recurrent") for block in drive}
        if network.cell == "lstm":
            sums = {block: self.round(drive[block] + past[block]) for block in drive}
            return self.lstm_back(sums, x, states, owed)
        after = self.rnn(drive["hidden"], past["hidden"])
        slope = np.sign(after) if network.activation == "relu" else self.tanh_slope(after)
        below, back = self.affine_back({"hidden": self.round(owed[0] * slope)}, x, h)
        return below, [back]

    def affine_back(self, owed: Blocks, x: Array, h: Array) -> tuple[Array, Array]:
        """What is owed to what blocks read, on either side."""
        below, back = np.zeros_like(x), np.zeros_like(h)
        for block, each in owed.items():
            below = self.round(below + self.part_back(each, x, block, "input"))
            back = self.round(back + self.part_back(each, h, block, "recurrent"))
        return below, back

    def part_back(self, owed: Array, read: Array, block: str, side: str) -> Array:
        """What is owed to what one side of a block read; what its weights are owed is kept."""
        at = Place(*self.at[:2], block, side)
        bias = at._replace(part=f"{side}_bias")
        self.owing[at].append((owed, read))
        if bias in self.owing:
            self.owing[bias].append((owed, np.ones((len(owed), 1))))
        return self.product(owed, self.case.weights[at].T)

    def times(self, a: Array, b: Array) -> Array:
        return self.round(a * b)

    def sigmoid_slope(self, y: Array) -> Array:
        return self.round(y * self.round(1.0 - y))

    def tanh_slope(self, y: Array) -> Array:
        return self.round(1.0 - self.round(y * y))

    def lstm_back(
        self, of: Blocks, x: Array, states: list[Array], owed: list[Array]
    ) -> tuple[Array, list[Array]]:
        (h, c), (to_h, to_c) = states, owed
        forget, input, output = (self.sigmoid(of[b]) for b in ("forget", "input", "output"))
        candidate, squashed = self.tanh(of["candidate"]), self.tanh(self.lstm(of, h, c)[1])
        to_c = self.round(to_c + self.times(self.times(to_h, output), self.tanh_slope(squashed)))
        sums = {
            "output": self.times(self.times(to_h, squashed), self.sigmoid_slope(output)),
            "forget": self.times(self.times(to_c, c), self.sigmoid_slope(forget)),
            "input": self.times(self.times(to_c, candidate), self.sigmoid_slope(input)),
            "candidate": self.times(self.times(to_c, input), self.tanh_slope(candidate)),
        }
        below, back = self.affine_back(sums, x, h)
        return below, [back, self.times(to_c, forget)]

    def gru_back(self, drive: Blocks, x: Array, h: Array, owed: Array) -> tuple[Array, list[Array]]:
        r, z = (
            self.sigmoid(self.round(drive[block] + self.part(h, block, "recurrent")))
            for block in ("reset", "update")
        )
        n = self.tanh(self.round(drive["candidate"] + self.past(r, h)))
        to_sum = self.times(self.times(owed, self.round(1.0 - z)), self.tanh_slope(n))
        if self.case.network.reset == "after":
            to_r = self.times(to_sum, self.part(h, "candidate", "recurrent"))
            back = self.part_back(self.times(to_sum, r), h, "candidate", "recurrent")
        else:
            to_past = self.part_back(to_sum, self.times(r, h), "candidate", "recurrent")
            to_r, back = self.times(to_past, h), self.times(to_past, r)
        gates = {
            "reset": self.times(to_r, self.sigmoid_slope(r)),
            "update": self.times(self.times(owed, self.round(h - n)), self.sigmoid_slope(z)),
        }
        below, through_gates = self.affine_back(gates, x, h)
        below = self.round(below + self.part_back(to_sum, x, "candidate", "input"))
        return below, [self.round(self.times(owed, z) + self.round(back + through_gates))]
