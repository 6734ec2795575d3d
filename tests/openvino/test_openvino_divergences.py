"""What is said of OpenVINO's divergences is so, by code of the frameworks alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "openvino"


def ran(file: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What it printed; skipped where what it speaks to is not installed."""
    needed = {"keras": ["keras"], "onnx": ["onnx"]}.get(file.partition("_")[0], [])
    for module in ["openvino", *needed]:
        if find_spec(module) is None:
            pytest.skip(f"the code speaks to {module}, which is not installed")
    command = [sys.executable, str(DIVERGENCES / f"{file}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        (
            "dynamic_lengths",
            [
                "[1, 3, 1]: Y [0.4620000123977661, 0.0, 0.0], final state 0.462",
                *(f"{s}: Y [0.4620000123977661, -0.7" for s in ([-1, 3, 1], [1, -1, 1])),
            ],
        ),
        (
            "relu_nan",
            ["tanh: nan", "tanh, with lengths: nan", "relu: 0.0", "relu, with lengths: 0"],
        ),
        ("row_of_no_steps", [f"{cell}: Y 0.0, final state 0.0" for cell in ("rnn", "lstm", "gru")]),
        ("float16_order", ["[1.0, 3.0]] becomes [[0, 16384], [15360, 16896]]"]),
        ("onnx_layout", ["Y of shape (2, 1, 3, 1), final state of shape (1, 3, 1)"]),
        ("onnx_no_steps", ["0 steps: Y of shape (1, 1, 1, 1)", "T steps: Y of shape (0, 1, 1, 1)"]),
        ("onnx_ignored", ["peepholes: cell state 0.250", "input_forget: cell state 0.250"]),
        ("keras_float16", ["float32: 0.281", "float16: 0.5"]),
        ("keras_predict", ["call 0.1240", "bfloat16, weights 0.5: predict 1.637"]),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(file: str, shown: list[str]) -> None:
    result = ran(file)
    assert result.returncode == 0, result.stderr
    for line in shown:
        assert line in result.stdout


def test_predict_keeps_the_weights_that_it_had() -> None:
    told = [line for line in ran("keras_predict").stdout.splitlines() if line.startswith("float32")]
    predicted = [line.partition("predict ")[2].partition(" ")[0] for line in told]
    assert len(predicted) == 2
    assert predicted[0] == predicted[1]


def test_a_model_for_no_rows_ends_the_process() -> None:
    result = ran("no_rows", "0")
    assert result.returncode == -signal.SIGFPE
    assert "X of [-1, -1, 1]: Y of shape (0, 1, 1, 1), final state []" in result.stdout
    assert "X of [0, 1, 1]" not in result.stdout


def test_a_model_for_no_steps_is_refused_but_where_they_are_dynamic() -> None:
    result = ran("no_rows", "1")
    assert "X of [-1, -1, 1]: Y of shape (1, 1, 0, 1)" in result.stdout
    assert "RuntimeError" in result.stderr
