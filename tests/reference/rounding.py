"""A double of an implementation: it reads the equations, and rounds as badly as the model allows.

Every single operation rounds in a direction of its own, forwards and (below a tape) backwards. What
the standard model leaves open is the choice of a ``Machine``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit

from rnnspec.reference import operations
from rnnspec.reference.operations import Array
from tests.reference.machine import Machine

ROOM = 1 - 2.0**-20
"""The double computes in float64 and is off by that, too: it leaves room for it."""

Direction = Array | float
"""Where each number is rounded to: 1 all the way up, -1 all the way down, 0 not at all."""
Direct = Callable[[int, tuple[int, ...]], Direction]
"""Chooses the directions for the k-th array of a run, of a given shape."""


class Run:
    """One run of an implementation, as a reading. It keeps all that it computed, in order."""

    linked = False

    def __init__(self, machine: Machine, direct: Direct) -> None:
        self.machine = machine
        self.direct = direct
        self.computed: list[Rounded] = []
        self.agreements = 0

    def given(self, array: Array, name: object = None) -> Rounded:
        return Rounded(self, array)

    def seen(self, array: Array) -> Rounded:
        """The state that the layer carried on with: what it returned is a rounding of it."""
        return self.rounded(array)

    def rounded(
        self, exact: Array, *parents: Parent, relative: float = 1.0, absolute: float = 0.0
    ) -> Rounded:
        """The result of an operation, rounded."""
        direction = self.direct(len(self.computed), exact.shape)
        if isinstance(direction, float) and direction == 0.0:
            return Rounded(self, exact, parents)
        unit = self.machine.unit
        reach = ROOM * (unit * (relative * np.abs(exact) + absolute) + self.machine.tiny)
        return Rounded(self, exact + direction * reach, parents)


Pull = Callable[[Array], Array]
Parent = tuple["Rounded", Pull]


class Rounded(NDArrayOperatorsMixin):
    """What an implementation computed, and where from: ``pull`` takes a derivative by the result
    to the derivative by the operand (reverse differentiation)."""

    __slots__ = ("factors", "parents", "run", "slope", "terms", "value")

    def __init__(self, run: Run, value: Array, parents: Sequence[Parent] = ()) -> None:
        self.run = run
        self.value = value
        self.parents = parents
        self.slope: Array | float = 0.0
        self.terms: tuple[Rounded, ...] = (self,)
        self.factors: tuple[Rounded, ...] = (self,)
        run.computed.append(self)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def __getitem__(self, index: Any) -> Rounded:
        if len(self.terms) > 1:
            return _rearranged(self, lambda array: array[index])
        return Rounded(self.run, self.value[index], [(self, lambda s: _put(s, index, self.shape))])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        assert method == "__call__"
        assert not options
        return RULES[ufunc](self.run, *(self._operand(each) for each in inputs))

    def _operand(self, each: Any) -> Rounded:
        return each if isinstance(each, Rounded) else self.run.given(np.asarray(float(each)))


def _put(slope: Array, index: Any, shape: tuple[int, ...]) -> Array:
    whole = np.zeros(shape)
    whole[index] = slope
    return whole


def _fold(slope: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: an operand that was repeated gets the sum of its derivatives."""
    slope = np.sum(slope, axis=tuple(range(slope.ndim - len(shape))))
    repeated = tuple(k for k, size in enumerate(shape) if size != slope.shape[k])
    return np.asarray(np.sum(slope, axis=repeated, keepdims=True))


# ---- sums


def _plus(a: Rounded, b: Rounded) -> Rounded:
    pulls = (a, lambda s: _fold(s, a.shape)), (b, lambda s: _fold(s, b.shape))
    return a.run.rounded(a.value + b.value, *pulls)


def _sum(run: Run, terms: Sequence[Rounded]) -> Rounded:
    """Every addition rounds."""
    parts = list(terms)
    match run.machine.order:
        case "reversed":
            parts.reverse()
        case "shuffled":
            parts = [parts[k] for k in np.random.default_rng(len(parts)).permutation(len(parts))]
        case "pairwise":
            while len(parts) > 1:
                odd = parts[len(parts) // 2 * 2 :]
                parts = [_plus(*pair) for pair in zip(parts[::2], parts[1::2], strict=False)] + odd
    total: Rounded = functools.reduce(_plus, parts)
    if run.machine.joined:
        total.terms = tuple(terms)
    return total


def _add(run: Run, a: Rounded, b: Rounded) -> Rounded:
    return _sum(run, [*a.terms, *b.terms])


def _subtract(run: Run, a: Rounded, b: Rounded) -> Rounded:
    return _add(run, a, -b)


def _matmul(run: Run, a: Rounded, b: Rounded) -> Rounded:
    """Every product of two numbers rounds, and every addition."""
    products = _times(a[..., :, None], b)
    return _sum(run, [products[..., k, :] for k in range(a.shape[-1])])


@operations.total.register
def _total(array: Rounded) -> Rounded:
    flat = _rearranged(array, lambda a: a.reshape(-1, a.shape[-1]))
    return _sum(array.run, [term for k in range(flat.shape[0]) for term in flat[k].terms])


# ---- products and functions


def _times(a: Rounded, b: Rounded) -> Rounded:
    return a.run.rounded(
        a.value * b.value,
        (a, lambda s: _fold(s * b.value, a.shape)),
        (b, lambda s: _fold(s * a.value, b.shape)),
    )


def _multiply(run: Run, a: Rounded, b: Rounded) -> Rounded:
    factors = (*a.factors, *b.factors)
    match run.machine.bracket:
        case "left":
            product = functools.reduce(_times, factors)
        case "right":
            product = functools.reduce(_times, factors[::-1])
        case "outer":
            product = functools.reduce(_times, [factors[0], *factors[:0:-1]])
        case _:
            product = _times(a, b)
    product.factors = factors
    return product


def _activation(
    function: Callable[[Array], Array], slope: Callable[[Array], Array]
) -> Callable[[Run, Rounded], Rounded]:
    """Sigmoid or tanh, whose slope is a function of its value."""

    def rule(run: Run, a: Rounded) -> Rounded:
        exact, level = function(a.value), run.machine.level
        pull = (a, lambda s: s * slope(exact))
        return run.rounded(exact, pull, relative=level.relative, absolute=level.absolute)

    return rule


# ---- what does not round


def _maximum(run: Run, a: Rounded, b: Rounded) -> Rounded:
    larger = a.value > b.value
    pulls = [(a, lambda s: _fold(s * larger, a.shape)), (b, lambda s: _fold(s * ~larger, b.shape))]
    return Rounded(run, np.maximum(a.value, b.value), pulls)


@operations.positive.register
def _positive(array: Rounded) -> Rounded:
    slope = np.where(array.value > 0, 1.0, np.where(array.value < 0, 0.0, array.run.machine.kink))
    return Rounded(array.run, slope)


def _negative(run: Run, a: Rounded) -> Rounded:
    negative = Rounded(run, -a.value, [(a, np.negative)])
    if len(a.terms) > 1:
        negative.terms = tuple(_negative(run, each) for each in a.terms)
    if len(a.factors) > 1:
        negative.factors = (_negative(run, a.factors[0]), *a.factors[1:])
    return negative


@operations.rearranged.register
def _rearranged(array: Rounded, change: Callable[[Any], Any]) -> Rounded:
    size = array.value.size
    source = change(np.arange(1, size + 1).reshape(array.shape)).ravel()  # 0 is a zero put in

    def pull(slope: Array) -> Array:
        back: Array = np.bincount(source, slope.ravel(), size + 1)[1:].astype(np.float64)
        return back.reshape(array.shape)

    moved = Rounded(array.run, change(array.value), [(array, pull)])
    if len(array.terms) > 1:
        moved.terms = tuple(_rearranged(_spread(t, array.shape), change) for t in array.terms)
    return moved


def _spread(array: Rounded, shape: tuple[int, ...]) -> Rounded:
    """Repeated along axes that it has not."""
    if array.shape == shape:
        return array
    value = np.broadcast_to(array.value, shape)
    return Rounded(array.run, value, [(array, lambda s: _fold(s, array.shape))])


@operations.agreed.register
def _agreed(first: Rounded, *others: Rounded) -> Rounded:
    run, ways = first.run, (first, *others)
    run.agreements += 1
    form = run.machine.form
    return ways[run.agreements % len(ways) if form is None else form]


@operations.register_stack
def _stack(first: Rounded, arrays: Sequence[Rounded]) -> Rounded:
    parents = [(each, lambda s, k=k: s[k]) for k, each in enumerate(arrays)]
    return Rounded(first.run, np.stack([each.value for each in arrays]), parents)


@operations.register_join
def _join(first: Rounded, arrays: Sequence[Rounded]) -> Rounded:
    ends = np.cumsum([each.shape[-1] for each in arrays])
    parents = [
        (each, lambda s, part=slice(end - each.shape[-1], end): s[..., part])
        for each, end in zip(arrays, ends, strict=True)
    ]
    return Rounded(first.run, np.concatenate([each.value for each in arrays], axis=-1), parents)


@operations.select.register
def _select(yes: Rounded, no: Rounded, mask: npt.NDArray[np.bool_]) -> Rounded:
    pulls = [
        (yes, lambda s: _fold(np.where(mask, s, 0), yes.shape)),
        (no, lambda s: _fold(np.where(mask, 0, s), no.shape)),
    ]
    return Rounded(yes.run, np.where(mask, yes.value, no.value), pulls)


RULES: dict[Any, Callable[..., Rounded]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.matmul: _matmul,
    np.tanh: _activation(np.tanh, lambda y: 1 - y * y),
    expit: _activation(expit, lambda y: y * (1 - y)),
    np.maximum: _maximum,
    np.negative: _negative,
}
