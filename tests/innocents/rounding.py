"""How an innocent rounds."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import Precision


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
