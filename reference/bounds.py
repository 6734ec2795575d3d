"""The interpretation *bounds*: every number with a bound on the error of any conforming layer.

A ``Bounded`` is what the equations compute when they are read as error analysis. Its error bounds
``|an implementation's number - the reference's number|``, for every implementation that computes
in unit roundoff u, in any order of summation, fused or not, and flushes tiny numbers or not; the
rounding of the reference itself, in float64, is in it.

The model is the standard one (Higham 2002, eq. 2.4): the result of an operation is the exact
result times 1 + d, with |d| <= u. A sum of n terms, in any order and with any fusing, multiplies
each term by at most n such factors, and the last of them falls on the sum itself: a tree of
additions has one root. So additions are not charged one by one but kept *open*, with the
magnitudes of their terms, until the sum is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit

from rnnspec.reference import operations
from rnnspec.reference.operations import Array, product
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Grid, Level, Precision

OWN_UNIT = 2.0**-53
"""The unit roundoff of the reference."""
OWN_ACTIVATION = 4.0
"""NumPy's tanh and SciPy's expit are within so many OWN_UNIT of their value (tested)."""
OUTWARD = 1.0 + 2.0**-40
"""The bounds are computed in float64 too: errors are widened by this, once a sum or function."""


@dataclass(frozen=True)
class Arithmetic:
    """What is assumed of an implementation: its number format and its activations' accuracy."""

    unit: float
    """u, the unit roundoff."""
    tiny: float
    """What a result may be off near zero, where it is no longer relatively accurate."""
    largest: float
    """Beyond this nothing is known."""
    level: Level = RELATIVE

    @classmethod
    def of(cls, precision: Precision, level: Level = RELATIVE) -> Arithmetic:
        """The arithmetic of a format, with activations of a level."""
        return cls(precision.unit, precision.tiny, precision.largest, level)


@cache
def growth(unit: float, roundings: int) -> float:
    """``(1 + u)**k - 1``: what k roundings may add to a number, relative to it."""
    return float(np.expm1(roundings * np.log1p(unit)))


def _full(array: Any, shape: tuple[int, ...]) -> Any:
    """An error, repeated up to a shape: most have it already, and NumPy is slow to see that."""
    whole = not isinstance(array, float) and array.shape == shape
    return array if whole else np.broadcast_to(array, shape)


class Bounded(NDArrayOperatorsMixin):
    """An array of values, each with a bound on its error. Open sums carry what they still owe."""

    __slots__ = (
        "additions", "arithmetic", "error", "factors", "inherited", "paid", "products", "reach",
        "terms", "value",
    )  # fmt: skip

    def __init__(
        self,
        value: Array,
        error: Array | float,
        arithmetic: Arithmetic,
        terms: Array | None = None,
        additions: int = 0,
        products: int = 0,
        inherited: Array | float | None = None,
        factors: int = 1,
        reach: Callable[[], Array] | None = None,
    ) -> None:
        """``terms`` bounds the magnitudes of the terms of an open sum, added up, errors included.
        ``additions`` counts its additions, ``products`` is 1 where its terms were multiplied.
        ``inherited`` is what the error would be had nothing been rounded since the argument of the
        last function, or since a choice of ways was entered.
        ``factors`` counts those of an elementwise product, ``reach()`` bounds that of some of them.
        """
        self.value = value
        self.error = error
        self.inherited = error if inherited is None else inherited
        self.arithmetic = arithmetic
        self.terms = terms
        self.additions = additions
        self.products = products
        self.factors = factors
        self.reach = reach
        self.paid: Bounded | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.value.shape

    def magnitude(self) -> Array:
        """The largest that an implementation's terms can be, added up."""
        return np.abs(self.value) + self.error if self.terms is None else self.terms

    def settled(self) -> Bounded:
        """The same, with the roundings of an open sum paid: its error is final."""
        if self.additions + self.products == 0:
            return self
        if self.paid is None:
            self.paid = self._settled(self.additions + self.products)
        return self.paid

    def _settled(self, roundings: int) -> Bounded:
        of, terms = self.arithmetic, self.magnitude()
        inner, own = growth(of.unit, roundings - 1), growth(OWN_UNIT, roundings)
        rounded = (1 + of.unit) * inner + own
        error = (1 + of.unit) * self.error + rounded * terms + of.unit * np.abs(self.value)
        error = error + 2 * roundings * of.tiny * (1 + inner)
        known = terms + error <= of.largest  # not where it is NaN
        error = np.where(known, error * OUTWARD, np.inf)
        return Bounded(
            self.value, error, of, inherited=self.inherited, factors=self.factors, reach=self.reach
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        rule = _RULES.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        return rule(*(_operand(each, self.arithmetic) for each in inputs))


def _operand(array: Any, arithmetic: Arithmetic) -> Bounded:
    """Integers of the equations are exact; an array that nobody wrapped is a mistake."""
    if isinstance(array, Bounded):
        return array
    if isinstance(array, int):
        return Bounded(np.asarray(float(array)), 0.0, arithmetic)
    raise TypeError(
        f"a plain {type(array).__name__} meets a bounded array: wrap it as a leaf first"
    )


def _add(a: Bounded, b: Bounded, value: Array) -> Bounded:
    return Bounded(
        value,
        a.error + b.error,
        a.arithmetic,
        terms=a.magnitude() + b.magnitude(),
        additions=a.additions + b.additions + 1,
        products=max(a.products, b.products),
        inherited=a.inherited + b.inherited,
    )


def _unrounded(x: Any, y: Any, e: Any, f: Any, times: Callable[..., Any]) -> Any:
    """The error of a product, before it is rounded: of magnitudes x and y with errors e and f."""
    if _exact(f):
        return 0.0 if _exact(e) else times(_full(e, x.shape), y)
    if _exact(e):
        return times(x, _full(f, y.shape))
    return times(_full(e, x.shape), y + f) + times(x, _full(f, y.shape))


def _exact(error: Any) -> bool:
    return isinstance(error, float) and error == 0.0


def _multiply(a: Bounded, b: Bounded) -> Bounded:
    """Factors may be multiplied in any order: what is flushed on the way may be multiplied by any
    of the others, and it may be they that leave the range.
    """
    a, b = a.settled(), b.settled()
    x, y = np.abs(a.value), np.abs(b.value)
    error = inherited = _unrounded(x, y, a.error, b.error, np.multiply)
    if a.inherited is not a.error or b.inherited is not b.error:
        inherited = _unrounded(x, y, a.inherited, b.inherited, np.multiply)
    of, factors = a.arithmetic, a.factors + b.factors

    def reach() -> Array:
        return _reach(a) * _reach(b)

    if factors > 2:
        reached = reach()
        flushed = 2 * (factors - 2) * of.tiny * reached * (1 + growth(of.unit, factors))
        error = np.where(reached <= of.largest, error + flushed, np.inf)
    return Bounded(
        a.value * b.value, error, of, products=1, inherited=inherited, factors=factors, reach=reach
    )


def _reach(a: Bounded) -> Array:
    return np.maximum(a.magnitude(), 1.0) if a.reach is None else a.reach()


@operations.product.register
def _matmul(a: Bounded, b: Bounded) -> Bounded:
    a, b = a.settled(), b.settled()
    x, y = np.abs(a.value), np.abs(b.value)
    error = _unrounded(x, y, a.error, b.error, product)
    wide = product(x, y) + error
    value = product(a.value, b.value)
    return Bounded(value, error, a.arithmetic, wide, a.shape[-1] - 1, products=1)


ON_A_GRID = 8
"""So many roundings, of numbers up to the range and a step beyond, are made on the way to a grid
and back: quotient, zero point and sum (twice where they make a tie of what was none), the step
itself, and the product of two steps.
"""


def _on_grid(a: Bounded, grid: Grid, low: Any, high: Any) -> Bounded:
    """Rounded to the nearest number of a grid over a range: off by half a step at most, and by no
    more than itself, since zero is on the grid.
    """
    of, range = a.arithmetic, high - low
    step = np.maximum(range / grid.steps, grid.least)
    size = np.abs(a.value) + a.error
    rounded = np.where(size > 0, ON_A_GRID * of.unit * (range + step), 0.0)
    off = np.minimum(step / 2, size) + rounded
    known = np.isfinite(range)
    return Bounded(a.value, np.where(known, (a.error + off) * OUTWARD, np.inf), of)


@operations.register_packed
def _packed(first: Bounded, matrices: Sequence[Bounded]) -> Sequence[Bounded]:
    grid = first.arithmetic.level.weights
    if not grid.steps:
        return matrices
    largest = max(float(np.max(np.abs(each.value) + each.error)) for each in matrices)
    return [_on_grid(each, grid, -largest, largest) for each in matrices]


@operations.fed.register
def _fed(x: Bounded, axes: tuple[int, ...] | None = None) -> Bounded:
    """The range may be that of more than is rounded at once: it makes the step no smaller."""
    grid = x.arithmetic.level.operands
    if not grid.steps:
        return x
    x = x.settled()
    low = np.min(x.value - x.error, axis=axes, keepdims=True, initial=0.0)
    high = np.max(x.value + x.error, axis=axes, keepdims=True, initial=0.0)
    return _on_grid(x, grid, low, high)


def _monotone(function: Callable[[Any], Array]) -> Callable[[Bounded], Bounded]:
    """Sigmoid and tanh: the ends of the argument's interval give the ends of the value's."""

    def rule(a: Bounded) -> Bounded:
        a = a.settled()
        of, value = a.arithmetic, function(a.value)
        above = a.value + a.error
        low = function(np.nextafter(a.value - a.error, -np.inf))
        high = function(np.nextafter(above, np.inf))
        error = np.maximum(high - value, value - low)
        error = error + 3 * OWN_ACTIVATION * OWN_UNIT * np.maximum(high, -low)
        share, flat = of.unit * of.level.relative, of.unit * of.level.absolute + of.tiny
        inherited, error = error, (1 + share) * error + share * np.abs(value) + flat
        known = np.isfinite(above)  # beyond, infinities of two signs may have met
        error = np.where(known, error * OUTWARD, np.inf)
        return Bounded(value, error, of, inherited=inherited)

    return rule


def _maximum(a: Bounded, b: Bounded) -> Bounded:
    a, b = a.settled(), b.settled()
    below = a.value + a.error <= b.value - b.error  # of a relu: it is off, whatever was rounded
    error = np.where(below, b.error, np.maximum(a.error, b.error))
    return Bounded(np.maximum(a.value, b.value), error, a.arithmetic)


_RULES: dict[Any, Callable[..., Bounded]] = {
    np.add: lambda a, b: _add(a, b, a.value + b.value),
    np.subtract: lambda a, b: _add(a, b, a.value - b.value),
    np.multiply: _multiply,
    np.matmul: _matmul,
    np.tanh: _monotone(np.tanh),
    expit: _monotone(expit),
    np.maximum: _maximum,
    np.negative: lambda a: _like(a, -a.value, lambda magnitude: magnitude),
}


def _like(a: Bounded, value: Array, moved: Callable[[Any], Any]) -> Bounded:
    """What was moved, or has its signs turned, and is otherwise as it was: no error is made."""

    def changed(array: Any) -> Any:
        if array is None or isinstance(array, float):
            return array
        return moved(_full(array, a.shape))

    error, reach = changed(a.error), a.reach
    return Bounded(
        value,
        error,
        a.arithmetic,
        changed(a.terms),
        a.additions,
        a.products,
        error if a.inherited is a.error else changed(a.inherited),
        a.factors,
        None if reach is None else lambda: changed(reach()),
    )


@operations.clipped.register
def _clipped(a: Bounded, limit: float) -> Bounded:
    """The ends of the argument's interval give the ends of the value's, and nothing is rounded."""
    a = a.settled()
    value, low, high = (
        np.clip(x, -limit, limit) for x in (a.value, a.value - a.error, a.value + a.error)
    )
    error = np.where(np.isfinite(a.error), np.maximum(high - value, value - low), np.inf)
    return Bounded(value, error, a.arithmetic)


@operations.within.register
def _within(a: Bounded, limit: float) -> Bounded:
    """Where a number may be at the limit, nothing is known of the slope but its range."""
    a = a.settled()
    unknown = ~(np.abs(np.abs(a.value) - limit) > a.error)
    return Bounded(
        np.where(np.abs(a.value) < limit, 1.0, 0.0), np.where(unknown, 1.0, 0.0), a.arithmetic
    )


@operations.rearranged.register
def _rearranged(array: Bounded, change: Callable[[Any], Any]) -> Bounded:
    return _like(array, change(array.value), change)


@operations.total.register
def _total(array: Bounded) -> Bounded:
    flat = operations.rearranged(array, lambda a: a.reshape(-1, a.shape[-1]))
    sums = [
        each if isinstance(each, float) else np.sum(each, axis=0)
        for each in (flat.error, flat.inherited)
    ]
    return Bounded(
        flat.value.sum(axis=0),
        sums[0],
        flat.arithmetic,
        flat.magnitude().sum(axis=0),
        flat.additions + max(flat.shape[0] - 1, 0),
        flat.products,
        sums[1],
    )


@operations.positive.register
def _positive(array: Bounded) -> Bounded:
    """Where a number may be 0, or of either sign, nothing is known of the slope but its range."""
    array = array.settled()
    unknown = ~(np.abs(array.value) > array.error)
    return Bounded(
        np.where(array.value > 0, 1.0, 0.0), np.where(unknown, 1.0, 0.0), array.arithmetic
    )


@operations.entered.register
def _entered(a: Bounded) -> Bounded:
    """All of its error is inherited: of what is rounded from here on, each way has its own."""
    a = a.settled()
    return Bounded(a.value, a.error, a.arithmetic, factors=a.factors, reach=a.reach)


@operations.agreed.register
def _agreed(first: Bounded, *others: Bounded) -> Bounded:
    """The reference's value is the first way's. All ways are one function of what enters them, so
    what they inherit is the least that any of them shows; what they round is the most.
    """
    ways = [each.settled() for each in (first, *others)]
    value = ways[0].value
    inherited = np.asarray(ways[0].inherited)
    own = np.asarray(ways[0].error) - inherited
    for way in ways[1:]:
        inherited = np.minimum(inherited, way.inherited)
        own = np.maximum(own, way.error - way.inherited + np.abs(way.value - value))
    error = inherited + own
    error = np.where(np.isfinite(error), error, np.inf)
    factors = max(way.factors for way in ways)
    return Bounded(
        value,
        error,
        first.arithmetic,
        factors=factors,
        reach=(lambda: reduce(np.maximum, map(_reach, ways))) if factors > 1 else None,
    )


def _together(
    arrays: Sequence[Bounded], combine: Callable[[Sequence[npt.NDArray[Any]]], Any]
) -> Bounded:
    settled = [each.settled() for each in arrays]
    value = combine([each.value for each in settled])
    if all(_exact(each.error) for each in settled):
        return Bounded(value, 0.0, settled[0].arithmetic)
    errors = [_full(each.error, each.shape) for each in settled]
    return Bounded(value, combine(errors), settled[0].arithmetic)


@operations.register_stack
def _stack(first: Bounded, arrays: Sequence[Bounded]) -> Bounded:
    return _together(arrays, np.stack)


@operations.register_join
def _join(first: Bounded, arrays: Sequence[Bounded]) -> Bounded:
    return _together(arrays, lambda parts: np.concatenate(parts, axis=-1))


@operations.select.register
def _select(yes: Bounded, no: Bounded, mask: npt.NDArray[np.bool_]) -> Bounded:
    return _together([yes, no], lambda parts: np.where(mask, *parts))


class Bounds:
    """The reading as bounds, for implementations of a given arithmetic."""

    linked = False

    def __init__(self, arithmetic: Arithmetic) -> None:
        self.arithmetic = arithmetic

    @classmethod
    def of(cls, dtype: str, level: Level = RELATIVE) -> Bounds:
        """Bounds for a dtype by name, with activations of a level."""
        return cls(Arithmetic.of(PRECISIONS[dtype], level))

    def given(self, array: Array, name: object = None) -> Bounded:
        """A leaf that an implementation was given: the same number on both sides."""
        return Bounded(array, 0.0, self.arithmetic)

    def seen(self, array: Array) -> Bounded:
        """A leaf that an implementation returned. What it carries on with may be wider than what
        it returns, so this is known to one rounding only.
        """
        of = self.arithmetic
        return Bounded(array, of.unit * np.abs(array) + of.tiny, of)
