"""How accurate a formula for a sigmoid or a tanh is, and which level it meets with that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE, Level
from tests.innocents.functions import Formula

LARGEST = 1024.0
"""What saturates a gate."""
EXACT = {"sigmoid": expit, "tanh": np.tanh}
"""Within 4 u, in float64; in other formats that is nothing."""


@dataclass(frozen=True)
class Accuracy:
    """The largest errors over all numbers tried, in units of u."""

    relative: float
    """Of the value, beyond what a tiny number may be off."""
    absolute: float
    """Of full scale."""

    def level(self) -> Level | None:
        """The stricter level that it meets, or None."""
        if self.relative <= RELATIVE.relative:
            return RELATIVE
        return ABSOLUTE if self.absolute <= ABSOLUTE.absolute else None


def numbers(dtype: str) -> Array:
    """Numbers of either sign from 2**-14 to LARGEST: of 16 bits, every one; else some."""
    precision = PRECISIONS[dtype]
    digits = min(precision.digits, 12)
    parts = np.ldexp(np.arange(2.0 ** (digits - 1), 2.0**digits), -digits)
    random = np.random.default_rng(0)
    positive = np.concatenate(
        [
            np.ldexp(parts + random.random(parts.shape) * 2.0**-digits, exponent)
            if precision.digits > digits
            else np.ldexp(parts, exponent)
            for exponent in range(-13, 11)
        ]
    )
    positive = precision.round(np.append(positive, LARGEST))
    return np.concatenate([-positive, [0.0], positive])


def measured(formula: Formula, dtype: str) -> Accuracy:
    """Its largest errors in a dtype; infinite where it gives NaN."""
    precision, x = PRECISIONS[dtype], numbers(dtype)
    with np.errstate(all="ignore"):
        exact = EXACT[formula.function](x)
        off = np.abs(formula.computed(x, precision.round) - exact)
        off = np.where(np.isnan(off), np.inf, off) / precision.unit
        tiny = precision.tiny / precision.unit
        relative = np.where(off <= tiny, 0.0, (off - tiny) / np.abs(exact))
    return Accuracy(float(relative.max()), float(off.max()))
