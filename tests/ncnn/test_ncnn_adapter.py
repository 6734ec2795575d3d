"""ncnn follows the equations in every kind of network and way, and its models are what it reads."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.ncnn_ import ALONE, STRIDED, Ncnn
from rnnspec.adapters.ncnn_model import model
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.network import Network, Place
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll
from tests.scripts import script_of

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "ncnn"

CONVENTIONS = Ncnn.conventions
KINDS = [
    replace(network, inputs=3, units=units, layers=layers, projection=2 if extra else 0)
    for cell, how in CONVENTIONS.items()
    for extra in ("", *how.extras)
    for network in how.networks(cell, extra)
    for layers in (1, 2)
    for units in (3, 5)  # four are done at once
]


def follows(adapter: Ncnn, case: Case) -> None:
    """The answer, if there is one, must be within the bounds of the equations in float32."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    anchors = {0: answer.outputs} if case.network.layers == 1 else None
    expected = unroll(case, read, anchors=anchors).parts()
    for name, part in answer.parts().items():
        assert part.shape == expected[name].shape
        assert np.array_equal(PRECISIONS["float32"].round(part), part)
        off = np.abs(part - expected[name].value)
        assert np.all(off <= expected[name].error), (str(case), name)
    assert set(answer.states) == (
        set() if case.way == ALONE and not case.states else set(case.network.states)
    )


@pytest.mark.parametrize("network", KINDS, ids=str)
def test_every_kind_follows_the_equations(adapter: Ncnn, drawn: Drawn, network: Network) -> None:
    case = drawn(network)
    follows(adapter, case)
    follows(adapter, case.changed(states={}))
    for name in network.states:
        follows(adapter, case.changed(states={name: case.states[name]}))


@pytest.mark.parametrize("way", [way for way in Ncnn.ways if way != STRIDED])
def test_every_way_does(adapter: Ncnn, drawn: Drawn, way: str) -> None:
    for network in KINDS:
        case = drawn(network, way=way)
        follows(adapter, case)
        follows(adapter, case.changed(states={}))


def test_rows_are_run_one_by_one(adapter: Ncnn, drawn: Drawn) -> None:
    case = drawn(Network("gru", 3, 2, biases="candidate"))
    whole = adapter.run(case).outputs
    for row in range(case.rows):
        states = {name: state[:, row : row + 1] for name, state in case.states.items()}
        alone = case.changed(inputs=case.inputs[:, row : row + 1], states=states)
        assert np.array_equal(adapter.run(alone).outputs[:, 0], whole[:, row])


def test_where_there_are_none_nothing_is_run(adapter: Ncnn, drawn: Drawn) -> None:
    case = drawn(Network("rnn", 3, 2, biases="input"), rows=0)
    assert adapter.script(case) is None
    with pytest.raises(Refused, match="no axis of rows"):
        adapter.run(case)


@pytest.mark.parametrize(
    ("cell", "blocks"),
    [
        ("lstm", ["input", "forget", "output", "candidate"]),
        ("gru", ["reset", "update", "candidate"]),
    ],
)
def test_weights_stand_where_ncnn_reads_them(drawn: Drawn, cell: str, blocks: list[str]) -> None:
    """IFOG in docs/developer-guide/operators.md of ncnn; a GRU has four rows of biases."""
    how = CONVENTIONS[cell]
    case = drawn(Network(cell, 3, 2, direction="both", biases=how.biases[0]))
    inputs, biases, recurrent = model(case, how).weights
    for k, direction in enumerate(case.network.directions):
        for part, held in (("input", inputs), ("recurrent", recurrent)):
            at = [Place(0, direction, block, part) for block in blocks]
            assert np.array_equal(held[k], np.concatenate([case.weights[p] for p in at]))
        at = [Place(0, direction, block, "input_bias") for block in blocks]
        at += [Place(0, direction, "candidate", "recurrent_bias")] * (cell == "gru")
        assert np.array_equal(biases[k], np.concatenate([case.weights[p] for p in at]))


def test_scripts_answer_as_the_adapter_does(adapter: Ncnn, drawn: Drawn) -> None:
    for network in KINDS:
        script_of(adapter, drawn(network))
    case = drawn(network)
    script_of(adapter, case.changed(states={}))
    assert adapter.script(case.changed(way=ALONE)) is None


def test_nothing_is_counted_and_nothing_goes_back(adapter: Ncnn, drawn: Drawn) -> None:
    case = drawn(KINDS[0])
    assert adapter.count(case.network) is None
    assert adapter.gradients(case, {}) is None
    assert adapter.versions().keys() == {"ncnn"}


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("strided_array", "its Mat [[1.0, 4.0, 2.0], [5.0, 3.0, 6.0]]"),
        ("lstm_nan", "LSTM of 3 units, NaN: [[nan, nan, nan]]"),
        ("lstm_nan", "LSTM of 4 units, NaN: [[-0.0, -0.0, -0.0, -0.0]]"),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(
    adapter: Ncnn, file: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(DIVERGENCES / f"{file}.py"))
    assert shown in capsys.readouterr().out
