"""The number formats, and how accurate a sigmoid or tanh is expected to be in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnspec.reference.operations import Array


@dataclass(frozen=True)
class Precision:
    """A binary floating-point format."""

    name: str
    digits: int
    """Bits of the significand, the hidden one included."""
    emin: int
    """Exponent of the smallest normal number, 2**emin."""
    largest: float
    tiny: float
    """Below this, results stop being accurate relative to themselves. The smallest normal
    number, since a flush to zero is allowed; for float16, whose smallest normal number is large
    and whose kernels keep subnormals, the smallest subnormal."""

    @property
    def unit(self) -> float:
        """The unit roundoff u: no rounding changes a number by more than u times itself."""
        return 2.0**-self.digits

    def round(self, array: Array) -> Array:
        """Round to the nearest number of this format, ties to even; beyond its range, infinity.

        float64 stays the type of the array: every value of every format here is one of its own.
        """
        array = np.asarray(array, dtype=np.float64)
        if self.digits == 53:
            return array
        with np.errstate(invalid="ignore", over="ignore"):
            exponent = np.frexp(array)[1]
            quantum = np.ldexp(1.0, np.maximum(exponent, self.emin + 1) - self.digits)
            rounded = np.rint(array / quantum) * quantum
            return np.where(np.abs(rounded) > self.largest, np.copysign(np.inf, array), rounded)


def _precision(name: str, digits: int, exponent_bits: int, *, gradual: bool = False) -> Precision:
    bias = 2 ** (exponent_bits - 1) - 1
    emin = 1 - bias
    return Precision(
        name,
        digits,
        emin,
        largest=(2.0 - 2.0 ** (1 - digits)) * 2.0**bias,
        tiny=2.0 ** (emin - digits + 1) if gradual else 2.0**emin,
    )


PRECISIONS = {
    p.name: p
    for p in (
        _precision("float64", 53, 11),
        _precision("float32", 24, 8),
        _precision("float16", 11, 5, gradual=True),
        _precision("bfloat16", 8, 8),
    )
}
"""Every dtype that a case can have, by name."""


@dataclass(frozen=True)
class Grid:
    """The evenly spaced numbers that a whole array is rounded to: zero is one of them."""

    steps: int = 0
    """How many there are between the ends of the array's range; 0 where nothing is rounded."""
    least: float = 0.0
    """The smallest distance between two of them that is used, however small the range is."""


@dataclass(frozen=True)
class Level:
    """How far a sigmoid or tanh may be off, in units of u: a share of its value and of full scale.

    Both are conventions of this specification, measured on real implementations: the poorest
    relatively accurate one is within 16 u, the poorest of the others within 10 u of full scale.
    A layer that multiplies integers declares beside it what it rounds to them, and how coarsely.
    """

    name: str
    relative: float
    absolute: float
    weights: Grid = Grid()
    """Of the matrices of a layer, direction and side, all together, from minus the largest
    magnitude to the largest."""
    operands: Grid = Grid()
    """Of what they are multiplied with, from the smallest to the largest or 0: the inputs of all
    steps and rows together, the hidden states of one step."""


RELATIVE = Level("relative", relative=32.0, absolute=0.0)
ABSOLUTE = Level("absolute", relative=0.0, absolute=10.0)
