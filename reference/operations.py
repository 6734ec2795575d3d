"""The structural operations that cells and unrolling need beside NumPy's ufuncs.

They are named and few, and every interpretation provides them (``functools.singledispatch``):
NumPy's own functions would silently turn an unknown array into an array of objects.
What stands here is the interpretation *values*: plain float64 arrays, the reference itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def split(array: Any, blocks: int) -> tuple[Any, ...]:
    """Cut the last axis into ``blocks`` equal parts."""
    width = array.shape[-1] // blocks
    return tuple(array[..., k * width : (k + 1) * width] for k in range(blocks))


@singledispatch
def either(first: Any, *others: Any) -> Any:
    """Ways to compute one quantity that all conform: the value is the first one's."""
    return first


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
def select(yes: Any, no: Any, mask: npt.NDArray[np.bool_]) -> Any:
    """``yes`` where the mask is true, ``no`` elsewhere: what is not selected may be NaN."""
    return np.where(mask, yes, no)


class Values:
    """The plain reading: every leaf is the array itself."""

    def given(self, array: Array) -> Any:
        """A leaf whose value is known exactly: an input, a weight, an initial state."""
        return array

    def seen(self, array: Array) -> Any:
        """A leaf that an implementation returned: the rounding of a state it may keep wider."""
        return array


VALUES = Values()
register_stack, register_join = _stack.register, _join.register
