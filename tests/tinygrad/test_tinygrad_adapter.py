"""tinygrad's cell follows the equations, and the adapter changes nothing of what is said."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

from rnnspec.adapters.tinygrad_ import TinygradCell
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count, unroll
from tests.scripts import count_of, gradients_of, script_of

Drawn = Callable[..., Case]


def follows(adapter: TinygradCell, case: Case) -> None:
    """The answer must be within the bounds of the equations."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    for name, bounded in unroll(case, read, anchors={0: answer.outputs}).parts().items():
        part = answer.parts()[name]
        assert part.shape == bounded.shape
        assert np.all(np.abs(part - bounded.value) <= bounded.error), (str(case), name)


@pytest.mark.parametrize("dtype", TinygradCell.levels)
def test_it_follows_the_equations_whatever_was_called_before(
    tinygrad: TinygradCell, drawn: Drawn, dtype: str
) -> None:
    """A TinyJit calls, then captures, then replays; and what it gave is written over."""
    for seed in range(5):
        follows(tinygrad, drawn(dtype=dtype, seed=seed))


def test_every_way_leads_to_the_same_layer(tinygrad: TinygradCell, drawn: Drawn) -> None:
    for way in tinygrad.ways:
        for seed in range(3):
            follows(tinygrad, drawn(way=way, seed=seed))


def test_states_that_are_missing_are_zero(tinygrad: TinygradCell, drawn: Drawn) -> None:
    case = drawn("none")
    for states in ({}, {"hidden": case.states["hidden"]}, {"cell": case.states["cell"]}):
        follows(tinygrad, case.changed(states=states))


@pytest.mark.parametrize("way", ["", "batch first"])
def test_gradients_are_those_of_the_equations(
    tinygrad: TinygradCell, drawn: Drawn, way: str
) -> None:
    for seed in range(3):
        case = drawn(dtype="float64", way=way, seed=seed)
        cotangents = {name: np.full(part.shape, 0.5) for name, part in unroll(case).parts().items()}
        expected = gradients(case, cotangents).parts()
        found = tinygrad.gradients(case, cotangents)
        assert found is not None
        assert found.parts().keys() == expected.keys()
        for name, part in found.parts().items():
            np.testing.assert_allclose(part, expected[name], atol=1e-13, err_msg=name)


@pytest.mark.parametrize("biases", ["none", "both"])
def test_it_counts_its_parameters(tinygrad: TinygradCell, drawn: Drawn, biases: str) -> None:
    network = drawn(biases).network
    assert tinygrad.count(network) == count(network)


def test_new_numbers_compile_nothing_anew(tinygrad: TinygradCell, drawn: Drawn) -> None:
    tinygrad.run(drawn())
    held = tinygrad.compiled.cache_info().currsize
    tinygrad.run(drawn(seed=8))
    assert tinygrad.compiled.cache_info().currsize == held


def test_no_steps_are_refused_and_no_rows_are_none(tinygrad: TinygradCell, drawn: Drawn) -> None:
    case = drawn()
    with pytest.raises(Refused, match="called once a step"):
        tinygrad.run(case.changed(inputs=case.inputs[:0]))
    none = {name: state[:, :0] for name, state in case.states.items()}
    for _ in range(3):
        answer = tinygrad.run(case.changed(inputs=case.inputs[:, :0], states=none))
        assert answer.outputs.shape == (2, 0, 2)


def test_device_and_threads_are_restored(tinygrad: TinygradCell) -> None:
    helpers = import_module("tinygrad.helpers")
    with helpers.Context(NUM_CPU_THREADS=3):
        with tinygrad.session():
            assert (helpers.DEV.device, helpers.NUM_CPU_THREADS.value) == ("CPU", 1)
        assert helpers.NUM_CPU_THREADS.value == 3


def test_without_a_compiler_there_is_an_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "a-compiler-that-is-not-there")
    assert TinygradCell().obstacle() == (
        "compiles with a-compiler-that-is-not-there, which is not on the PATH: install clang"
    )


@pytest.mark.parametrize("biases", ["none", "both"])
@pytest.mark.parametrize("dtype", TinygradCell.levels)
def test_a_case_is_a_script(tinygrad: TinygradCell, drawn: Drawn, biases: str, dtype: str) -> None:
    case = drawn(biases, dtype)
    for states in (case.states, {}, {"cell": case.states["cell"]}):
        code = script_of(tinygrad, case.changed(states=states))
    gradients_of(tinygrad, case.changed(states=states), "outputs", "cell", off=8.0)
    count_of(tinygrad, case.network)
    assert ("bias=False" in code) == (biases == "none")
    assert tinygrad.script(case.changed(way="eager")) is None
