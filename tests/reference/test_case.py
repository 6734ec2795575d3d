"""What a case refuses, and what is derived from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.bounds import Arithmetic
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, pack
from rnnspec.reference.network import InvalidCase, Network, Place
from rnnspec.reference.precision import PRECISIONS, RELATIVE
from rnnspec.reference.unroll import unroll

Draw = Callable[..., Case]

DEEP = Network("lstm", 2, 3, layers=3, direction="both")
RNN = Network("rnn", 1, 1, biases="none")


def small(**fields_: Any) -> Case:
    """One unit, two steps, one row; all numbers are 1."""
    weights = {place: np.ones(shape) for place, shape in RNN.places()}
    given = {"network": RNN, "weights": weights, "inputs": np.ones((2, 1, 1))}
    return Case(**{**given, **fields_})


def weights_with(part: str, *shape: int) -> dict[Place, Any]:
    return {**small().weights, Place(0, "forward", "hidden", part): np.ones(shape)}


def ones(*shape: int) -> Any:
    return np.ones(shape)


# ---- refused


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"weights": {}}, "case.weights has nothing at 0.forward.hidden."),
        ({"weights": weights_with("input_bias", 1)},
         "case.weights has something at 0.forward.hidden.input_bias, where RNN"),
        ({"weights": weights_with("input", 1, 2)}, "has shape (1, 2): it must be (1, 1)"),
        ({"weights": weights_with("input", 2, 1)}, "has shape (2, 1): it must be (1, 1)"),
        ({"weights": weights_with("recurrent", 1)}, "has shape (1,): it must be (1, 1)"),
        ({"inputs": ones(2, 1)}, "case.inputs has shape (2, 1): it must be (T, B, I)"),
        ({"inputs": ones(2, 1, 1, 1)}, "has shape (2, 1, 1, 1): it must be (T, B, I)"),
        ({"inputs": ones(2, 1, 2)}, "case.inputs has shape (2, 1, 2): it must be (2, 1, 1)"),
        ({"states": {"cell": ones(1, 1, 1)}}, "case.states has 'cell', which a rnn has not"),
        ({"states": {"hidden": ones(1, 2, 1)}}, "has shape (1, 2, 1): it must be (1, 1, 1)"),
        ({"lengths": np.array([1, 1])}, "case.lengths has shape (2,): it must be (1,)"),
        ({"lengths": np.array([-1])}, "case.lengths must lie between 0 and the 2 steps"),
        ({"lengths": np.array([3])}, "case.lengths must lie between 0 and the 2 steps"),
        ({"dtype": "double"}, "case.dtype is 'double': use one of float64, float32"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidCase) as refused:
        small(**given)
    assert told in str(refused.value)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_a_row_may_have_any_length_up_to_all_steps(length: int) -> None:
    assert small(lengths=np.array([length])).steps == 2


# ---- derived


def test_a_case_is_described_with_its_sizes_and_its_way() -> None:
    assert str(small()).endswith("; float64; 2 steps, 1 row")
    assert str(small(way="packed")).endswith("; float64; 2 steps, 1 row; packed")


@pytest.mark.parametrize("lengths", [None, [2, 1]], ids=["whole", "lengths"])
def test_a_copy_has_the_same_numbers_and_shares_none(
    drawn: Draw, lengths: list[int] | None
) -> None:
    case = drawn(DEEP, 2, 2, seed=0, lengths=lengths)
    copy = case.copied()

    def arrays(each: Case) -> list[Any]:
        given = [] if each.lengths is None else [each.lengths]
        return [each.inputs, *each.states.values(), *each.weights.values(), *given]

    assert len(arrays(copy)) == len(arrays(case))
    for one, other in zip(arrays(case), arrays(copy), strict=True):
        assert np.array_equal(one, other)
        assert not np.shares_memory(one, other)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_first_layers_alone_are_the_rest_without_the_layers_above(
    drawn: Draw, layers: int
) -> None:
    case = drawn(DEEP, 3, 2, seed=1)
    first = case.first_layers(layers)
    assert first.network.layers == layers
    whole, alone = unroll(case), unroll(first)
    for name, state in alone.states.items():
        assert np.array_equal(state, whole.states[name][: 2 * layers])


def test_blocks_are_taken_from_others_and_a_bias_that_is_missing_there_is_zero(drawn: Draw) -> None:
    case = drawn(Network("gru", 2, 3, biases="candidate"), 1, 1, seed=2)
    other = case.with_blocks({"candidate": "reset", "reset": "update"})
    at = Place(0, "forward", "candidate", "input")
    for part in ("input", "recurrent", "input_bias"):
        for block, source in {"candidate": "reset", "reset": "update", "update": "update"}.items():
            found = other.weights[at._replace(block=block, part=part)]
            assert np.array_equal(found, case.weights[at._replace(block=source, part=part)])
    assert not other.weights[at._replace(part="recurrent_bias")].any()


def test_a_part_that_an_answer_leaves_out_is_no_part() -> None:
    states = {"hidden": ones(1, 1, 1)}
    assert list(Answer(None, states).parts()) == ["hidden"]
    assert list(Answer(ones(2, 1, 1), states).parts()) == ["outputs", "hidden"]


# ---- what all of the vocabulary has in common


def vocabulary() -> dict[str, Any]:
    case = small()
    answer = unroll(case)
    how = Conventions(("hidden",))
    found = [
        *(case, answer, Gradients(answer, case.inputs, {}, {}), RNN, how),
        *(pack(RNN, case.weights, how), PRECISIONS["float16"], RELATIVE),
        Arithmetic.of(PRECISIONS["float16"]),
    ]
    return {type(each).__name__: each for each in found}


@pytest.mark.parametrize("name", vocabulary())
def test_nothing_that_is_passed_around_can_be_changed(name: str) -> None:
    each = vocabulary()[name]
    with pytest.raises(FrozenInstanceError):
        setattr(each, fields(each)[0].name, None)


@pytest.mark.parametrize("name", ["Case", "Answer", "Gradients"])
def test_what_holds_arrays_is_equal_to_nothing_but_itself(name: str) -> None:
    """Arrays have no one answer to whether they are equal."""
    one, other = vocabulary()[name], vocabulary()[name]
    assert one == one
    assert one != other
    assert len({one, other}) == 2
