"""Thinc's LSTM follows the equations, going forward; and the adapter changes nothing of that."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.thinc_ import ThincLayer
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import count, unroll
from tests.scripts import count_of, gradients_of, script_of, shown_alone

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "thinc"
KINDS = [
    Network("lstm", 3, 2, layers, direction)
    for layers in (1, 2)
    for direction in ("forward", "both")
]


def follows(adapter: ThincLayer, case: Case) -> None:
    """The answer must be within the bounds of the equations; 0 past the end of a row."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    anchors = {0: answer.outputs} if case.network.layers == 1 else None
    expected = unroll(case, read, anchors=anchors).parts()
    assert answer.parts().keys() == (expected.keys() if not case.way else {"outputs"})
    for name, part in answer.parts().items():
        assert part.shape == expected[name].shape
        assert np.all(np.abs(part - expected[name].value) <= expected[name].error), name
    if case.lengths is not None:
        assert not np.any(answer.outputs[np.arange(case.steps)[:, None] >= case.lengths])


@pytest.mark.parametrize("network", KINDS, ids=str)
def test_every_kind_follows_the_equations_and_counts_as_they_do(
    thinc: ThincLayer, drawn: Drawn, network: Network
) -> None:
    for lengths in (False, True):
        for alike in (False, True):
            follows(thinc, drawn(network, lengths=lengths, alike=alike))
    assert thinc.count(network) == count(network)


def test_rows_that_begin_alike_are_one_call(
    thinc: ThincLayer, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, called = [], ThincLayer._run

    def noted(self: ThincLayer, case: Case) -> object:
        calls.append(case.rows)
        return called(self, case)

    monkeypatch.setattr(ThincLayer, "_run", noted)
    for alike in (True, False):
        thinc.run(drawn(KINDS[0], alike=alike))
    assert calls == [3, 1, 1, 1]


@pytest.mark.parametrize("way", ThincLayer.ways)
def test_every_way_leads_to_the_same_layer(thinc: ThincLayer, drawn: Drawn, way: str) -> None:
    for lengths in (False, True):
        for alike in (False, True):
            follows(thinc, drawn(KINDS[-1], way=way, lengths=lengths, alike=alike))


def test_a_row_of_no_steps_ends_where_it_began(thinc: ThincLayer, drawn: Drawn) -> None:
    case = drawn(KINDS[1], alike=True).changed(lengths=np.array([0, 4, 3]))
    answer = thinc.run(case)
    for name, state in case.states.items():
        assert np.array_equal(answer.states[name][:, 0], state[:, 0])


def test_no_steps_and_no_rows_are_refused_in_its_own_words(thinc: ThincLayer, drawn: Drawn) -> None:
    case = drawn(KINDS[0], alike=True)
    none = {name: state[:, :0] for name, state in case.states.items()}
    for inputs, states in ((case.inputs[:0], case.states), (case.inputs[:, :0], none)):
        with pytest.raises(IndexError, match="index 0 is out of bounds"):
            thinc.run(case.changed(inputs=inputs, states=states))


def test_it_goes_back_from_outputs_alone(thinc: ThincLayer, drawn: Drawn) -> None:
    case = drawn(KINDS[0])
    found = thinc.gradients(case, {"outputs": np.ones(case.output_shape)})
    assert found is not None
    assert found.inputs.shape == case.inputs.shape
    assert found.weights.keys() == case.weights.keys()
    for name in case.network.states:
        with pytest.raises(Refused, match="gives outputs alone"):
            thinc.gradients(case, {name: np.ones(case.state_shape)})


def test_the_usual_operations_are_restored(thinc: ThincLayer) -> None:
    ops = thinc.thinc
    other = ops.NumpyOps()
    with ops.use_ops("numpy"):
        ops.set_current_ops(other)
        with thinc.session():
            assert ops.get_current_ops() is not other
        assert ops.get_current_ops() is other


@pytest.mark.parametrize("network", KINDS, ids=str)
def test_a_case_is_a_script(thinc: ThincLayer, drawn: Drawn, network: Network) -> None:
    script_of(thinc, drawn(network, alike=True))
    count_of(thinc, network)
    script_of(thinc, drawn(network).changed(states={}))
    gradients_of(thinc, drawn(network, alike=True), "outputs")
    gradients_of(thinc, drawn(network).changed(states={}), "outputs")
    assert thinc.script(drawn(network, alike=True), {"hidden": np.zeros(1)}) is None
    for case in (drawn(network), drawn(network, lengths=True), drawn(network, way="ragged")):
        assert thinc.script(case) is None


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        (
            "lstm_gradients",
            "of the inputs: [ 0.   -0.56 -0.48] by differences: [-0.63 -0.56",
        ),
        ("lstm_gradients", "of input weights: from 0 [-0.8  -0.76 -0.72"),
        (
            "lstm_gradients",
            "    without those from 0 [0. 0. 0. 0. 0. 0. 0. 0.] by differences",
        ),
        ("base_operations", "Ops: outputs of three equal rows [[0.1147648"),
        ("base_operations", "Ops: the largest gradient is 0.0"),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(
    file: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if find_spec("thinc") is None:
        pytest.skip("the code speaks to thinc, which is not installed")
    with np.printoptions():
        runpy.run_path(str(DIVERGENCES / f"{file}.py"))
    assert any(line.startswith(shown) for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("claim", ["layer.gradients", "lstm.trained"])
def test_a_wrong_gradient_is_shown_by_thinc_alone(thinc: ThincLayer, claim: str) -> None:
    shown_alone(DIVERGENCES.parent / f"thinc-{claim}.json", thinc)
