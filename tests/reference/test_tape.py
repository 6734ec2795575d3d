"""The tape over plain numbers: within the bounds of the same gradients, as all of float64 is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case, Gradients
from rnnspec.reference.cells import UPDATES
from rnnspec.reference.network import BIASES, DIRECTIONS
from rnnspec.reference.operations import Array, either
from rnnspec.reference.tape import Tape, Taped, gradients, pulled
from rnnspec.reference.unroll import unroll
from tests.reference.adversary import NET

Draw = Callable[..., Case]
DOUBLE = Bounds.of("float64")


def assert_within(found: Gradients, judged: Gradients) -> None:
    for name, part in judged.parts().items():
        bound = part.settled()
        assert found.parts()[name].shape == bound.shape
        assert np.all(np.abs(found.parts()[name] - bound.value) <= bound.error), name


@pytest.mark.parametrize("anchored", [False, True], ids=["free", "anchored"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cell", NET)
def test_plain_gradients_are_within_their_bounds(
    drawn: Draw, cell: str, direction: str, anchored: bool
) -> None:
    for seed, biases in enumerate(BIASES):
        network = replace(NET[cell], inputs=2, units=2, direction=direction, biases=biases)
        case = drawn(network, 3, 2, seed, lengths=[3, 1] if seed % 2 else None)
        answer = unroll(case)
        random = np.random.default_rng(seed)
        owed = {name: random.uniform(-1, 1, part.shape) for name, part in answer.parts().items()}
        anchors = {0: answer.outputs} if anchored else None
        found = gradients(case, owed, anchors=anchors)
        assert_within(found, gradients(case, owed, DOUBLE, anchors))


def moved(case: Case, name: str, by: Array) -> Case:
    """A case with ``by`` added to the part that a gradient is named after."""
    if name == "inputs":
        return case.changed(inputs=case.inputs + by)
    state = name.removeprefix("initial ")
    if state in case.states:
        return case.with_states(**{state: case.states[state] + by})
    return case.with_weights(lambda at, w: w + by if str(at) == name else w)


@pytest.mark.parametrize("direction", ["forward", "both"])
@pytest.mark.parametrize("cell", NET)
def test_a_gradient_is_the_slope_that_differences_show(
    drawn: Draw, cell: str, direction: str
) -> None:
    """With respect to everything; ``test_bounds_exact`` does it in 50 digits, and takes longer."""
    network = replace(NET[cell], inputs=2, units=2, layers=2, direction=direction)
    case = drawn(network, 3, 2, 3, lengths=[3, 2])
    random = np.random.default_rng(0)
    owed = {name: random.uniform(-1, 1, part.shape) for name, part in unroll(case).parts().items()}

    def loss(of: Case) -> float:
        return sum(float(np.sum(owed[name] * part)) for name, part in unroll(of).parts().items())

    for name, gradient in gradients(case, owed).parts().items():
        way = random.uniform(-1, 1, gradient.shape) * 2.0**-17
        slope = (loss(moved(case, name, way)) - loss(moved(case, name, -way))) / 2
        assert slope == pytest.approx(float(np.sum(gradient * way)), rel=2.0**-20, abs=2.0**-44)


@pytest.mark.parametrize("lengths", [None, [3, 1]], ids=["whole", "lengths"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cell", NET)
def test_an_anchor_passes_on_what_is_owed_to_it(
    drawn: Draw, cell: str, direction: str, lengths: list[int] | None
) -> None:
    """With the very numbers that were computed as anchors, the way back is that of a free run."""
    network = replace(NET[cell], units=2, layers=2, direction=direction)
    case = drawn(network, 3, 2, 0, lengths=lengths)
    owed = {"outputs": np.ones(case.output_shape)}
    anchors = {0: unroll(case.first_layers(1)).outputs, 1: unroll(case).outputs}
    assert_within(gradients(case, owed, anchors=anchors), gradients(case, owed, DOUBLE))


@pytest.mark.parametrize("lengths", [None, [3, 1]], ids=["whole", "lengths"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cell", NET)
def test_step_by_step_from_anchors_is_all_steps_at_once(
    drawn: Draw, cell: str, direction: str, lengths: list[int] | None
) -> None:
    """A tape links the steps, and takes each by itself."""
    case = drawn(replace(NET[cell], units=2, direction=direction), 3, 2, 1, lengths=lengths)
    returned = np.random.default_rng(0).uniform(-1, 1, case.output_shape)
    answer = gradients(case, {}, anchors={0: returned}).answer
    for name, part in unroll(case, DOUBLE, {0: returned}).parts().items():
        bound = part.settled()
        assert np.all(np.abs(answer.parts()[name] - bound.value) <= bound.error), name


def test_every_way_forward_has_its_way_back() -> None:
    """What rounds more in one way is in the bound of either, whichever comes first."""

    def owed(*ways: Callable[..., Any]) -> list[float]:
        leaves = [Tape(DOUBLE.given(np.array([number]))) for number in (0.25, 0.75, -0.5)]
        found = pulled([(either(ways, *leaves), DOUBLE.given(np.ones(1)))])
        return [float(found[id(leaf)].settled().error[0]) for leaf in leaves]

    alone = [owed(way) for way in UPDATES]
    assert alone[0] != alone[1]
    most = [max(errors) for errors in zip(*alone, strict=True)]
    for order in (UPDATES, UPDATES[::-1]):
        assert all(both >= one for both, one in zip(owed(*order), most, strict=True))


def test_what_nothing_is_owed_to_has_a_gradient_of_zeros(drawn: Draw) -> None:
    case = drawn(NET["lstm"], 2, 1, 0)
    for part in gradients(case, {}).parts().values():
        assert not part.any()
    assert gradients(case, {}).inputs.shape == case.inputs.shape


@pytest.mark.parametrize(
    "operation",
    [
        np.exp,
        lambda x: x / 2,
        lambda x: x**2,
        np.add.reduce,
        lambda x: np.multiply.outer(x, x),
        lambda x: np.add(x, x, where=np.array([True])),
    ],
)
def test_an_operation_whose_way_back_is_not_known_is_refused(
    operation: Callable[[Any], Any],
) -> None:
    with pytest.raises(TypeError):
        operation(Tape(np.ones(1)))


def test_a_leaf_that_has_no_name_is_not_kept() -> None:
    tape = Taped(DOUBLE)
    leaf = tape.given(np.ones(1), "inputs")
    tape.given(np.ones(1))
    assert tape.leaves == {"inputs": leaf}
