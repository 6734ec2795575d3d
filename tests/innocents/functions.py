"""Sigmoid and tanh by other formulas, every operation rounded; and which level they meet.

``LEVELS`` is what is declared of each; ``tests/innocents/test_functions.py`` measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE, Level
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent
from tests.innocents.rounding import Round

EVERYWHERE = dict.fromkeys(PRECISIONS, RELATIVE)
"""Relative in every dtype."""
NOWHERE = dict.fromkeys(PRECISIONS, ABSOLUTE)
NOT_IN_HALF = {**EVERYWHERE, "float16": ABSOLUTE}
"""float16 ends at 65504, where exp(-x) is at -11.1 already: 1 / inf is 0."""


@dataclass(frozen=True)
class Formula:
    """A way to compute a sigmoid or a tanh."""

    function: str
    """``sigmoid`` or ``tanh``."""
    formula: str
    computed: Callable[[Array, Round], Array]
    levels: Mapping[str, Level] | None
    """Which level it meets in each dtype; None where it meets none, and is no innocent."""


def _ends(r: Round) -> float:
    """The largest whole number whose exponential is within the range of a format."""
    with np.errstate(over="ignore"):
        return max(x for x in (709.0, 88.0, 11.0) if np.isfinite(r(np.array(np.exp(x)))))


def _by_signs(x: Array, r: Round) -> Array:
    e = r(np.exp(-np.abs(x)))
    return np.where(x < 0, r(e / r(1.0 + e)), r(1.0 / r(1.0 + e)))


def _by_expm1(x: Array, r: Round) -> Array:
    e = r(np.expm1(-2.0 * np.abs(x)))
    return np.copysign(r(-e / r(2.0 + e)), x)


def _by_exp(x: Array, r: Round) -> Array:
    e = r(np.exp(-2.0 * np.abs(x)))
    return np.copysign(r(r(1.0 - e) / r(1.0 + e)), x)


def _by_both(x: Array, r: Round) -> Array:
    up, down = r(np.exp(x)), r(np.exp(-x))
    return r(r(up - down) / r(up + down))


FORMULAS: dict[str, Formula] = {
    "functions.sigmoid-exp": Formula(
        "sigmoid",
        "1 / (1 + exp(-x))",
        lambda x, r: r(1.0 / r(1.0 + r(np.exp(-x)))),
        NOT_IN_HALF,
    ),
    "functions.sigmoid-clipped": Formula(
        "sigmoid",
        "1 / (1 + exp(-x)), x clipped to where exp(-x) is within the range",
        lambda x, r: r(1.0 / r(1.0 + r(np.exp(-np.clip(x, -_ends(r), _ends(r)))))),
        NOT_IN_HALF,
    ),
    "functions.tanh-clipped": Formula(
        "tanh",
        "tanh(x), x clipped to 20",
        lambda x, r: r(np.tanh(np.clip(x, -20.0, 20.0))),
        EVERYWHERE,
    ),
    "functions.sigmoid-by-signs": Formula(
        "sigmoid", "1 / (1 + e), or e / (1 + e) where x < 0, e = exp(-|x|)", _by_signs, EVERYWHERE
    ),
    "functions.sigmoid-tanh": Formula(
        "sigmoid",
        "0.5 * tanh(x / 2) + 0.5",
        lambda x, r: r(0.5 * r(np.tanh(r(0.5 * x))) + 0.5),
        NOWHERE,
    ),
    "functions.tanh-expm1": Formula(
        "tanh", "-e / (2 + e), e = expm1(-2 |x|), with the sign of x", _by_expm1, EVERYWHERE
    ),
    "functions.tanh-sigmoid": Formula(
        "tanh",
        "2 * sigmoid(2 x) - 1",
        lambda x, r: r(2.0 * r(expit(r(2.0 * x))) - 1.0),
        NOWHERE,
    ),
    "functions.tanh-exp": Formula(
        "tanh", "(1 - e) / (1 + e), e = exp(-2 |x|), with the sign of x", _by_exp, NOWHERE
    ),
    "functions.tanh-reciprocal": Formula(
        "tanh",
        "1 - 2 / (exp(2 x) + 1)",
        lambda x, r: r(1.0 - r(2.0 / r(r(np.exp(r(2.0 * x))) + 1.0))),
        NOWHERE,
    ),
    "functions.sigmoid-naive": Formula(
        "sigmoid",
        "exp(x) / (1 + exp(x))",
        lambda x, r: r(r(np.exp(x)) / r(1.0 + r(np.exp(x)))),
        None,
    ),
    "functions.tanh-naive": Formula(
        "tanh", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", _by_both, None
    ),
}

for name, each in FORMULAS.items():
    if each.levels is not None:
        innocent(
            name,
            f"{each.function} by {each.formula}",
            Backward,
            each.levels,
            **{each.function: lambda self, x, f=each.computed: f(x, self.round)},
        )


class Poor(Backward):
    """Sigmoid and tanh are off by nearly as much as a level allows, here more and there less, but
    not where they are saturated.
    """

    share, scale = 30.0, 0.0  # in units of u; rounding adds one

    def off(self, x: Array, value: Array) -> Array:
        wave = np.sin(1e4 * np.clip(x, -20.0, 20.0)) * (np.abs(x) < 20.0)
        unit = PRECISIONS[self.case.dtype].unit
        return self.round(value + wave * unit * (self.share * np.abs(value) + self.scale))

    def sigmoid(self, x: Array) -> Array:
        return self.off(x, expit(x))

    def tanh(self, x: Array) -> Array:
        return self.off(x, np.tanh(x))


class PoorToScale(Poor):
    share, scale = 0.0, 8.75


innocent("functions.poor", "sigmoid and tanh are off by up to 30 u of their value", Poor)
innocent(
    "functions.poor-to-scale",
    "sigmoid and tanh are off by up to 8.75 u of full scale",
    PoorToScale,
    NOWHERE,
)
innocent(
    "functions.never-closed",
    "a sigmoid of at least 4 u",
    levels=NOWHERE,
    sigmoid=lambda self, x: self.round(
        np.maximum(expit(x), 4.0 * PRECISIONS[self.case.dtype].unit)
    ),
)


class NeverOne(Backward):
    """Sigmoid and tanh end a little below 1, as where they are read off a table."""

    def short(self, value: Array) -> Array:
        end = 1.0 - 4.0 * PRECISIONS[self.case.dtype].unit
        return self.round(np.clip(value, -end, end))

    def sigmoid(self, x: Array) -> Array:
        return self.short(expit(x))

    def tanh(self, x: Array) -> Array:
        return self.short(np.tanh(x))


innocent("functions.never-one", "sigmoid and tanh of 1 - 4 u at most", NeverOne, EVERYWHERE)
