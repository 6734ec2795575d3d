"""The structural operations on plain arrays, against NumPy's own."""

from __future__ import annotations

import numpy as np
import pytest

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.operations import (
    Array,
    agreed,
    contract,
    either,
    join,
    nothing,
    observed,
    positive,
    select,
    split,
    stack,
    total,
    transposed,
    unstack,
)

CUBE = np.arange(24.0).reshape(2, 3, 4)


def test_split_undoes_join_and_unstack_undoes_stack() -> None:
    parts = [CUBE, CUBE + 100, CUBE - 100]
    joined, stacked = join(parts), stack(parts)
    assert joined.shape == (2, 3, 12)
    assert stacked.shape == (3, 2, 3, 4)
    for whole in (split(joined, 3), unstack(stacked)):
        assert len(whole) == 3
        for part, found in zip(parts, whole, strict=True):
            assert np.array_equal(part, found)


def test_one_array_alone_is_joined_as_it_is() -> None:
    """An open sum stays open: it is not rounded where nothing is put beside it."""
    one, two = (Bounds.of("float32").given(np.ones(2)) for _ in range(2))
    open_sum = one + two
    assert join([open_sum]) is open_sum
    assert join([CUBE]) is CUBE


def test_select_takes_whole_numbers_of_either_array() -> None:
    chosen = select(np.array([1.0, np.nan]), np.array([np.inf, 2.0]), np.array([True, False]))
    assert chosen.tolist() == [1, 2]


def test_a_total_is_over_all_axes_but_the_last() -> None:
    assert np.array_equal(total(CUBE), CUBE.sum(axis=(0, 1)))
    assert total(CUBE[0, 0]).tolist() == [0, 1, 2, 3]


def test_a_number_is_positive_from_above_0_on() -> None:
    numbers = np.array([-2.0, -0.5, -0.0, 0.0, 0.5, 1.0])
    assert positive(numbers).tolist() == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("array", [CUBE, CUBE[0]], ids=["steps and rows", "rows"])
def test_a_contraction_sums_over_what_is_shared(array: Array) -> None:
    """Whole numbers: nothing rounds."""
    other = array[..., :2] ** 2 - 5
    shared = list(range(array.ndim - 1))
    assert np.array_equal(contract(array, other), np.tensordot(array, other, (shared, shared)))


def test_what_moves_and_what_is_left_out() -> None:
    assert np.array_equal(transposed(CUBE[0]), CUBE[0].T)
    assert np.array_equal(nothing(CUBE), np.zeros((2, 3, 4)))


def test_of_several_ways_the_first_is_the_value() -> None:
    assert agreed(1.0, 2.0) == 1
    assert either((np.add, np.subtract), np.array(3.0), np.array(1.0)) == 4
    assert observed(1.0, 2.0) == 2
