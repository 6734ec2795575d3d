"""TensorFlow.js through the process protocol: the claims, and what is said of its divergences."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "peers" / "tfjs" / "node_modules"
DIVERGENCES = ROOT / "docs" / "divergences" / "tfjs"

Run = Callable[..., str]


@pytest.fixture(name="run")
def running(tmp_path: Path) -> Run:
    """``run("node", ...)``: what it printed; skipped where TensorFlow.js is not installed."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    if not MODULES.exists():
        pytest.skip("TensorFlow.js is not installed: npm ci --prefix peers/tfjs")

    def run(*command: str) -> str:
        ran = subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"NODE_PATH": str(MODULES)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        print(ran.stdout)
        return ran.stdout

    return run


def test_every_claim_holds_but_for_what_is_waived(run: Run) -> None:
    peer, waivers = ROOT / "peers" / "tfjs" / "peer.mjs", DIVERGENCES.with_suffix(".toml")
    options = ("--profile", "quick", "--strict", "--waivers", str(waivers))
    assert ", 3 waived, " in run("rnnspec", "run", "--command", f"node '{peer}'", *options)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("masked_nan", "NaN in the masked step: last output NaN, gradient NaN,NaN"),
        ("bidirectional_cells", "an LSTM cell, both ways: layer: Improper config format: "),
        ("one_step_gradient", "an LSTM, one step: Argument tensors passed to stack must be "),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(file: str, shown: str, run: Run) -> None:
    assert shown in run("node", str(DIVERGENCES / f"{file}.cjs"))
