"""What is said of Paddle's divergences is so, by code of Paddle alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "paddle"


def ran(file: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What it printed; skipped where Paddle is not installed."""
    if find_spec("paddle") is None:
        pytest.skip("the code speaks to PaddlePaddle, which is not installed")
    command = [sys.executable, str(DIVERGENCES / f"{file}.py"), *arguments]
    # where threads are many, Paddle can take its time
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        (
            "nan_padding",
            [
                "SimpleRNN, nan in the padding: final state nan, gradient nan",
                "RNN, nan in the padding: final state nan, gradient nan",
            ],
        ),
        ("relu_nan", ["SimpleRNN, relu: 0.0", "SimpleRNNCell, relu: 0.0", "SimpleRNN, tanh: nan"]),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(file: str, shown: list[str]) -> None:
    result = ran(file)
    assert result.returncode == 0, result.stderr
    for line in shown:
        assert line in result.stdout


def test_gradients_are_not_what_differences_say() -> None:
    result = ran("wrong_gradients")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == 6
    for line in lines:
        found, right = line.split("gradient ")[1].split(", by a difference ")
        assert (found == right) == ("layer[0]" in line)
        assert right not in ("0.0000", "-0.0000")


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("empty_call", ("LSTM", "steps")),
        ("empty_call", ("SimpleRNN", "rows")),
        ("no_bias", ("GRU", "1", "bias_hh_attr")),
    ],
)
def test_what_ends_the_process(file: str, arguments: tuple[str, ...]) -> None:
    result = ran(file, *arguments)
    assert result.returncode in (-signal.SIGSEGV, -signal.SIGFPE)
    assert "no " + arguments[-1] not in result.stdout


def test_two_layers_without_biases_are_not_made() -> None:
    result = ran("no_bias", "LSTM", "2", "bias_ih_attr", "bias_hh_attr")
    assert result.returncode == 1
    assert "IndexError" in result.stderr
