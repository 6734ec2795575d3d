"""TensorFlow's raw operators follow the equations, and the adapter hands all to them."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.tf_raw import PADDED, TfRaw
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.network import Network
from rnnspec.reference.tape import gradients
from tests.scripts import gradients_of, script_of, shown_alone
from tests.tensorflow.following import follows

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "tensorflow"
LSTM = Network("lstm", 3, 2, biases="input")
GRU = Network("gru", 3, 2, biases="input", reset="before")
CELLS = pytest.mark.parametrize("network", [LSTM, GRU], ids=str)


@CELLS
def test_every_way_follows_the_equations(raw: TfRaw, drawn: Drawn, network: Network) -> None:
    for way in ("", *raw.ways):
        follows(raw, drawn(network, "float32").changed(way=way))


def test_half_precision_is_for_the_lstm_alone(raw: TfRaw, half: TfRaw, drawn: Drawn) -> None:
    for way in ("", *half.ways):
        follows(half, drawn(LSTM, "float16").changed(way=way))
    with pytest.raises(Refused, match="does not compute in float16"):
        raw.run(drawn(GRU, "float16"))


def test_the_cell_is_not_clipped(raw: TfRaw, drawn: Drawn) -> None:
    case = drawn(LSTM, "float32")
    follows(raw, case.with_states(cell=case.states["cell"] + 100.0))


def test_steps_behind_the_last_change_no_bit(raw: TfRaw, drawn: Drawn) -> None:
    case = drawn(LSTM, "float32")
    one, other = raw.run(case).parts(), raw.run(case.changed(way=PADDED)).parts()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_what_no_card_speaks_of_follows_the_equations(raw: TfRaw, drawn: Drawn) -> None:
    for beyond in ({"peepholes": True}, {"cell_clip": 0.5}, {"peepholes": True, "cell_clip": 0.25}):
        case = drawn(replace(LSTM, **beyond), "float32")
        for way in ("", *raw.ways):
            follows(raw, case.changed(way=way))
        script_of(raw, case)
        assert raw.gradients(case, {}) is None


@CELLS
def test_missing_states_are_zeros(raw: TfRaw, drawn: Drawn, network: Network) -> None:
    follows(raw, drawn(network, "float32").changed(states={}))


@CELLS
def test_of_no_steps_there_is_no_answer(raw: TfRaw, drawn: Drawn, network: Network) -> None:
    case = drawn(network, "float32", steps=0)
    with pytest.raises(Refused, match="of none, there are none"):
        raw.run(case)
    assert raw.script(case) is None


def test_a_gru_goes_back_by_its_operator(raw: TfRaw, drawn: Drawn) -> None:
    case = drawn(GRU, "float32")
    cotangents = {name: np.ones_like(part) for name, part in raw.run(case).parts().items()}
    found = raw.gradients(case, cotangents)
    assert found is not None
    expected = gradients(case, cotangents).parts()
    assert found.parts().keys() == expected.keys()
    for name, part in found.parts().items():
        assert np.abs(part - expected[name]).max() < 1e-5, name


def test_a_tape_goes_back_through_an_lstm_by_another_gate_order(
    raw: TfRaw, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the script of TensorFlow alone shows; where this fails, the waivers are stale."""
    runpy.run_path(str(DIVERGENCES / "block_lstm_gradient.py"))
    tape, operator, differences = capsys.readouterr().out.splitlines()
    assert "0.25 0.   0.  ]" in tape
    assert operator.split("[")[1].split() == differences.split("[")[1].split()
    assert operator.endswith("0.25 0.  ]")


@CELLS
def test_a_script_answers_as_the_adapter_does(raw: TfRaw, drawn: Drawn, network: Network) -> None:
    script_of(raw, drawn(network, "float32"))
    gradients_of(raw, drawn(network, "float32"), "outputs", *network.states, off=8.0)
    assert raw.script(drawn(network, "float32").changed(way="graph")) is None


def test_a_script_in_half_precision(half: TfRaw, drawn: Drawn) -> None:
    script_of(half, drawn(LSTM, "float16"))
    gradients_of(half, drawn(LSTM, "float16"), "outputs")


@pytest.mark.parametrize("claim", ["layer.gradients", "lstm.trained"])
def test_a_wrong_gradient_is_shown_by_the_operator_alone(
    raw: TfRaw, half: TfRaw, claim: str
) -> None:
    for adapter in (raw, half):
        shown_alone(DIVERGENCES.parent / f"{adapter.name}-{claim}.json", adapter)
