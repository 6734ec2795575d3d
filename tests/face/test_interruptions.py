"""A run that is interrupted, and disks that are full: what was done is kept, and said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.spec.claims import CLAIMS
from tests.face.smoke import in_smoke

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]
ONLY = ("--profile", "quick", "--only", "[rg]*.step")
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device here is always full")


class Interrupted(ReferenceLayer):
    """The reference, until somebody presses Ctrl-C at the first GRU that a claim runs."""

    name = "interrupted"

    def run(self, case: Case) -> Answer:
        if case.network.cell == "gru" and case.aim == {} and not in_smoke(case):
            raise KeyboardInterrupt
        return super().run(case)


class Impatient(ReferenceLayer):
    """Every GRU's answer is off, and somebody presses Ctrl-C while a case is made smaller."""

    name = "impatient"
    runs = 0

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.network.cell != "gru" or case.aim or in_smoke(case):
            return answer
        self.runs += 1
        if self.runs > 3:
            raise KeyboardInterrupt
        return Answer(answer.outputs + 1.0, answer.states)


class Crashing(ReferenceLayer):
    """The reference, but for an error at every GRU that a claim runs."""

    name = "crashing"

    def run(self, case: Case) -> Answer:
        if case.network.cell == "gru" and case.aim == {}:
            raise RuntimeError("no GRU today")
        return super().run(case)


def test_what_was_done_before_an_interruption_is_printed_and_reported(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Interrupted())
    ran = rnnspec("run", "interrupted", "reference", *ONLY, "--json", "run.jsonl")
    assert ran.returncode == 130
    assert "Traceback" not in ran.stderr
    assert ran.stderr.strip() == "interrupted"
    rows = [line.split()[:2] for line in ran.stdout.splitlines()]
    assert ["rnn.step", "holds"] in rows
    assert "gru.step" not in ran.stdout
    header, *claims, footer = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert header["adapter"] == "interrupted"
    assert [line["claim"] for line in claims] == list(CLAIMS)[: list(CLAIMS).index("gru.step")]
    assert footer["complete"] is False
    assert footer["exit_status"] == 130


def test_what_had_failed_before_an_interruption_is_told_as_well(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Impatient())
    ran = rnnspec("run", "impatient", *ONLY, "--json", "run.jsonl")
    assert ran.returncode == 130
    assert ran.stderr.strip() == "interrupted"
    rows = [line.split()[:2] for line in ran.stdout.splitlines()]
    assert ["gru.step", "violated"] in rows
    assert "outputs [0, 0, 0] is" in ran.stdout
    assert len(list((tmp_path / ".rnnspec").iterdir())) == 1
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert lines[-2]["claim"] == "gru.step"
    assert lines[-2]["counterexample"] is not None


def test_a_run_that_reached_no_claim_says_so(rnnspec: Program, known: Known) -> None:
    class Stopped(ReferenceLayer):
        name = "stopped"

        def run(self, case: Case) -> Answer:
            raise KeyboardInterrupt

    known(Stopped())
    ran = rnnspec("run", "stopped", *ONLY)
    assert ran.returncode == 130
    assert ran.stdout.strip().splitlines()[-1] == f"0 of {len(CLAIMS)} claims; 0.0 s"


def test_an_output_that_is_closed_is_no_error(
    rnnspec: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as Python has it after ``rnnspec list >&-``
    ran = rnnspec("list")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@FULL
@pytest.mark.parametrize(("name", "status"), [("reference", 2), ("crashing", 3)])
def test_a_full_disk_ends_the_report_and_not_the_run(
    name: str, status: int, rnnspec: Program, known: Known
) -> None:
    known(Crashing())
    ran = rnnspec("run", name, *ONLY, "--json", "/dev/full")
    assert "Traceback" not in ran.stderr
    assert ran.returncode == status
    told = "/dev/full cannot be written any further: No space left on device"
    assert ran.stdout.count(told) == 1
    assert f"{len(CLAIMS)} claims: " in ran.stdout


@FULL
@pytest.mark.parametrize("arguments", [["list"], ["run", "reference", *ONLY]], ids=["list", "run"])
def test_an_output_that_is_full_is_told_in_a_sentence(
    arguments: list[str], python: Program
) -> None:
    code = f"""
import os, sys
os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
sys.argv = ["rnnspec", *{arguments}]
from rnnspec.cli import main
main()
"""
    ran = python("-c", code)
    assert ran.returncode == 2
    assert ran.stderr.strip() == "Error: the output cannot be written: No space left on device"


def temporary(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Where the program, and nothing else, finds the folder of temporary files."""
    there = SimpleNamespace(gettempdir=lambda: str(folder))
    monkeypatch.setattr("rnnspec.replay.tempfile", there)


def test_a_counterexample_is_kept_elsewhere_where_it_must_be(
    rnnspec: Program, known: Known, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known(Crashing())
    (tmp_path / "taken").write_text("a file where the folder should be")
    elsewhere = tmp_path / "with a space"
    temporary(monkeypatch, elsewhere)
    ran = rnnspec("run", "crashing", *ONLY, "--replays", "taken")
    assert ran.returncode == 3
    (path,) = (elsewhere / "rnnspec").iterdir()
    assert f"  rnnspec replay '{path}'" in ran.stdout.splitlines()
    again = rnnspec("replay", str(path))
    assert again.returncode == 3
    assert "error: gru.step (card 7)" in again.stdout


def test_a_counterexample_that_is_not_kept_is_said_not_to_be(
    rnnspec: Program, known: Known, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known(Crashing())
    (tmp_path / "taken").write_text("a file where the folder should be")
    temporary(monkeypatch, tmp_path / "taken")
    ran = rnnspec("run", "crashing", *ONLY, "--replays", "taken")
    assert ran.returncode == 3
    assert "This counterexample could not be kept (" in ran.stdout
    assert "rnnspec replay" not in ran.stdout


def test_a_run_that_is_terminated_keeps_what_it_has(tmp_path: Path) -> None:
    """As a time limit of a CI does it: the signal comes while claims are run."""
    report = tmp_path / "run.jsonl"
    command = [sys.executable, "-m", "rnnspec", "run", "reference"]
    with subprocess.Popen(
        [*command, "--json", str(report)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        started = time.monotonic()
        while time.monotonic() - started < 50:
            if report.exists() and report.read_text().count("\n") >= 2:
                break
            time.sleep(0.1)
        running.terminate()
        out, err = running.communicate(timeout=50)
    assert running.returncode == 143
    assert err.strip() == "interrupted"
    assert f" of {len(CLAIMS)} claims: " in out
    footer = json.loads(report.read_text().splitlines()[-1])
    assert footer["complete"] is False
    assert footer["exit_status"] == 143
