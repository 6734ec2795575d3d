"""Everything that is wrong in a waiver file is one sentence, with the place, and status 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from rnnspec import catalogue
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.network import Network
from rnnspec.waiver_file import read

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

GOOD = """
[[waiver]]
claim = "gru.step"
adapter = "torch"
versions = { torch = ">=2.4,<3" }
reason = '''
  Rounds twice,
  as is known.'''
link = "https://example.org/issues/7"
"""
RUN = ("run", "reference", "--profile", "quick", "--only", "lstm.three-gates", "--waivers")


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def other(new: str) -> str:
    """A second waiver, for other versions."""
    return GOOD + changed('">=2.4,<3"', new)


def more(text: str) -> str:
    return GOOD + text + "\n"


def replayed(folder: Path, claim: str, cell: str, **fields: Any) -> None:
    network = Network(cell, 1, 1, biases="none")
    case = Case(network, {at: np.ones(s) for at, s in network.places()}, np.ones((1, 1, 1)))
    head = {"format": "rnnspec.replay", "version": 1, "claim": claim, "adapter": "torch"}
    text = json.dumps({**head, "case": encode_case(case), **fields})
    (folder / f"{claim}-{cell}.json").write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    for claim, cell in (("gru.step", "gru"), ("gru.step", "lstm"), ("rnn.step", "rnn")):
        replayed(tmp_path, claim, cell)
    (tmp_path / "shows_it.py").write_text("import torch\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing is waived\n",
        "waiver = []\n",
        GOOD,
        "\ufeff" + GOOD,
        changed('link = "https://example.org/issues/7"', 'reproducer = "shows_it.py"'),
        more('reproducer = "./shows_it.py"'),
        more('counterexample = "gru.step-gru.json"'),
        other("'>=3'"),
        other("'<2.4'"),
        other("'==2.3.*'"),
        GOOD + changed("gru.step", "rnn.step"),
        GOOD + changed('"torch"\n', '"torch-cell"\n'),
        changed('{ torch = ">=2.4,<3" }', "{ torch = '==2.4.*', numpy = '>=1' }"),
    ],
)
def test_a_good_file_is_read(text: str, rnnspec: Program, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(text, encoding="utf-8")
    ran = rnnspec(*RUN, "known.toml")
    assert ran.returncode == 0, ran.stderr


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(more('counterexample = "gru.step-gru.json"'), encoding="utf-8")
    (waiver,) = read(path, ["torch"])
    assert str(waiver) == "Rounds twice, as is known. (https://example.org/issues/7)"
    assert (waiver.claim, waiver.adapter, waiver.place) == ("gru.step", "torch", "waiver 1")
    assert waiver.versions["torch"].contains("2.13.0+cpu")
    assert waiver.data is not None
    assert waiver.data["case"].network.cell == "gru"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[waiver]", "it is not TOML: "),
        ("a = 1\na = 2\n", "it is not TOML: "),
        (b"a = '\xff'\n", "it is not text in UTF-8"),
        ("a = " + "[" * 100_000, "it is not TOML"),
        ("a = " + "1" * 10_000, "it is not TOML: "),
        ("[[waivers]]\n", "it has 'waivers', where only [[waiver]] tables belong"),
        ("[waiver]\nclaim = 'gru.step'\n", "'waiver' must be [[waiver]] tables"),
        ("waiver = [1]\n", "'waiver' must be [[waiver]] tables"),
        (more("why = 'so'"), "waiver 1 has a field 'why': use claim, adapter, versions, "),
        (changed('claim = "gru.step"', ""), "waiver 1 has no 'claim'"),
        (
            changed("gru.step", "gru.steps"),
            "waiver 1: there is no claim 'gru.steps': did you mean 'gru.step'?",
        ),
        (changed('"gru.step"', "7"), "waiver 1.claim must be a string with something printable"),
        (changed('adapter = "torch"', ""), "waiver 1 has no 'adapter'"),
        (
            changed('"torch"\n', '"torhc"\n'),
            f"waiver 1: there is no adapter 'torhc': use one of {', '.join(catalogue.names())}",
        ),
        (changed('versions = { torch = ">=2.4,<3" }', ""), "waiver 1 has no 'versions'"),
        (changed('{ torch = ">=2.4,<3" }', "'2.4'"), "waiver 1.versions must be a table of pack"),
        (changed('{ torch = ">=2.4,<3" }', "{}"), "waiver 1.versions must be a table of packages"),
        (
            changed('">=2.4,<3"', "'2.4 or so'"),
            "waiver 1.versions.torch is '2.4 or so': it must be a range of versions, as '>=2.4,<3'",
        ),
        (changed('">=2.4,<3"', "2.4"), "waiver 1.versions.torch is 2.4: it must be a range of"),
        (changed('">=2.4,<3"', "''"), "waiver 1.versions.torch is '', which every version meets"),
        (
            changed('">=2.4,<3"', "'>3,<2'"),
            "waiver 1.versions.torch is '>3,<2', which no version meets",
        ),
        (changed("Rounds twice,\n  as is known.", ""), "waiver 1.reason must be a string with"),
        (changed("Rounds twice,", "\x7f\\u001b[31m"), "it is not TOML: "),
        (GOOD + changed("reason", "reasons"), "waiver 2 has a field 'reasons': use "),
        (
            changed('link = "https://example.org/issues/7"', ""),
            "waiver 1 has neither a 'link' nor a 'reproducer': name the report, or code that ",
        ),
        (
            changed("https://example.org/issues/7", "issue 7"),
            "waiver 1.link is 'issue 7': it must be the URL of a page",
        ),
        (
            changed("https://example.org/issues/7", "https://["),
            "waiver 1.link is 'https://[': it must be the URL of a page",
        ),
        (
            more("reproducer = 'none.py'"),
            "waiver 1.reproducer is 'none.py', and there is no such file",
        ),
        (
            more("reproducer = '/shows_it.py'"),
            "waiver 1.reproducer is '/shows_it.py': it must be a path relative to the waiver file",
        ),
        (
            more("counterexample = 'none.json'"),
            "waiver 1.counterexample is 'none.json', which cannot be read: No such file or dir",
        ),
        (more("counterexample = '.'"), "waiver 1.counterexample is '.', which cannot be read: "),
        (
            more("counterexample = 'shows_it.py'"),
            "waiver 1.counterexample is 'shows_it.py', which is no replay file: it is not JSON: ",
        ),
        (
            more("counterexample = 'rnn.step-rnn.json'"),
            "waiver 1.counterexample is 'rnn.step-rnn.json', which is of rnn.step, not of gru.step",
        ),
        (
            more("counterexample = 'gru.step-lstm.json'"),
            "waiver 1.counterexample is 'gru.step-lstm.json', which is no replay file: gru.step "
            "speaks of networks with cell gru, not 'lstm'",
        ),
        (
            other("'>=2.5'"),
            "waiver 1 and waiver 2 are both for gru.step on torch, and some versions meet both",
        ),
        (other("'<=2.4'"), "waiver 1 and waiver 2 are both for gru.step on torch, and some"),
        (other("'!=2.5'"), "waiver 1 and waiver 2 are both for gru.step on torch, and some"),
        (
            GOOD + changed("{ torch =", "{ numpy ="),
            "waiver 1 and waiver 2 are both for gru.step on torch, and some versions meet both",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_place(
    text: str | bytes, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "known.toml").write_bytes(raw)
    found = sentence(rnnspec(*RUN, "known.toml"))
    assert found.startswith(f"known.toml is no waiver file: {told}")
    assert len(found) < 500


def test_a_reason_is_printable(rnnspec: Program, sentence: Sentence, tmp_path: Path) -> None:
    text = changed("'''\n  Rounds twice,\n  as is known.'''", '"\\u001b[31mred"')
    (tmp_path / "known.toml").write_text(text)
    assert "waiver 1.reason must be a string" in sentence(rnnspec(*RUN, "known.toml"))


def test_paths_are_relative_to_the_file(rnnspec: Program, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (tmp_path / "gru.step-gru.json").rename(folder / "it.json")
    (folder / "known.toml").write_text(more("counterexample = 'it.json'"))
    assert rnnspec(*RUN, "kept/known.toml").returncode == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.toml", "none.toml cannot be read: No such file or directory"),
        (".", ". cannot be read: Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    name: str, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    assert sentence(rnnspec(*RUN, name, "--json", "run.jsonl")) == told
    assert not (tmp_path / "run.jsonl").exists()
