"""The interpretation *bounds*, operation by operation: what it refuses, and what it never says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import prod
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from rnnspec.reference.bounds import OUTWARD, OWN_UNIT, Arithmetic, Bounded, Bounds, growth
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import (
    Array,
    agreed,
    join,
    select,
    split,
    stack,
    total,
    transposed,
)
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll

Draw = Callable[..., Case]

NETWORKS = {
    "rnn-tanh": Network("rnn", 2, 2),
    "rnn-relu": Network("rnn", 2, 2, activation="relu"),
    "lstm": Network("lstm", 2, 2),
    "gru-after": Network("gru", 2, 2),
    "gru-before": Network("gru", 2, 2, reset="before"),
}
HALF = Bounds.of("float16")
SINGLE = Bounds.of("float32")
UNIT = PRECISIONS["float32"].unit


def given(*numbers: float, read: Bounds = SINGLE) -> Bounded:
    return read.given(np.array(numbers))


def known_to(error: float, *numbers: float) -> Bounded:
    """An array with an error already on it."""
    values = np.array(numbers)
    return Bounded(values, np.full(values.shape, error), SINGLE.arithmetic)


def error(array: Bounded) -> Array:
    """The error of an array, all its roundings paid."""
    return np.asarray(array.settled().error)


# ---- what does not belong


@pytest.mark.parametrize("ufunc", [np.add, np.subtract, np.multiply, np.matmul, np.maximum])
@pytest.mark.parametrize("plain", [np.ones((2, 2)), np.float64(1.0), 1.0], ids=repr)
def test_a_number_that_nobody_wrapped_is_refused(ufunc: np.ufunc, plain: Any) -> None:
    bounded = SINGLE.given(np.ones((2, 2)))
    with pytest.raises(TypeError, match="wrap it as a leaf"):
        ufunc(bounded, plain)
    with pytest.raises(TypeError, match="wrap it as a leaf"):
        ufunc(plain, bounded)


@pytest.mark.parametrize(
    "use",
    [
        np.exp,
        lambda x: x / 2,
        lambda x: x**2,
        np.add.reduce,
        lambda x: np.multiply.outer(x, x),
        lambda x: np.add(x, x, out=np.ones(1)),
        lambda x: np.add(x, x, where=np.array([True])),
    ],
)
def test_an_operation_without_a_rule_is_refused(use: Callable[[Bounded], Any]) -> None:
    with pytest.raises(TypeError):
        use(given(1.0))


# ---- what is known


def test_what_is_given_is_exact_and_what_is_seen_is_known_to_one_rounding() -> None:
    numbers = np.array([3.0, -0.5, 0.0])
    of = SINGLE.arithmetic
    assert np.all(error(SINGLE.given(numbers)) == 0)
    assert np.array_equal(error(SINGLE.seen(numbers)), UNIT * np.abs(numbers) + of.tiny)


def test_the_last_rounding_falls_on_the_sum_not_on_its_terms() -> None:
    """Two given numbers that cancel: only their small sum is rounded."""
    total = given(1024.0) + given(-1023.0)
    own = growth(OWN_UNIT, 1) * 2047
    assert total.value == 1
    assert UNIT <= error(total) <= (UNIT * (1 + own) + own + 2 * SINGLE.arithmetic.tiny) * OUTWARD


def test_whole_numbers_of_the_equations_are_exact() -> None:
    once = (UNIT + growth(OWN_UNIT, 1) + 2 * SINGLE.arithmetic.tiny) * OUTWARD
    assert error(1 - given(0.0)) <= once


def test_a_flush_to_zero_is_within_the_bound() -> None:
    tiny = PRECISIONS["float32"].tiny
    product = given(tiny) * given(0.5)
    assert error(product) >= product.value == tiny / 2


def product(read: Bounds, *numbers: float) -> Bounded:
    first, *others = (given(each, read=read) for each in numbers)
    for other in others:
        first = first * other
    return first


FACTORS = {
    "flushed": (900.0, 1.1 * 2.0**-12, 0.7 * 2.0**-12),
    "flushed twice": (900.0, 64.0, 1.1 * 2.0**-12, 0.7 * 2.0**-12, 1.3 * 2.0**-12),
    "beyond the range": (2.0**-12, 300.0, 330.0),
}


@pytest.mark.parametrize("name", FACTORS)
def test_factors_may_be_multiplied_in_any_order(name: str) -> None:
    """NumPy's float16 here: what is lost in an early product grows in a later one."""
    numbers = [np.float16(each) for each in FACTORS[name]]
    with np.errstate(all="ignore"):
        bound = product(HALF, *map(float, numbers)).settled()
        found = [float(prod(order)) for order in permutations(numbers)]
    assert max(abs(each - bound.value) for each in found) <= bound.error
    if name != "beyond the range":
        widest = prod(max(float(each), 1.0) for each in numbers)
        assert bound.error <= 32 * HALF.arithmetic.tiny * widest


def test_every_product_on_the_way_may_be_flushed() -> None:
    """Multiplied from the right, it is off by tiny four times before 900 enlarges that."""
    read = Bounds(Arithmetic(0.0, 2.0**-10, np.inf))
    assert error(product(read, 900.0, 1.0, 1.0, 1.0, 1.0, 2.0**-12)) >= 4 * 900 * 2.0**-10


@pytest.mark.parametrize("same", [np.negative, transposed, Bounded.settled, lambda p: agreed(p, p)])
def test_a_product_stays_one_where_nothing_is_computed(same: Callable[[Any], Any]) -> None:
    a, b, c = (HALF.given(np.full((2, 2), each)) for each in FACTORS["flushed"])
    assert np.all(error(same(a * b) * c) >= 900 * HALF.arithmetic.tiny)
    assert np.all(error(c * same(b * a)) >= 900 * HALF.arithmetic.tiny)


def test_a_total_rounds_as_often_as_it_adds() -> None:
    """One after the other: the first of 64 numbers is rounded 63 times."""
    summed = total(SINGLE.given(np.ones((8, 8, 1))))
    assert summed.value == 64
    assert error(summed) >= 62 * UNIT * 64


@pytest.mark.parametrize("order", [1, -1], ids=["more last", "more first"])
def test_either_inherits_the_least_and_rounds_the_most(order: int) -> None:
    """Both ways are one function of what enters: neither can be off by less than the other says."""
    narrow, wide = known_to(0.125, 1.0), known_to(0.5, 1.0)
    assert error(agreed(*[narrow, wide][::order])) == 0.125
    once, twice = given(1.0) * given(1.0), given(1.0) * given(1.0) * given(1.0)
    assert error(agreed(*[once, twice][::order])) == error(twice) > error(once)


def test_either_covers_a_way_with_another_value() -> None:
    """The value is the first way's; the bound reaches as far as the other way's."""
    both = agreed(known_to(0.125, 1.0), known_to(0.125, 2.0))
    assert both.value == 1
    assert error(both) == 1.125


def test_values_and_errors_stay_together() -> None:
    """Stack, join, select and split treat both alike; exact arrays mix with inexact ones."""
    one, two = given(1.0, 2.0), known_to(0.5, 3.0, 4.0)
    both, side = stack([one, two]), join([one, two])
    assert both.value.tolist() == [[1, 2], [3, 4]]
    assert error(both).tolist() == [[0, 0], [0.5, 0.5]]
    assert side.value.tolist() == [1, 2, 3, 4]
    assert error(side).tolist() == [0, 0, 0.5, 0.5]
    assert [error(part).tolist() for part in split(side, 2)] == [[0, 0], [0.5, 0.5]]
    chosen = select(one, two, np.array([True, False]))
    assert chosen.value.tolist() == [1, 4]
    assert error(chosen).tolist() == [0, 0.5]


def test_select_ignores_what_is_not_selected() -> None:
    selected = select(given(np.nan, 2.0), known_to(np.inf, 1.0, np.nan), np.array([False, True]))
    assert selected.value.tolist() == [1, 2]
    assert error(selected).tolist() == [np.inf, 0]


# ---- what is not known


@pytest.mark.parametrize("function", [np.tanh, expit, lambda x: np.maximum(x, 0), lambda x: x * x])
@pytest.mark.parametrize("beyond", [np.nan, 1e5], ids=["nan", "overflow"])
def test_nothing_is_known_of_what_comes_from_beyond_the_range(
    function: Callable[[Bounded], Bounded], beyond: float
) -> None:
    """Even where a function has a range of its own: infinities of two signs may have met."""
    total = given(beyond, 1.0, read=HALF) + given(1.0, 1.0, read=HALF)
    with np.errstate(all="ignore"):
        unknown, known = error(function(total))
    assert unknown == np.inf
    assert np.isfinite(known)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nothing_is_known_of_either_way_where_one_is_unknown(value: float) -> None:
    with np.errstate(all="ignore"):
        unknown = given(value) + given(1.0)
        assert error(agreed(unknown, given(1.0))) == np.inf
        assert error(agreed(given(1.0), unknown)) == np.inf


def errors(answer: Answer) -> dict[str, Array]:
    return {name: error(part) for name, part in answer.parts().items()}


@pytest.mark.parametrize("cell", NETWORKS)
def test_nan_in_a_valid_input_leaves_its_row_unknown_from_there_on(drawn: Draw, cell: str) -> None:
    case = drawn(NETWORKS[cell], 3, 2, seed=0)
    case.inputs[1, 0, 0] = np.nan
    for name, each in errors(unroll(case, SINGLE)).items():
        assert np.all(each[-1, 0] == np.inf), name
        assert np.all(np.isfinite(each[:, 1])), name
    assert np.all(np.isfinite(errors(unroll(case, SINGLE))["outputs"][0]))


@pytest.mark.parametrize("cell", NETWORKS)
def test_nan_that_was_returned_leaves_the_next_step_unknown(drawn: Draw, cell: str) -> None:
    case = drawn(NETWORKS[cell], 3, 2, seed=0)
    returned = unroll(case).outputs.copy()
    returned[0, 0, 0] = np.nan
    outputs = errors(unroll(case, SINGLE, {0: returned}))["outputs"]
    assert np.all(np.isfinite(outputs[0]))
    assert np.all(outputs[1, 0] == np.inf)
    assert np.all(np.isfinite(outputs[:, 1]))


@pytest.mark.parametrize("cell", NETWORKS)
def test_weights_beyond_the_range_leave_everything_unknown(drawn: Draw, cell: str) -> None:
    case = drawn(NETWORKS[cell], 2, 1, seed=0, scale=1e9)
    for name, each in errors(unroll(case, HALF)).items():
        assert np.all(each == np.inf), name


@pytest.mark.parametrize("cell", NETWORKS)
def test_nan_in_the_padding_changes_no_bound(drawn: Draw, cell: str) -> None:
    case = drawn(NETWORKS[cell], 4, 2, seed=0, lengths=[2, 4])
    before = errors(unroll(case, SINGLE))
    case.inputs[2:, 0] = np.nan
    for name, each in errors(unroll(case, SINGLE)).items():
        assert np.array_equal(each, before[name]), name
