"""The plain layer with what is beyond the cards: what a mutant of that is a small change of.

It shares no equation with the reference, either. Each thing that it has more is a method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnspec.reference.conventions import Conventions
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.plain import Blocks, Plain


class Computed(NamedTuple):
    """What an LSTM computes in a step: each ``(B, H)``."""

    sums: Blocks
    """What the activations see."""
    forget: Array
    input: Array
    candidate: Array
    output: Array
    whole: Array
    """The new cell state, before it is clipped."""
    cell: Array


class Variant(Plain):
    """Projected, with peepholes, coupled, clipped; and with dropout, which is off."""

    ways: Mapping[str, str] = {**Plain.ways, "dropout": "inference"}
    conventions: Mapping[str, Conventions] = ReferenceLayer.conventions

    def added(self, drive: Array, past: Array, block: str) -> Array:
        total = super().added(drive, past, block)  # an LSTM's peepholes come before it is clipped
        return total if self.case.network.cell == "lstm" else self.clipped(total, block)

    def clipped(self, total: Array, block: str) -> Array:
        """What an activation sees of a sum."""
        return within(total, self.case.network.clip)

    def lstm(self, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
        step = self.computed(of, c)
        return self.projected(self.shown(step.output, step.cell)), step.cell

    def computed(self, of: Blocks, c: Array) -> Computed:
        """A step, but for what is shown."""
        sums = {"input": self.seen(of["input"], "input", c)}
        input = self.sigmoid(sums["input"])
        if self.case.network.coupled:
            forget = self.rest(input, sums["input"])
        else:
            sums["forget"] = self.seen(of["forget"], "forget", c)
            forget = self.sigmoid(sums["forget"])
        sums["candidate"] = self.clipped(of["candidate"], "candidate")
        candidate = self.tanh(sums["candidate"])
        whole = self.remembered(forget, c, input, candidate)
        cell = self.kept(whole)
        sums["output"] = self.seen(of["output"], "output", cell)
        output = self.sigmoid(sums["output"])
        return Computed(sums, forget, input, candidate, output, whole, cell)

    def seen(self, total: Array, block: str, c: Array) -> Array:
        """What a gate sees, of a sum and of the cell state."""
        weight = self.weight(Place(*self.at[:2], block, "peephole"))
        return self.clipped(total if weight is None else self.peeped(total, weight, c), block)

    def peeped(self, total: Array, weight: Array, c: Array) -> Array:
        """A sum, with what a peephole adds to it."""
        return self.round(total + self.round(weight * c))

    def rest(self, input: Array, argument: Array) -> Array:
        """What an input gate leaves to the past, of the gate or of what it sees."""
        return self.round(1.0 - input)

    def kept(self, whole: Array) -> Array:
        """What is kept of a new cell state."""
        return within(whole, self.case.network.cell_clip)

    def projected(self, h: Array) -> Array:
        """The hidden state, of what the output gate shows."""
        weight = self.weight(Place(*self.at[:2], "hidden", "projection"))
        return h if weight is None else self.product(h, weight)


def within(array: Array, limit: float) -> Array:
    """Clipped to a limit, if there is one."""
    return np.clip(array, -limit, limit) if limit else array
