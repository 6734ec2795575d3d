"""What is exported follows the equations, in every way but for one that is known to be wrong."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.torch_onnx import ANY_ROWS, ANY_STEPS, OPTIMIZED, Exported
from rnnspec.adapters.torch_onnx_legacy import TorchOnnxLegacy
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import unroll
from tests.scripts import script_of

Drawn = Callable[..., Case]

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "torch"
DEEP = Network("lstm", 3, 2, layers=2, direction="both")
CELLS = ("rnn", "lstm", "gru")


def follows(adapter: Exported, case: Case) -> Answer:
    """The answer, which must be within the bounds of the equations."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    expected = unroll(case, read).parts()
    assert answer.parts().keys() == expected.keys()
    for name, part in answer.parts().items():
        assert part.shape == expected[name].shape
        off = np.abs(part - expected[name].value)
        if name == "outputs" and case.lengths is not None:
            past = np.arange(case.steps)[:, None] >= case.lengths
            assert not part[past].any()
            off[past] = 0.0
        assert np.all(off <= expected[name].error), name
    return answer


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("way", ["", *TorchOnnxLegacy.ways])
@pytest.mark.parametrize("cell", CELLS)
def test_every_way_of_the_legacy_exporter_does(
    legacy: Exported, drawn: Drawn, cell: str, way: str, lengths: bool
) -> None:
    follows(legacy, drawn(replace(DEEP, cell=cell), way=way, lengths=lengths))


@pytest.mark.parametrize("lengths", [False, True])
def test_states_may_be_missing(legacy: Exported, drawn: Drawn, lengths: bool) -> None:
    case = drawn(DEEP, lengths=lengths)
    follows(legacy, case.changed(states={}))
    follows(legacy, case.changed(states={"cell": case.states["cell"]}))


def test_it_does_in_float16(legacy: Exported, drawn: Drawn) -> None:
    follows(legacy, drawn(DEEP, "float16"))


def test_a_kept_model_gets_new_weights(legacy: Exported, drawn: Drawn) -> None:
    case = drawn(DEEP)
    follows(legacy, case)
    made = legacy.program.cache_info().misses
    follows(legacy, case.with_weights(lambda at, w: -w))
    assert legacy.program.cache_info().misses == made


@pytest.mark.parametrize("way", ["", OPTIMIZED, ANY_STEPS])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_the_exporter_follows_the_equations(
    exporter: Exported, drawn: Drawn, cell: str, way: str
) -> None:
    case = drawn(Network(cell, 2, 3, activation="relu" if cell == "rnn" else "tanh"), way=way)
    if (cell, way) == ("rnn", ANY_STEPS):
        assert len(exporter.run(case).outputs) == 2
    else:
        follows(exporter, case)


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_that_are_open_may_be_any_number(exporter: Exported, drawn: Drawn, rows: int) -> None:
    follows(exporter, drawn(Network("lstm", 2, 3), way=ANY_ROWS, rows=rows))


@pytest.mark.filterwarnings("ignore")  # PyTorch warns of every export
@pytest.mark.parametrize("network", [Network(cell, 2, 3) for cell in CELLS], ids=str)
@pytest.mark.parametrize("lengths", [False, True])
def test_a_case_is_told_in_the_frameworks_own_words(
    legacy: Exported, drawn: Drawn, network: Network, lengths: bool
) -> None:
    case = drawn(replace(network, direction="both"), lengths=lengths)
    script_of(legacy, case)
    script_of(legacy, case.changed(states={}))
    assert legacy.script(case.changed(way="packed")) is None


@pytest.mark.filterwarnings("ignore")
def test_a_case_is_told_of_the_other_exporter(exporter: Exported, drawn: Drawn) -> None:
    script_of(exporter, drawn(Network("gru", 2, 3)))


def test_nothing_is_counted_and_nothing_goes_back(legacy: Exported, drawn: Drawn) -> None:
    assert legacy.count(DEEP) is None
    assert legacy.gradients(drawn(DEEP), {}) is None


def test_the_settings_are_restored(legacy: Exported) -> None:
    before = warnings.filters[:], logging.getLogger("torch.onnx").level
    with type(legacy)().session():
        assert logging.getLogger("torch.onnx").level == logging.ERROR
    assert (warnings.filters[:], logging.getLogger("torch.onnx").level) == before


def test_the_steps_that_are_missing_are_shown_by_the_frameworks_alone(legacy: Exported) -> None:
    command = [sys.executable, str(DIVERGENCES / "onnx_any_steps.py")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "of three steps: 2 outputs, final state 2.0" in shown
    assert "PyTorch: 3 outputs, final state 3.0" in shown


def test_an_export_of_no_rows_ends_the_process(legacy: Exported) -> None:
    command = [sys.executable, str(DIVERGENCES / "onnx_no_rows.py"), "float32"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGFPE
    assert ran.stdout == "called: outputs of shape (4, 0, 6)\n"
