"""How far off the sigmoid and tanh of an implementation are, where they meet no level."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.precision import PRECISIONS, Level
from rnnspec.spec.claims.accuracy import accuracy
from rnnspec.spec.search import each_case
from rnnspec.spec.strategies import cases

EXAMPLES = 300
MARGIN = 2.0
"""What was measured is a sample; the worst may be larger."""
POOREST = 2.0**-7
"""Of full scale. What is off by more is no poor sigmoid, but another function or another place: it
excuses nothing, and the declared level stays."""


def measured_levels(implementation: Implementation, seed: int) -> dict[str, Level]:
    """The declared levels; where a dtype misses its own by little, with the error seen added."""
    offers = accuracy.offers(implementation)
    worst: defaultdict[str, float] = defaultdict(float)
    missed: set[str] = set()

    def measure(case: Case) -> None:
        try:
            trial = accuracy.try_on(implementation, case)
        except Exception:  # a claim that is judged later says so
            return
        if trial.ratio > 1.0:
            missed.add(case.dtype)
        unit = PRECISIONS[case.dtype].unit
        for each in trial.comparisons:
            largest = float(abs(each.observed - each.expected).max(initial=0.0))
            worst[case.dtype] = max(worst[case.dtype], largest / unit)

    if not isinstance(offers, str):
        drawn = cases(offers, list(implementation.levels), accuracy.sizes)
        each_case(drawn, EXAMPLES, f"measure {seed}", measure)
    levels = dict(implementation.levels)
    for dtype in missed:
        if worst[dtype] * PRECISIONS[dtype].unit <= POOREST:
            declared, error = levels[dtype], MARGIN * worst[dtype]
            levels[dtype] = replace(declared, name="measured", absolute=declared.absolute + error)
    return levels
