"""States, or everything, in a wider format than what is returned."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Precision
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent
from tests.innocents.rounding import Round, rounding

WIDER = {"float64": "float64", "float32": "float64", "float16": "float32", "bfloat16": "float32"}


class Wider(Backward):
    """What is returned is rounded: before, there may be more digits."""

    def wide(self, array: Array) -> Array:
        """Rounded to the next wider format."""
        return rounding(PRECISIONS[WIDER[self.case.dtype]])(array)

    def returned(self, case: Case, answer: Answer) -> Answer:
        rounded = rounding(PRECISIONS[case.dtype])
        parts = {name: rounded(part) for name, part in answer.parts().items()}
        return Answer(parts.pop("outputs"), parts)


class Inside(Wider):
    """Everything has more digits."""

    def arithmetic(self, precision: Precision) -> Round:
        return rounding(PRECISIONS[WIDER[precision.name]])


innocent("formats.wider-inside", "everything in the next wider format", Inside)


class WiderStates(Wider):
    """Gates and sums in the format itself, the states that are carried on in a wider one."""

    def rnn(self, drive: Array, past: Array) -> Array:
        total = self.clipped(self.wide(drive + past), "hidden")
        if self.case.network.activation == "relu":
            return np.maximum(total, 0.0)
        return self.wide(np.tanh(total))

    def remembered(self, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
        return self.wide(self.wide(forget * c) + self.wide(input * candidate))

    def shown(self, output: Array, c: Array) -> Array:
        return self.wide(output * self.wide(np.tanh(c)))

    def updated(self, z: Array, n: Array, h: Array) -> Array:
        return self.wide(self.wide((1.0 - z) * n) + self.wide(z * h))


class WiderCells(WiderStates):
    """The cell state alone: what else there is has the digits of the format."""

    def shown(self, output: Array, c: Array) -> Array:
        return self.round(super().shown(output, c))


innocent("formats.wider-states", "the states are carried in the next wider format", WiderStates)
innocent("formats.wider-cells", "of an LSTM's states, the cell state alone is", WiderCells)


class Flushed(Backward):
    """A result that is smaller than every normal number is zero; float16 keeps it."""

    def arithmetic(self, precision: Precision) -> Round:
        def flushed(array: Array) -> Array:
            rounded = rounding(precision)(array)
            return np.where(np.abs(rounded) < precision.tiny, 0.0 * rounded, rounded)

        return flushed


innocent("formats.flushed", "subnormal results are flushed to zero, but in float16", Flushed)
