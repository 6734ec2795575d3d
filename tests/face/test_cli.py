"""``rnnspec``: runs, their reports, and the lists; what goes wrong is in the other files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from rnnspec import catalogue
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import needed

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
QUICK = ("run", "reference", "--profile", "quick")


def report(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_has_a_row_for_each_claim_and_a_line_for_all(rnnspec: Program) -> None:
    ran = rnnspec(*QUICK, "--only", "lstm.[ci]*-[gs]*")
    assert ran.returncode == 0, ran.stderr
    heading, columns, *rows, total = ran.stdout.strip().splitlines()
    rows = [row for row in rows if row.startswith("lstm.")]
    assert heading.startswith("reference (numpy ")
    assert heading.endswith("profile quick, seed 0")
    assert columns.split()[:2] == ["claim", "verdict"]
    labels = ["lstm.input-gate", "lstm.input-size", "lstm.cell-state"]
    assert [row.split()[:2] for row in rows] == [[label, "holds"] for label in labels]
    counts = dict(
        part.split(" ", 1)[::-1] for part in total.split(": ")[1].split("; ")[0].split(", ")
    )
    assert counts == {"holds": "3", "not run": str(len(CLAIMS) - 3)}
    assert ran.stderr == ""


def test_a_report_has_a_header_a_line_for_each_claim_and_a_footer(
    rnnspec: Program, tmp_path: Path
) -> None:
    ran = rnnspec(*QUICK, "--only", "lstm.cell*", "--json", "run.jsonl", "--seed", "7")
    assert ran.returncode == 0, ran.stderr
    header, *claims, footer = report(tmp_path / "run.jsonl")
    assert header["format"] == "rnnspec.report"
    assert (header["adapter"], header["profile"], header["seed"]) == ("reference", "quick", 7)
    assert header["claims"] == len(CLAIMS)
    assert [line["claim"] for line in claims] == list(CLAIMS)
    verdicts = Counter(line["verdict"] for line in claims)
    assert footer["verdicts"] == verdicts == {"holds": 1, "not run": len(CLAIMS) - 1}
    assert footer["complete"] is True
    assert footer["exit_status"] == 0


def test_a_claim_that_was_not_chosen_says_so(rnnspec: Program, tmp_path: Path) -> None:
    rnnspec(*QUICK, "--only", "lstm.three-gates", "--json", "run.jsonl")
    for line in report(tmp_path / "run.jsonl")[1:-1]:
        if line["claim"] == "lstm.three-gates":
            assert (
                line["informative"] >= line["needed"] == needed(CLAIMS["lstm.three-gates"], "quick")
            )
            assert sum(line["dtypes"].values()) == line["examples"]
        else:
            assert (line["verdict"], line["reason"]) == ("not run", "deselected")
            assert line["examples"] == 0


def test_every_adapter_has_its_part_of_a_report(
    rnnspec: Program, known: Callable[[ReferenceLayer], None], tmp_path: Path
) -> None:
    other = ReferenceLayer()
    other.name = "other"
    known(other)
    arguments = ("--profile", "quick", "--only", "lstm.units", "--json", "run.jsonl")
    # one that is named twice is run once
    assert rnnspec("run", "reference", "other", "reference", *arguments).returncode == 0
    lines = report(tmp_path / "run.jsonl")
    assert [line["adapter"] for line in lines if "adapter" in line] == ["reference", "other"]
    assert len(lines) == 2 * (len(CLAIMS) + 2)


def test_all_that_is_installed_is_run_where_nothing_is_named(
    rnnspec: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda name: name == "numpy" or None)
    ran = rnnspec("run", "--profile", "quick", "--only", "lstm.three-gates")
    headings = [line for line in ran.stdout.splitlines() if "profile quick" in line]
    assert [line.split()[0] for line in headings] == ["reference"]


def test_the_list_names_every_claim_and_adapter(
    rnnspec: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda name: name == "numpy" or None)
    ran = rnnspec("list")
    assert ran.returncode == 0
    first = [line.split()[0] for line in ran.stdout.splitlines() if line[:1].strip()]
    assert first[: len(CLAIMS) + 2] == ["claim", *CLAIMS, "adapters:"]
    words = " ".join(ran.stdout.rpartition("\nadapters: ")[2].split()).split(", ")
    others = catalogue.names()[1:]
    assert words == ["reference", *(f"{name} (not installed)" for name in others)]


@pytest.mark.parametrize("label", CLAIMS)
def test_a_claim_is_shown_whole(label: str, rnnspec: Program) -> None:
    ran = rnnspec("show", label)
    assert ran.returncode == 0
    words = " ".join(ran.stdout.split())
    claim = CLAIMS[label]
    errata = [text for each in claim.errata for text in (each.card, each.stops, each.smallest)]
    for text in (label, claim.statement, claim.formula, claim.seen, *errata, *claim.literature):
        assert " ".join(text.split()) in words


@pytest.mark.parametrize("columns", ["40", "60", "100"])
def test_a_narrow_terminal_loses_no_word(
    columns: str,
    rnnspec: Program,
    known: Callable[[ReferenceLayer], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    ran = rnnspec("run", "reference", "--profile", "quick", "--only", "lstm.three-gates")
    for word in ("lstm.three-gates", "holds", "verdict", "examples", "informative", "seconds"):
        assert word in ran.stdout
    simple = ReferenceLayer()
    simple.name, simple.conventions = "simple", {"rnn": ReferenceLayer.conventions["rnn"]}
    known(simple)
    longest = max((k for k, claim in CLAIMS.items() if "rnn" not in claim.about["cell"]), key=len)
    rows = rnnspec("run", "simple", "--profile", "quick", "--only", longest).stdout
    assert f"\n{longest}  not applicable" in rows
    assert "…" not in ran.stdout + rows + rnnspec("list").stdout


def test_what_is_not_applicable_is_always_told_with_the_reason_and_counted(
    rnnspec: Program, known: Callable[[ReferenceLayer], None]
) -> None:
    simple = ReferenceLayer()
    simple.name, simple.conventions = "simple", {"rnn": ReferenceLayer.conventions["rnn"]}
    known(simple)
    ran = rnnspec("run", "simple", "--profile", "quick", "--only", "[rg]*.step")
    assert ran.returncode == 0, ran.stderr
    table, _, told = ran.stdout.partition("gru.step: ")
    assert "rnn.step" in table
    assert told.startswith("not applicable: simple offers no GRU\n")
    left = len(CLAIMS) - 2
    assert f"\n{len(CLAIMS)} claims: 1 holds, 1 not applicable, {left} not run; " in ran.stdout


def test_letters_that_the_output_has_not_are_no_reason_to_stop(python: Program) -> None:
    code = """
import sys
from rnnspec import catalogue
from rnnspec.cli import main
from rnnspec.reference.layer import ReferenceLayer

class Told(ReferenceLayer):
    def run(self, case):
        raise RuntimeError("caf\u00e9")

catalogue.owns = lambda own, name: True
catalogue.load = lambda name: Told()
sys.argv = ["rnnspec", "run", "told", "--only", "rnn.step"]
main()
"""
    ran = python("-c", code, PYTHONIOENCODING="ascii")
    assert ran.returncode == 3, ran.stderr
    assert "RuntimeError: caf\\xe9" in ran.stdout


def test_nothing_is_coloured_that_is_no_terminal(rnnspec: Program) -> None:
    assert "\x1b" not in rnnspec("show", "lstm.units").stdout + rnnspec("list").stdout


def test_a_run_leaves_nothing_behind(python: Program, tmp_path: Path) -> None:
    ran = python("-m", "rnnspec", *QUICK, "--only", "lstm.three-gates")
    assert ran.returncode == 0, ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way on Windows")
def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "rnnspec", "list"],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert ran.stderr == ""
    assert ran.returncode == 141  # as of a program that the signal ended, and no verdict's status
