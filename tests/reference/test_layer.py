"""The reference as an implementation: what it offers, and that it rounds what it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import ACTIVATIONS, BIASES, BLOCKS, DIRECTIONS, RESETS, Network
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import unroll

Draw = Callable[..., Case]

REFERENCE = ReferenceLayer()
DEEP = Network("gru", 2, 3, layers=2, direction="both")


def assert_rounded(found: Answer | Gradients, exact: Answer | Gradients, dtype: str) -> None:
    assert found.parts().keys() == exact.parts().keys()
    for name, part in exact.parts().items():
        assert np.array_equal(found.parts()[name], PRECISIONS[dtype].round(part)), name


def test_every_option_that_a_cell_has_is_offered() -> None:
    offered = {
        (cell, biases, activation, reset)
        for cell in BLOCKS
        for biases in BIASES
        for activation in ACTIVATIONS
        for reset in RESETS
        if not REFERENCE.offers(
            Network(cell, 1, 1, biases=biases, activation=activation, reset=reset)
        )
    }
    plain = [biases for biases in BIASES if biases != "candidate"]
    assert offered == {
        *(("rnn", biases, activation, "after") for biases in plain for activation in ACTIVATIONS),
        *(("lstm", biases, "tanh", "after") for biases in plain),
        *(("gru", biases, "tanh", reset) for biases in BIASES for reset in RESETS),
    }


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_stacks_are_offered_in_every_direction(direction: str) -> None:
    network = Network("lstm", 1, 1, layers=8, direction=direction)
    assert REFERENCE.offers(network) is None
    assert REFERENCE.offers(replace(network, layers=9)) == "it offers no 9 layers, at most 8"


@pytest.mark.parametrize("way", ["", *ReferenceLayer.ways])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_an_answer_is_that_of_the_equations_rounded(drawn: Draw, dtype: str, way: str) -> None:
    case = drawn(DEEP, 3, 2, seed=0, lengths=[3, 1]).changed(dtype=dtype, way=way)
    assert_rounded(REFERENCE.run(case), unroll(case), dtype)


def test_a_layout_is_another_one(drawn: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed from is laid out otherwise, with the same numbers."""
    seen = []

    def watched(case: Case) -> Answer:
        seen.append(case.inputs)
        return unroll(case)

    monkeypatch.setattr("rnnspec.reference.layer.unroll", watched)
    case = drawn(DEEP, 3, 2, seed=0)
    for way in ("", "strided"):
        REFERENCE.run(case.changed(way=way))
    plain, strided = seen
    assert plain is case.inputs
    assert np.array_equal(plain, strided)
    assert plain.strides != strided.strides


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_gradients_are_those_of_the_equations_rounded(drawn: Draw, dtype: str) -> None:
    case = drawn(DEEP, 3, 2, seed=1).changed(dtype=dtype)
    owed = {name: np.ones(part.shape) for name, part in unroll(case).parts().items()}
    found, exact = REFERENCE.gradients(case, owed), gradients(case, owed)
    assert found is not None
    assert_rounded(found, exact, dtype)
    assert_rounded(found.answer, exact.answer, dtype)


def test_it_counts_the_numbers_that_there_are_and_names_its_libraries(drawn: Draw) -> None:
    weights = drawn(DEEP, 1, 1, seed=0).weights
    assert REFERENCE.count(DEEP) == sum(array.size for array in weights.values())
    assert REFERENCE.versions() == {"numpy": np.__version__, "scipy": scipy.__version__}
    with REFERENCE.session():
        assert REFERENCE.levels.keys() == PRECISIONS.keys()
