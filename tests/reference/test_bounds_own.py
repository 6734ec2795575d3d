"""What the reference itself rounds, where an implementation rounds nothing and all else is 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from rnnspec.reference.bounds import Arithmetic, Bounded, Bounds
from rnnspec.reference.operations import total
from rnnspec.reference.precision import Level

OWN = 2.0**-53
EXACT = Bounds(Arithmetic(0.0, 0.0, np.inf, Level("exact", 0.0, 0.0)))
WIDENED = 1 + 2.0**-40
"""The bound is computed in float64 itself, and widened by so much for that."""


def given(*numbers: float) -> Bounded:
    return EXACT.given(np.array(numbers))


def assert_error(found: Bounded, error: float) -> None:
    assert found.settled().error == pytest.approx(error * WIDENED, rel=2.0**-46, abs=0)


def test_every_addition_rounds_every_term() -> None:
    """Three additions, four terms: 8 at most, and three roundings of it."""
    assert_error(given(1.0) + given(-2.0) + given(3.0) - given(2.0), 3 * 8 * OWN)
    assert_error(total(EXACT.given(np.array([[1.0], [-2.0], [3.0], [2.0]]))), 3 * 8 * OWN)


def test_a_product_is_rounded_once_and_a_matrix_product_as_often_as_it_has_terms() -> None:
    assert_error(given(3.0) * given(-5.0), 15 * OWN)
    assert_error(given(3.0, -2.0) @ EXACT.given(np.array([[5.0], [7.0]])), 2 * (15 + 14) * OWN)


@pytest.mark.parametrize("value", [0.75, -0.75])
@pytest.mark.parametrize("function", [np.tanh, expit])
def test_a_function_is_off_at_its_value_and_at_both_ends(
    function: Callable[[Any], Any], value: float
) -> None:
    """Each by four units. The ends are those of an interval that is wider by half an ulp."""
    ends = [function(np.nextafter(value, to)) for to in (-np.inf, np.inf)]
    steepest = max(abs(end - function(value)) for end in ends)
    largest = max(abs(end) for end in ends)
    found = function(given(value))
    assert found.error == pytest.approx(
        (steepest + 3 * 4 * OWN * largest) * WIDENED, rel=2.0**-46, abs=0
    )


def test_near_zero_the_ends_of_an_interval_are_on_either_side_of_it() -> None:
    """Of an argument that is known exactly, too."""
    assert np.all(np.tanh(given(0.0)).error >= np.nextafter(0.0, 1.0))
