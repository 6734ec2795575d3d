"""Each rule of the bounds with numbers worked out by hand, in an arithmetic so coarse that every
part of a bound shows: u is 2^-8, what is lost near zero 2^-20. What the reference itself rounds
is far less than the digits that are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from rnnspec.reference.bounds import Arithmetic, Bounded, Bounds, growth
from rnnspec.reference.cells import REST
from rnnspec.reference.operations import (
    agreed,
    either,
    join,
    positive,
    rearranged,
    stack,
    total,
    transposed,
)
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, Level

U, TINY, LARGEST = 2.0**-8, 2.0**-20, 1024.0
COARSE = Bounds(Arithmetic(U, TINY, LARGEST, Level("odd", relative=3.0, absolute=5.0)))


def known(value: float, error: float) -> Bounded:
    """One number, known up to an error."""
    return Bounded(np.array([value]), np.array([error]), COARSE.arithmetic)


def given(value: float) -> Bounded:
    return COARSE.given(np.array([value]))


def larger(a: Any, b: Any) -> Any:
    """The larger of two: NumPy's types know of no bounds."""
    return np.maximum(a, b)


def assert_bound(found: Bounded, value: float, error: float) -> None:
    """The bound is what was worked out, and not less."""
    settled = found.settled()
    assert settled.value == value
    assert settled.error >= error
    assert settled.error == pytest.approx(error, rel=2.0**-36, abs=0)


# ---- sums


def test_a_sum_of_two_is_rounded_once() -> None:
    """The errors of both, u of what an implementation's sum may be, and tiny on either side."""
    inherited = 0.25 + 0.125
    error = inherited + U * (1 + inherited) + 2 * TINY
    assert_bound(known(3.0, 0.25) - known(2.0, 0.125), 1.0, error)


def test_a_sum_of_three_is_rounded_twice_at_any_of_its_terms() -> None:
    """Once at every term, largest in magnitude, and once at the sum."""
    terms, inherited = 3.25 + 2.125 + 0.5, 0.375
    unrounded = inherited + U * terms
    error = unrounded + U * (1.5 + unrounded) + 4 * TINY * (1 + U)
    for a, b, c in [(3.0, -2.0, 0.5), (-2.0, 0.5, 3.0)]:
        numbers = {3.0: known(3.0, 0.25), -2.0: known(-2.0, 0.125), 0.5: given(0.5)}
        assert_bound(numbers[a] + numbers[b] + numbers[c], 1.5, error)
        assert_bound(numbers[a] + (numbers[b] + numbers[c]), 1.5, error)


def test_a_sum_is_known_up_to_the_end_of_the_range_and_no_further() -> None:
    assert np.isfinite((given(LARGEST) - given(LARGEST / 2)).settled().error) == [False]
    assert np.isfinite((given(LARGEST / 2) + given(0.0)).settled().error) == [True]
    exact = Bounds(Arithmetic(0.0, 0.0, LARGEST))
    half = exact.given(np.array([LARGEST / 2]))
    assert (half - half).settled().error < 2.0**-40
    assert (half - half - exact.given(np.array([1.0]))).settled().error == np.inf


def test_a_total_adds_up_what_its_terms_had_added_up() -> None:
    """Two rows of sums of two: every number is rounded twice, the last time with the sum."""
    one = np.array([[1.0], [2.0]])
    open_sums = COARSE.given(one) + Bounded(-one / 2, np.full((2, 1), 0.25), COARSE.arithmetic)
    terms, inherited = 1.0 + 2.0 + 0.75 + 1.25, 0.5
    unrounded = inherited + U * terms
    error = unrounded + U * (1.5 + unrounded) + 4 * TINY * (1 + U)
    summed = total(open_sums)
    assert_bound(summed, 1.5, error)
    assert summed.inherited == 0.5


def test_a_total_of_products_has_their_roundings_and_one_for_every_addition() -> None:
    factors = Bounded(np.array([[3.0], [1.0]]), np.array([[0.25], [0.0]]), COARSE.arithmetic)
    products = (factors * COARSE.given(np.array([[2.0], [2.0]]))).settled()
    unrounded = products.error.sum()
    summed = total(products)
    assert_bound(summed, 8.0, unrounded + U * (8 + unrounded) + 2 * TINY)
    assert summed.inherited == 0.5


def test_a_total_of_one_is_not_rounded() -> None:
    assert total(known(3.0, 0.25)).settled().error == 0.25
    assert total(COARSE.given(np.ones((4, 1)))).inherited == 0
    assert total(COARSE.given(np.ones((0, 1)))).settled().error == 0


# ---- products


def test_a_product_has_the_errors_of_both_factors_and_one_rounding() -> None:
    inherited = 0.25 * 2 + 3 * 0.125 + 0.25 * 0.125
    error = inherited + U * (6 + inherited) + 2 * TINY
    assert_bound(known(3.0, 0.25) * known(-2.0, 0.125), -6.0, error)
    assert_bound(given(3.0) * known(-2.0, 0.125), -6.0, 0.375 + U * 6.375 + 2 * TINY)
    assert_bound(known(3.0, 0.25) * given(-2.0), -6.0, 0.5 + U * 6.5 + 2 * TINY)
    assert_bound(given(3.0) * given(-2.0), -6.0, U * 6 + 2 * TINY)


def test_an_error_that_is_one_number_is_an_error_all_the_same() -> None:
    single = Bounded(np.array(3.0), np.float64(0.25), COARSE.arithmetic)
    assert_bound(single * COARSE.given(np.array(2.0)), 6.0, 0.5 + U * 6.5 + 2 * TINY)
    assert stack([single, single]).error.tolist() == [0.25, 0.25]


def test_what_is_lost_near_zero_in_a_product_of_many_is_enlarged_by_the_others() -> None:
    """By those above 1: 3 and, once rounded, 5; and for each product but the last."""
    lost = 2 * TINY * (3 * 5 * 1) * (1 + growth(U, 3))
    two = U * 15 + 2 * TINY
    unrounded = two * 0.5 + lost
    error = unrounded + U * (7.5 + unrounded) + 2 * TINY
    assert_bound(given(3.0) * given(5.0) * given(0.5), 7.5, error)
    again = given(3.0) * given(5.0) * given(0.5) * given(0.25)
    lost = 4 * TINY * (3 * 5 * 1 * 1) * (1 + growth(U, 4))
    unrounded = error * 0.25 + lost
    assert_bound(again, 1.875, unrounded + U * (1.875 + unrounded) + 2 * TINY)


def test_what_a_product_inherits_has_no_rounding_in_it() -> None:
    """An error of 0.25 of 3 is one of 0.25 * 5 * 0.5 of 3 * 5 * 0.5."""
    found = known(3.0, 0.25) * given(5.0) * given(0.5)
    assert found.inherited == found.settled().inherited == 0.625
    assert (given(0.5) * (given(5.0) * known(3.0, 0.25))).inherited == 0.625
    assert (known(3.0, 0.25) * known(5.0, 0.5)).inherited == 0.25 * 5 + 3 * 0.5 + 0.125


@pytest.mark.parametrize("same", [lambda p: p, np.negative, Bounded.settled])
def test_factors_that_may_leave_the_range_on_the_way_leave_nothing_known(
    same: Callable[[Any], Any],
) -> None:
    """As written, they never get there."""
    for wide in (same(given(2.0**-10) * given(32.0)), same(given(32.0) * given(2.0**-10))):
        assert (wide * given(32.0)).settled().error < 1
        assert (wide * given(33.0)).settled().error == np.inf


def test_a_matrix_product_rounds_at_every_product_and_sum() -> None:
    """Three products in one sum: three roundings, the last of them of the sum."""
    a = Bounded(np.array([[1.0, -2.0, 3.0]]), np.array([[0.25, 0.0, 0.5]]), COARSE.arithmetic)
    b = Bounded(
        np.array([[4.0], [5.0], [2.0]]), np.array([[0.125], [0.0], [0.0]]), COARSE.arithmetic
    )
    a = rearranged(a, lambda array: array[None])  # one step of one row
    inherited = 0.25 * 4.125 + 1 * 0.125 + 0.5 * 2
    terms = 4 + 10 + 6 + inherited
    twice = (1 + U) ** 2 - 1
    unrounded = inherited + twice * terms
    error = unrounded + U * (0 + unrounded) + 6 * TINY * (1 + twice)
    assert_bound(a @ b, 0.0, error)


# ---- functions


@pytest.mark.parametrize("function", [np.tanh, expit])
@pytest.mark.parametrize("value", [0.75, -0.75, 0.0])
def test_a_function_is_known_as_far_as_its_argument_and_its_level(
    function: Callable[[Any], Any], value: float
) -> None:
    """On the side where it is steeper; then 3 u of what it may be, 5 u of full scale, and tiny."""
    exact = float(function(value))
    steeper = max(function(value + 0.25) - exact, exact - function(value - 0.25))
    error = steeper + 3 * U * (abs(exact) + steeper) + 5 * U + TINY
    found = function(known(value, 0.25))
    assert found.value == exact
    assert found.error >= error
    assert found.error == pytest.approx(error, rel=2.0**-36, abs=0)


@pytest.mark.parametrize(
    ("value", "error"), [(-2.0, 0.5), (-0.5, 0.5), (-0.5, 0.75), (0.5, 0.25), (0.0, 0.0)]
)
def test_a_rectifier_that_is_surely_off_has_no_error(value: float, error: float) -> None:
    found = larger(known(value, error), 0)
    assert found.value == max(value, 0)
    assert found.error == (0 if value + error <= 0 else error)


def test_the_larger_of_two_is_off_by_no_more_than_either() -> None:
    assert larger(known(1.0, 0.5), known(1.25, 0.125)).error == 0.5
    assert larger(known(1.0, 0.5), known(2.0, 0.75)).error == 0.75
    assert larger(known(1.0, 0.5), known(1.75, 0.25)).error == 0.25  # they meet at 1.5
    assert larger(known(1.0, 0.5), known(1.625, 0.25)).error == 0.5  # they overlap


@pytest.mark.parametrize(
    ("value", "error", "slope", "unknown"),
    [
        *[(0.5, 0.25, 1, 0), (0.5, 0.5, 1, 1), (0.25, 0.5, 1, 1), (0.0, 0.0, 0, 1)],
        *[(-0.5, 0.25, 0, 0), (-0.5, 0.5, 0, 1), (-0.25, 0.5, 0, 1)],
    ],
)
def test_a_slope_is_known_where_the_sign_is(
    value: float, error: float, slope: float, unknown: float
) -> None:
    found = positive(known(value, error))
    assert (found.value, found.error) == (slope, unknown)
    numbers = np.array([value, 1.0]), np.array([error, 0.5])
    assert positive(Bounded(*numbers, COARSE.arithmetic)).error.tolist() == [unknown, 0]


# ---- what is carried along


def test_ways_agree_on_the_largest_reach_and_most_factors() -> None:
    """A product of two beside a number that is none: in a third factor both count."""
    both = agreed(given(3.0) * given(5.0), given(15.0))
    once = U * 15 + 2 * TINY
    lost = 2 * TINY * 15 * (1 + growth(U, 3))
    unrounded = once * 0.5 + lost
    assert_bound(both * given(0.5), 7.5, unrounded + U * (7.5 + unrounded) + 2 * TINY)
    alone = agreed(given(3.0), given(3.0))
    assert_bound(alone * given(5.0), 15.0, once)


def test_a_way_may_be_off_by_what_a_function_in_it_is_off() -> None:
    """``1 - sigmoid(x)`` has not the digits of ``sigmoid(-x)``, and a layer may write either."""
    gate = expit(5.0)
    off = U * (3.0 * gate + 5.0) + TINY
    rest = 1.0 - gate
    assert_bound(either(REST, given(5.0)), rest, (1 + U) * off + U * rest + 2 * TINY)


@pytest.mark.parametrize("shape", [(3,), (2, 1)], ids=["a row", "a column"])
@pytest.mark.parametrize("same", [np.negative, transposed])
def test_what_is_moved_or_turned_keeps_all_that_is_known_of_it(
    same: Callable[[Any], Any], shape: tuple[int, ...]
) -> None:
    """Also where an error was not repeated yet, as its number was."""
    inexact = Bounded(np.ones(shape), np.full(shape, 0.25), COARSE.arithmetic)
    numbers = COARSE.given(np.arange(6.0).reshape(2, 3)) + inexact
    product = (numbers * COARSE.given(np.array([[2.0, 1.0, 1.0]]))).settled()
    for each in (numbers, product):
        moved, paid = same(each), same(each).settled()
        assert np.array_equal(moved.value, same(each.value))
        assert np.array_equal(paid.error, np.abs(same(each.settled().error)))
        assert moved.inherited.shape == moved.shape
        assert set(moved.inherited.ravel()) == set(np.ravel(each.inherited))


def test_exact_numbers_put_together_stay_exact() -> None:
    for found in (stack([given(1.0), given(2.0)]), join([given(1.0), given(2.0)])):
        assert found.error == 0
    assert stack([given(1.0), known(2.0, 0.5)]).error.ravel().tolist() == [0, 0.5]


def test_what_is_paid_is_paid_once() -> None:
    summed = given(1.0) + given(2.0)
    assert summed.settled() is summed.settled()
    assert summed.settled().settled() is summed.settled()
    assert given(1.0).settled().error == 0


def test_an_arithmetic_is_that_of_its_format() -> None:
    half = PRECISIONS["float16"]
    of = Bounds.of("float16", ABSOLUTE).arithmetic
    assert (of.unit, of.tiny, of.largest) == (half.unit, half.tiny, half.largest)
    assert of.level is ABSOLUTE
    assert growth(0.5, 3) == pytest.approx(1.5**3 - 1, rel=2.0**-50, abs=0)
    assert growth(0.5, 0) == 0
