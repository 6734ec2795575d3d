"""The layers of tf_keras follow the equations, in every kind of network and way."""

from __future__ import annotations

import logging
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.keras_layers import STATEFUL, UNROLLED
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count
from tests.scripts import count_of, gradients_of, script_of, shown_alone
from tests.tensorflow.following import follows

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "tensorflow"
RNN = Network("rnn", 3, 2, biases="none", activation="relu")
LSTM = Network("lstm", 3, 2, biases="input")
GRU = Network("gru", 3, 2)
BEFORE = Network("gru", 3, 2, biases="input", reset="before")


@pytest.mark.parametrize(
    ("network", "lengths"),
    [
        (replace(RNN, direction="backward"), True),
        (replace(LSTM, direction="both", layers=2), True),
        (GRU, False),
        (BEFORE, False),
    ],
    ids=str,
)
def test_every_cell_follows_the_equations_and_has_its_script(
    legacy: Any, drawn: Drawn, network: Network, lengths: bool
) -> None:
    case = drawn(network, "float32", lengths=lengths)
    follows(legacy, case)
    script_of(legacy, case)
    count_of(legacy, network)
    gradients_of(legacy, case, "outputs", off=8.0)
    assert legacy.count(network) == count(network)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_every_dtype(legacy: Any, drawn: Drawn, dtype: str) -> None:
    follows(legacy, drawn(LSTM, dtype))


@pytest.mark.parametrize(
    "network", [replace(LSTM, layers=2), replace(GRU, direction="both")], ids=str
)
def test_every_way_leads_to_the_same_layer(legacy: Any, drawn: Drawn, network: Network) -> None:
    case = drawn(network, "float32", lengths=True)
    for way in legacy.ways:
        if way != UNROLLED or network.direction != "both":  # see docs/divergences
            follows(legacy, case.changed(way=way))


def test_a_layer_that_keeps_its_state_forgets_that_of_another_case(
    legacy: Any, drawn: Drawn
) -> None:
    for direction in ("forward", "backward", "both"):
        case = drawn(replace(GRU, direction=direction), "float32").changed(way=STATEFUL)
        follows(legacy, case)
        follows(legacy, case.changed(states={}))
    assert legacy.gradients(case, {}) is None


def test_gradients_are_those_of_the_equations(legacy: Any, drawn: Drawn) -> None:
    case = drawn(replace(LSTM, direction="both"), "float64", lengths=True)
    cotangents = {name: np.ones(state.shape) for name, state in case.states.items()}
    found = legacy.gradients(case, cotangents)
    assert found is not None
    expected = gradients(case, cotangents).parts()
    assert found.parts().keys() == expected.keys()
    for name, part in found.parts().items():
        assert np.abs(part - expected[name]).max() < 1e-12, name


def test_a_session_restores_what_it_sets(legacy: Any) -> None:
    logger = legacy.backend.module.get_logger()
    assert logger.level == logging.ERROR
    logger.setLevel("INFO")
    with legacy.session():
        assert logger.level == logging.ERROR
    assert logger.level == logging.INFO


def test_masks_go_wrong_as_the_waivers_say(legacy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(DIVERGENCES / "tf_keras_masks.py"))
    told = [line.rpartition(" = ")[2] for line in capsys.readouterr().out.splitlines()]
    assert told[:2] == ["[0.41997432708740234]", "[nan]"]
    assert "0.7620000243186951, 0.7620000243186951" in told[2]
    assert "0.7620000243186951, 0.0" in told[3]


def test_a_gradient_that_is_no_number_is_shown_by_the_layers_alone(legacy: Any) -> None:
    shown_alone(DIVERGENCES.parent / "tf-keras-layer.gradients.json", legacy)
