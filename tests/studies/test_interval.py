"""Effects: Student's interval, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from rnnspec.studies.interval import Effect


def test_the_interval_is_students() -> None:
    # n = 4, mean 2.5, s = 1.29099, t(0.975, 3) = 3.18245
    effect = Effect.of("it", [1, 2, 3, 4])
    assert effect.mean == 2.5
    assert effect.high - 2.5 == pytest.approx(3.18245 * 1.29099 / 2, rel=1e-5)
    assert effect.low == pytest.approx(5 - effect.high)


def test_it_covers_the_mean_nineteen_times_in_twenty() -> None:
    draw = np.random.default_rng(0)
    inside = [
        (effect := Effect.of("it", list(draw.normal(1.0, 2.0, size=6)))).low <= 1.0 <= effect.high
        for _ in range(2000)
    ]
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.parametrize(
    ("values", "least", "said"),
    [
        ([1.0, 1.1, 0.9], 0.5, "supported"),
        ([1.0, 1.1, 0.9], 1.5, "not supported"),
        ([1.0, 1.1, 0.9], 1.0, "inconclusive"),
        ([-0.001, 0.001, 0.0], -0.01, "supported"),
        ([1.0], 0.5, "inconclusive"),
        ([0.0, 0.0, 0.0], 0.1, "not supported"),
    ],
)
def test_what_follows(values: list[float], least: float, said: str) -> None:
    assert Effect.of("it", values).verdict(least) == said
