"""An effect with its interval, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effect:
    """A difference, seed by seed, in favour of what a card says."""

    what: str
    """In words, with its unit."""
    values: tuple[float, ...]
    """One a seed."""
    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, what: str, values: Sequence[float]) -> Effect:
        """With Student's 95 % interval of the mean; of fewer than two seeds nothing is known."""
        values = tuple(map(float, values))
        mean = float(np.mean(values)) if values else float("nan")
        if len(values) < 2:
            return cls(what, values, mean, -np.inf, np.inf)
        error = float(np.std(values, ddof=1)) / len(values) ** 0.5
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
        return cls(what, values, mean, mean - reach, mean + reach)

    def verdict(self, least: float) -> str:
        """Against the smallest effect that would support the card: ``supported`` where all of the
        interval reaches it, ``not supported`` where none does, else ``inconclusive``.
        """
        if self.low >= least:
            return "supported"
        return "not supported" if self.high < least else "inconclusive"

    def __str__(self) -> str:
        return f"{self.what}: {self.mean:+.3g} ({self.low:+.3g} to {self.high:+.3g})"
