"""Back through one step, by hand, every operation rounded: the gates are computed once more."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.plain import Blocks
from tests.mutants.variant import Computed, Variant


class StepBack(Variant):
    """What is owed to the new states is passed on to the old ones, the input and the weights."""

    owing: dict[Place, list[tuple[Array, Array]]]
    """What each step owes to the sums that a matrix or vector is part of, ``(B, H)``, and what that
    was multiplied with."""

    def stepped_back(
        self, x: Array, states: list[Array], owed: list[Array]
    ) -> tuple[Array, list[Array]]:
        network, h = self.case.network, states[0]
        drive = {block: self.part(x, block, "input") for block in network.blocks}
        if network.cell == "gru":
            return self.gru_back(drive, x, h, owed[0])
        past = {block: self.part(h, block, "recurrent") for block in drive}
        if network.cell == "lstm":
            sums = {block: self.added(drive[block], past[block], block) for block in drive}
            return self.lstm_back(sums, x, states, owed)
        after = self.rnn(drive["hidden"], past["hidden"])
        slope = np.sign(after) if network.activation == "relu" else self.tanh_slope(after)
        total = self.added(drive["hidden"], past["hidden"], "hidden")
        below, back = self.affine_back({"hidden": self.unclipped(owed[0] * slope, total)}, x, h)
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
        if bias in self.owing:
            self.owing[bias].append((owed, np.ones((len(owed), 1))))
        return self.matrix_back(owed, read, at)

    def matrix_back(self, owed: Array, read: Array, at: Place) -> Array:
        """The same, of a matrix alone."""
        self.owing[at].append((owed, read))
        return self.product(owed, self.case.weights[at].T)

    def peephole_back(self, owed: Array, c: Array, block: str) -> Array:
        """What is owed to the cell state that a gate sees."""
        at = Place(*self.at[:2], block, "peephole")
        if at not in self.owing:
            return np.zeros_like(c)
        self.owing[at].append((self.times(owed, c), np.ones((len(owed), 1))))
        return self.times(owed, self.case.weights[at])

    def times(self, a: Array, b: Array) -> Array:
        return self.round(a * b)

    def chained(self, owed: Array, factor: Array, slope: Array) -> Array:
        """What is owed to the argument of a function whose value is multiplied with a factor."""
        return self.times(self.times(owed, factor), slope)

    def unclipped(self, owed: Array, total: Array) -> Array:
        """What is owed to a sum, of what is owed to what is seen of it."""
        return self.free(self.round(owed), total, self.case.network.clip)

    def free(self, owed: Array, array: Array, limit: float) -> Array:
        """What is owed to an array that is clipped to a limit, of what is owed to what is left."""
        return np.where(np.abs(array) < limit, owed, 0.0) if limit else owed

    def sigmoid_slope(self, y: Array) -> Array:
        return self.round(y * self.round(1.0 - y))

    def tanh_slope(self, y: Array) -> Array:
        return self.round(1.0 - self.round(y * y))

    def lstm_back(
        self, of: Blocks, x: Array, states: list[Array], owed: list[Array]
    ) -> tuple[Array, list[Array]]:
        (h, c), (to_h, to_c) = states, owed
        step = self.computed(of, c)
        squashed, place = self.tanh(step.cell), Place(*self.at[:2], "hidden", "projection")
        if place in self.owing:
            to_h = self.matrix_back(to_h, self.shown(step.output, step.cell), place)
        to_output = self.chained(to_h, squashed, self.sigmoid_slope(step.output))
        sums = {"output": self.unclipped(to_output, step.sums["output"])}
        to_c = self.round(to_c + self.chained(to_h, step.output, self.tanh_slope(squashed)))
        to_c = self.round(to_c + self.peephole_back(sums["output"], step.cell, "output"))
        to_c = self.free(to_c, step.whole, self.case.network.cell_clip)
        sums |= self.gates_back(step, c, to_c)
        below, back = self.affine_back(sums, x, h)
        to_c = self.times(to_c, step.forget)
        for block in (b for b in ("forget", "input") if b in sums):
            to_c = self.round(to_c + self.peephole_back(sums[block], c, block))
        return below, [back, to_c]

    def gates_back(self, step: Computed, c: Array, to_c: Array) -> dict[str, Array]:
        """What is owed to the sums that a new cell state comes from."""
        to_input, slope = step.candidate, self.sigmoid_slope(step.input)
        if self.case.network.coupled:  # one gate for both: what it lets in takes what was there
            to_input = self.round(step.candidate - c)
        sums = {
            "forget": self.chained(to_c, c, self.sigmoid_slope(step.forget)),
            "input": self.chained(to_c, to_input, slope),
            "candidate": self.chained(to_c, step.input, self.tanh_slope(step.candidate)),
        }
        return {b: self.unclipped(sums[b], total) for b, total in step.sums.items() if b in sums}

    def gru_back(self, drive: Blocks, x: Array, h: Array, owed: Array) -> tuple[Array, list[Array]]:
        sums = {
            block: self.added(drive[block], self.part(h, block, "recurrent"), block)
            for block in ("reset", "update")
        }
        r, z = (self.sigmoid(total) for total in sums.values())
        sums["candidate"] = self.added(drive["candidate"], self.past(r, h), "candidate")
        n = self.tanh(sums["candidate"])
        to_sum = self.times(self.times(owed, self.round(1.0 - z)), self.tanh_slope(n))
        to_sum = self.unclipped(to_sum, sums["candidate"])
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
        gates = {block: self.unclipped(each, sums[block]) for block, each in gates.items()}
        below, through_gates = self.affine_back(gates, x, h)
        below = self.round(below + self.part_back(to_sum, x, "candidate", "input"))
        return below, [self.round(self.times(owed, z) + self.round(back + through_gates))]
