"""The structural operations that cells and unrolling need beside NumPy's ufuncs.

They are named and few, and every interpretation provides them (``functools.singledispatch``):
NumPy's own functions would silently turn an unknown array into an array of objects.
What stands here is the interpretation *values*: plain float64 arrays, the reference itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Array = npt.NDArray[np.float64]
Ways = Sequence[Callable[..., Any]]


@singledispatch
def rearranged(array: Any, change: Callable[[Any], Any]) -> Any:
    """An array whose elements are moved, left out or replaced by zeros, but not computed with."""
    return change(array)


@singledispatch
def split(array: Any, blocks: int) -> tuple[Any, ...]:
    """Cut the last axis into ``blocks`` equal parts: the inverse of ``join``."""
    width = array.shape[-1] // blocks
    parts = [slice(k * width, (k + 1) * width) for k in range(blocks)]
    return tuple(rearranged(array, itemgetter((..., part))) for part in parts)


@singledispatch
def unstack(array: Any) -> tuple[Any, ...]:
    """The arrays along the first axis: the inverse of ``stack``."""
    return tuple(rearranged(array, itemgetter(t)) for t in range(array.shape[0]))


def stack(arrays: Sequence[Any]) -> Any:
    """Put arrays of one shape one after the other, along a new first axis."""
    return _stack(arrays[0], arrays)


@singledispatch
def _stack(first: Any, arrays: Sequence[Any]) -> Any:
    return np.stack(arrays)


def join(arrays: Sequence[Any]) -> Any:
    """Put arrays side by side, along the last axis."""
    return arrays[0] if len(arrays) == 1 else _join(arrays[0], arrays)


@singledispatch
def _join(first: Any, arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays, axis=-1)


@singledispatch
def product(x: Any, matrix: Any) -> Any:
    """``x @ matrix``, for any axes before the last one of x."""
    return x @ matrix


@product.register(np.ndarray)
def _product(x: Array, matrix: Array) -> Array:
    """All rows in one product: NumPy would take it for as many small ones as there are steps.
    What comes out is no view, so that NumPy adds a bias to it without a copy.
    """
    if x.ndim == 2:
        return np.asarray(x @ matrix)
    whole = np.empty((*x.shape[:-1], matrix.shape[-1]))
    np.matmul(x.reshape(-1, x.shape[-1]), matrix, out=whole.reshape(-1, matrix.shape[-1]))
    return whole


def packed(matrices: Sequence[Any]) -> Sequence[Any]:
    """All matrices of a layer, direction and side, as an implementation holds them."""
    return _packed(matrices[0], matrices)


@singledispatch
def _packed(first: Any, matrices: Sequence[Any]) -> Sequence[Any]:
    return matrices


@singledispatch
def fed(x: Any, axes: tuple[int, ...] | None = None) -> Any:
    """What an implementation multiplies with such matrices, as it holds it: it may look at the
    range of all numbers along some axes, or along all of them.
    """
    return x


@singledispatch
def sigmoid(x: Any) -> Any:
    """``1 / (1 + exp(-x))``. To other interpretations it is the ufunc ``expit``."""
    return expit(x)


@sigmoid.register(np.ndarray)
def _sigmoid(x: Array) -> Array:
    """As accurate (tested), and NumPy takes a third of the time; it may overflow on the way, which
    is ignored wherever a case is unrolled.
    """
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


@singledispatch
def select(yes: Any, no: Any, mask: npt.NDArray[np.bool_]) -> Any:
    """``yes`` where the mask is true, ``no`` elsewhere: what is not selected may be NaN."""
    return np.where(mask, yes, no)


@singledispatch
def clipped(array: Any, limit: float) -> Any:
    """What lies between ``-limit`` and ``limit``; those where it lies beyond."""
    return np.clip(array, -limit, limit)


def either(ways: Ways, *operands: Any) -> Any:
    """One function of the operands, which may be computed in several ways that all conform."""
    return _either(operands[0], ways, operands)


@singledispatch
def _either(first: Any, ways: Ways, operands: Sequence[Any]) -> Any:
    operands = [entered(each) for each in operands]
    return agreed(*(way(*operands) for way in ways))


@_either.register(np.ndarray)
def _first_way(first: Array, ways: Ways, operands: Sequence[Array]) -> Any:
    """Of plain numbers one way is enough."""
    return ways[0](*operands)


@singledispatch
def entered(operand: Any) -> Any:
    """What enters all of several ways: it is one and the same for each of them."""
    return operand


@singledispatch
def agreed(first: Any, *others: Any) -> Any:
    """One quantity, computed in several ways: the value is the first one's."""
    return first


@singledispatch
def observed(computed: Any, seen: Any) -> Any:
    """What an implementation returned, in the place of what was computed."""
    return seen


# ---- what the way back needs


@singledispatch
def total(array: Any) -> Any:
    """The sum over all axes but the last."""
    return array.reshape(-1, array.shape[-1]).sum(axis=0)


@singledispatch
def positive(array: Any) -> Any:
    """1 where a number is positive, 0 elsewhere: the slope of a rectifier."""
    return np.where(array > 0, 1.0, 0.0)


@singledispatch
def within(array: Any, limit: float) -> Any:
    """1 where a number is smaller than a limit in magnitude, 0 elsewhere: the slope of a clip."""
    return np.where(np.abs(array) < limit, 1.0, 0.0)


def transposed(array: Any) -> Any:
    """A matrix, its two axes exchanged."""
    return rearranged(array, np.transpose)


def nothing(array: Any) -> Any:
    """Zeros in the shape of an array."""
    return rearranged(array, np.zeros_like)


def contract(a: Any, b: Any) -> Any:
    """``(..., n)`` and ``(..., m)`` to ``(n, m)``: the product, summed over what they share."""
    a, b = (rearranged(each, lambda x: x.reshape(-1, x.shape[-1])) for each in (a, b))
    return transposed(a) @ b


class Values:
    """The plain reading: every leaf is the array itself."""

    linked = False

    def given(self, array: Array, name: object = None) -> Any:
        """A leaf whose value is known exactly: an input, a weight, an initial state."""
        return array

    def seen(self, array: Array) -> Any:
        """A leaf that an implementation returned: the rounding of a state it may keep wider."""
        return array


VALUES = Values()
register_stack, register_join, register_either = _stack.register, _join.register, _either.register
register_packed = _packed.register
