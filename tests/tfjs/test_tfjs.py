"""TensorFlow.js through the process protocol: the claims, and what is said of its divergences."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnspec.adapters.process_ import ProcessLayer
from rnnspec.adapters.script_ import Shown
from rnnspec.reference.network import Network
from rnnspec.spec.claims.layer_gradients import cotangent
from tests.drawing import drawn
from tests.scripts import LONGEST

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


@pytest.mark.parametrize(
    "network",
    [
        Network("rnn", 3, 2, direction="both", biases="input", activation="relu"),
        Network("lstm", 3, 2, layers=2, biases="none", direction="backward"),
        Network("gru", 3, 2, layers=2, biases="input", reset="before"),
    ],
    ids=str,
)
def test_a_script_answers_as_the_peer_does(run: Run, tmp_path: Path, network: Network) -> None:
    """Of every kind of part an element: what it prints is what the peer answered."""
    peer = ProcessLayer(["node", str(ROOT / "peers" / "tfjs" / "peer.mjs")], 60.0)
    case = drawn(network, lengths=network.direction != "both")
    cotangents = cotangent(case, "hidden")
    found = peer.gradients(case, cotangents)
    assert found is not None
    weights = [name for name in found.parts() if name.endswith(("forget.input", "recurrent"))]
    wanted = [(name, None, part) for name, part in found.answer.parts().items()]
    backwards = ("inputs", "initial hidden", weights[-1])
    for name, back, part in [*wanted, *((n, cotangents, found.parts()[n]) for n in backwards)]:
        index = tuple(size - 1 for size in part.shape) if back else (0, *part.shape[1:2], 1)
        index = tuple(min(i, size - 1) for i, size in zip(index, part.shape, strict=True))
        shown = Shown(name, index, float(part[index]), 0.0)
        code = peer.written(["it is so"], case, back, shown)
        assert code is not None
        assert "rnnspec" not in code
        assert len([line for line in code.splitlines() if line[:2] not in ("", "//")]) <= LONGEST
        (tmp_path / "it.cjs").write_text(code, encoding="utf-8")
        observed, expected = run("node", str(tmp_path / "it.cjs")).splitlines()[-2:]
        assert float(observed.split()[-1]) == part[index], name
        assert expected.endswith("to the last bit")
    assert peer.written([], case.changed(way="last output"), None, None) is None


def test_a_counterexample_is_shown_by_the_framework_alone(run: Run, tmp_path: Path) -> None:
    """Another call gives what must be there."""
    peer, file = (
        ROOT / "peers" / "tfjs" / "peer.mjs",
        DIVERGENCES.parent / "tfjs-layer.padding.json",
    )
    options = ("--framework-only", "--command", f"node '{peer}'", "-o", "it.cjs")
    run("rnnspec", "reproduce", str(file), *options)
    observed, expected = run("node", str(tmp_path / "it.cjs")).splitlines()[-2:]
    assert observed.endswith(" is NaN")
    assert expected == "it must be 0 to the last bit"
