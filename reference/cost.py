"""The interpretation *cost*: how many operations the equations ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from rnnspec.reference import operations
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll


class Counted(NDArrayOperatorsMixin):
    """A shape, in which every operation is put on one tally."""

    def __init__(self, shape: tuple[int, ...], tally: Counter[str]) -> None:
        self.shape = shape
        self.tally = tally

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        shapes: list[tuple[int, ...]] = [getattr(each, "shape", ()) for each in inputs]
        shape: tuple[int, ...]
        if ufunc is np.matmul:
            shape = (*shapes[0][:-1], shapes[1][-1])
            self.tally["matmul"] += int(np.prod(shape)) * shapes[0][-1]
        else:
            shape = np.broadcast_shapes(*shapes)
            self.tally[ufunc.__name__] += int(np.prod(shape))
        return Counted(shape, self.tally)


@operations.rearranged.register
def _rearranged(array: Counted, change: Callable[[Any], Any]) -> Counted:
    return Counted(change(np.empty(array.shape)).shape, array.tally)


@operations.register_stack
def _stack(first: Counted, arrays: Sequence[Counted]) -> Counted:
    return Counted((len(arrays), *first.shape), first.tally)


@operations.register_join
def _join(first: Counted, arrays: Sequence[Counted]) -> Counted:
    width = sum(each.shape[-1] for each in arrays)
    return Counted((*first.shape[:-1], width), first.tally)


@operations.register_either
def _either(
    first: Counted, ways: operations.Ways, operands: Sequence[Counted]
) -> Counted:  # the first way alone, or both would be counted
    way: Counted = ways[0](*operands)
    return way


@operations.select.register
def _select(yes: Counted, no: Counted, mask: npt.NDArray[np.bool_]) -> Counted:
    return yes


class Counting:
    """The reading as costs: a leaf costs nothing."""

    linked = False

    def __init__(self) -> None:
        self.tally: Counter[str] = Counter()

    def given(self, array: Array, name: object = None) -> Counted:
        """The shape of a leaf."""
        return Counted(array.shape, self.tally)

    seen = given


def cost(network: Network) -> Counter[str]:
    """The operations of one step of one row, by name: ``matmul`` counts multiplications with a
    weight (each with its addition), the others are NumPy's names of elementwise functions.
    """
    weights = {place: np.zeros(shape) for place, shape in network.places()}
    reading = Counting()
    unroll(Case(network, weights, np.zeros((1, 1, network.inputs))), reading)
    return reading.tally
