"""A finding is listed, shown and counted, and never run: it is an experiment, not a check."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

import rnnspec as package
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.trial import Trial

Program = Callable[..., CompletedProcess[str]]
Sentence = Callable[[CompletedProcess[str]], str]

LABEL = "compare.simple-task"
TOLD = "a finding: an experiment, not a check"


def _never(trial: Trial, case: Case) -> None:
    raise AssertionError("a finding was checked")


@pytest.fixture(autouse=True)
def _finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLAIMS, LABEL, replace(CLAIMS[LABEL], check=_never))


@pytest.mark.parametrize("only", [LABEL, "gru.step", "rnn.step"])
def test_it_is_not_run_whatever_is_chosen_and_the_sums_add_up(
    only: str, rnnspec: Program, tmp_path: Path
) -> None:
    arguments = ("--profile", "quick", "--only", only, "--json", "run.jsonl")
    ran = rnnspec("run", "reference", *arguments)
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    (line,) = (each for each in lines if each.get("claim") == LABEL)
    reason = TOLD if only == LABEL else "deselected"
    assert (line["verdict"], line["reason"], line["kind"]) == ("not run", reason, "finding")
    assert line["examples"] == 0
    assert sum(lines[-1]["verdicts"].values()) == lines[0]["claims"] == len(CLAIMS)
    words = " ".join(ran.stdout.split())
    assert (f" {LABEL}: not run: {TOLD} " in words) is (only == LABEL)
    held = 0 if only == LABEL else 1
    words = f"{held} holds, {len(CLAIMS) - held} not run".removeprefix("0 holds, ")
    assert f"\n{len(CLAIMS)} claims: {words}; " in ran.stdout


def test_the_program_interface_does_not_run_it_either() -> None:
    outcomes = package.run(ReferenceLayer(), only=LABEL, profile="quick")
    assert {str(each.verdict): each.reason for each in outcomes if each.claim.id == LABEL} == {
        "not run": TOLD
    }


def test_the_list_and_the_claim_say_that_it_is_not_run(rnnspec: Program) -> None:
    (row,) = (line for line in rnnspec("list").stdout.splitlines() if line.startswith(LABEL))
    assert row.split()[1:5] == ["8", "finding,", "not", "run"]
    assert f"not run: {TOLD}" in rnnspec("show", LABEL).stdout
    assert "not run" not in rnnspec("show", "gru.step").stdout


def test_there_is_nothing_to_replay(rnnspec: Program, sentence: Sentence, tmp_path: Path) -> None:
    network = Network("gru", 1, 1, biases="none")
    case = Case(network, {at: np.ones(s) for at, s in network.places()}, np.ones((1, 1, 1)))
    head = {"format": "rnnspec.replay", "version": 1, "claim": LABEL, "adapter": "reference"}
    (tmp_path / "it.json").write_text(json.dumps({**head, "case": encode_case(case)}))
    told = f"it.json is no replay file: {LABEL} is {TOLD}, so there is nothing to replay"
    assert sentence(rnnspec("replay", "it.json")) == told
