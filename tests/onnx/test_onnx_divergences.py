"""What is said of the divergences of ONNX is so, by code of ONNX alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rnnspec.adapters.onnx_runtime import OnnxRuntime

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "onnx"


def ran(file: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What it printed; skipped where ONNX is not installed."""
    for module in OnnxRuntime.requires:
        if find_spec(module) is None:
            pytest.skip(f"the code speaks to {module}, which is not installed")
    command = [sys.executable, str(DIVERGENCES / f"{file}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("reference_lengths", ["-1.0 past the end: final state -0.762"]),
        ("reference_options", ["input_forget: 0.500, and", "clip to 1: 0.482, and"]),
        ("reference_nan", ["rows [nan, 0.0]: final state [0.0, 0.0]"]),
        (
            "runtime_nan",
            [
                'RNN of X, W, R, activations = ["Relu"]: 0.0',
                "LSTM of X, W, R: nan",
                "LSTM of X, W, R, B: 0.76",
                "GRU of X, W, R, B: 0.0",
            ],
        ),
        (
            "runtime_no_steps",
            [f"{k}: final state of the row of no steps 0.0" for k in ("RNN", "LSTM", "GRU")],
        ),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(file: str, shown: list[str]) -> None:
    result = ran(file)
    assert result.returncode == 0, result.stderr
    for line in shown:
        assert line in result.stdout


@pytest.mark.parametrize("empty", [("GRU", "0", "1"), ("GRU", "1", "0"), ("LSTM", "1", "0")])
def test_an_empty_call_ends_the_process(empty: tuple[str, ...]) -> None:
    result = ran("runtime_abort", *empty)
    assert result.returncode == -signal.SIGABRT
    assert "outputs of shape" not in result.stdout


def test_others_do_not() -> None:
    assert "outputs of shape (0, 1, 1, 1)" in ran("runtime_abort", "LSTM", "0", "1").stdout
