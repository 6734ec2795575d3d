"""PyTorch's modules, trained; and every study, run through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.torch_ import TorchLayer
from rnnspec.cli import rnnspec
from rnnspec.reference.network import Network
from rnnspec.reference.training import Training, Trains
from rnnspec.studies import HOMES, found
from rnnspec.studies.journal import read
from rnnspec.studies.tasks import added
from tests.studies.trained import learns, repeats

pytest.importorskip("torch", reason="PyTorch does the training")


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_network_learns(cell: str) -> None:
    learns(TorchLayer(), cell)


def test_a_seed_learns_the_same() -> None:
    repeats(TorchLayer())


def test_numbers_are_learned_too() -> None:
    net = Network("gru", 2, 8)
    examples = added(np.random.default_rng(0), 300, steps=6)
    trained = TorchLayer().train(Training(net, 1, "numbers", 150, seed=0), examples)
    assert np.mean(trained.losses[-20:]) < 0.5 * np.mean(trained.losses[:20])


@pytest.mark.parametrize("label", HOMES)
def test_a_study_runs_through(label: str, tmp_path: Path) -> None:
    study = found(label)
    trainer = TorchLayer()
    assert isinstance(trainer, Trains)
    setting = study.settings(quick=True)[0]
    measures = study.measured(setting, 0, trainer, quick=True)
    assert measures
    assert all(np.isfinite(value) for value in measures.values())


def test_a_study_is_run_from_the_command_line_and_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "bi.overfits", "--quick", "--jobs", "1", "--to", str(tmp_path)]
    for more in ([], ["--resume"]):
        with pytest.raises(SystemExit, match="0"):
            rnnspec.main([*words, *more])
        told = capsys.readouterr().out
        assert "quick: it shows that the study runs, and decides nothing" in told
    _, runs, footer = read(tmp_path / "bi.overfits.jsonl")
    assert footer is not None
    assert len(runs) == len(found("bi.overfits").jobs(quick=True, adapter="torch"))
    assert (tmp_path / "bi.overfits-dark.svg").exists()
