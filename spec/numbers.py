"""The numbers of a case: from a seed, so that no number is drawn by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import Precision


class Numbers:
    """Numbers from a seed: a raw stream of integers, which no version of NumPy changes."""

    def __init__(self, seed: int, resolution: int, precision: Precision) -> None:
        self.stream = np.random.PCG64(seed)
        self.resolution = resolution
        self.precision = precision

    def array(self, shape: tuple[int, ...], scale: float) -> Array:
        """Numbers of either sign, none of them zero, up to ``scale``, exact in the precision."""
        return self.arrays([(shape, scale)])[0]

    def arrays(self, wanted: Sequence[tuple[tuple[int, ...], float]]) -> list[Array]:
        """The same, of several shapes and scales at once."""
        sizes = [prod(shape) for shape, _ in wanted]
        ends = list(accumulate(sizes))
        raw = np.asarray(self.stream.random_raw(ends[-1]))
        parts = (raw % np.uint64(self.resolution)).astype(np.float64) + 1.0
        signs = np.where((raw >> np.uint64(32)) & np.uint64(1), 1.0, -1.0)
        scales = np.repeat([scale / self.resolution for _, scale in wanted], sizes)
        numbers = self.precision.round(signs * parts * scales)
        return [
            numbers[end - size : end].reshape(shape)
            for end, size, (shape, _) in zip(ends, sizes, wanted, strict=True)
        ]
