"""Back through one step, by hand, every operation rounded: the gates are computed once more."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.plain import Blocks, Plain


class StepBack(Plain):
    """What is owed to the new states is passed on to the old ones, the input and the weights."""

    owing: dict[Place, list[tuple[Array, Array]]]
    """What each step owes to the sums that a matrix or bias is part of, ``(B, H)``, and what that
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
