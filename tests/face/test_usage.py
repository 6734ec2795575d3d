"""Wrong usage is one sentence and status 2, and never a traceback."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rnnspec import catalogue

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

ADAPTERS = f"{', '.join(catalogue.names())}, or name a class of your own as package.module:Class"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("run numpy", f"there is no adapter 'numpy': use one of {ADAPTERS}"),
        ("run ''", f"there is no adapter '': use one of {ADAPTERS}"),
        (
            "run reference --only gru.*x",
            "no claim matches 'gru.*x': 'rnnspec list' names them all",
        ),
        ("run reference --only ''", "no claim matches '': 'rnnspec list' names them all"),
        ("run reference --json .", ". cannot be written: Is a directory"),
        (
            "run reference --json no/such/folder.jsonl",
            "no/such/folder.jsonl cannot be written: No such file or directory",
        ),
        ("show lstm.gate", "there is no claim 'lstm.gate': did you mean 'lstm.gated'?"),
        ("show gru", "there is no claim 'gru': did you mean 'gru.step'?"),
        ("show LSTM.Units", "there is no claim 'LSTM.Units': did you mean 'lstm.units'?"),
        ("show '?'", "there is no claim '?': 'rnnspec list' names them all."),
        (
            "show lstm.gate --adapter reference",
            "there is no claim 'lstm.gate': did you mean 'lstm.gated'?",
        ),
        (
            "show lstm.gated --adapter numpy",
            f"there is no adapter 'numpy': use one of {ADAPTERS}",
        ),
        ("show --adapter ''", f"there is no adapter '': use one of {ADAPTERS}"),
        ("show", "name a CLAIM, an adapter (--adapter NAME), or both"),
        ("errata 'lstm.*x'", "no claim matches 'lstm.*x': 'rnnspec list' names them all"),
        ("errata layer.accuracy", "no claim that matches 'layer.accuracy' has an erratum"),
        ("replay none.json", "none.json cannot be read: No such file or directory"),
        ("replay .", ". cannot be read: Is a directory"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    line: str, told: str, rnnspec: Program, sentence: Sentence
) -> None:
    assert sentence(rnnspec(*shlex.split(line))) == told


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("run reference --profile bad", ["--profile", "bad", "quick", "standard", "thorough"]),
        ("run reference --seed -1", ["--seed", "-1"]),
        ("run reference --seed one", ["--seed", "one"]),
        ("run reference --frob", ["--frob"]),
        ("run --only", ["--only"]),
        ("show", ["CLAIM"]),
        ("replay", ["FILE"]),
        ("frob", ["frob"]),
    ],
)
def test_what_click_finds_wrong_is_told_in_its_words(
    line: str, named: list[str], rnnspec: Program, sentence: Sentence
) -> None:
    told = sentence(rnnspec(*line.split()))
    assert [word for word in named if word not in told] == []


def test_nothing_is_written_where_the_usage_is_wrong(rnnspec: Program, tmp_path: Path) -> None:
    assert rnnspec("run", "numpy", "--json", "run.jsonl").returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_program_without_a_command_shows_its_help(rnnspec: Program) -> None:
    ran = rnnspec()
    assert "Usage: rnnspec" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def without_torch(name: str) -> ModuleSpec | None:
    return None if name == "torch" else find_spec(name)


def test_a_framework_that_is_missing_is_named_with_its_extra(
    rnnspec: Program, sentence: Sentence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "find_spec", without_torch)
    told = sentence(rnnspec("run", "reference", "torch-cell"))
    assert told == (
        "torch is not installed, and the adapter 'torch-cell' needs it: "
        "pip install 'rnnspec[torch]'"
    )
