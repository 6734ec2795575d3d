"""The file of a study: it goes on where it stopped, and is refused where it is another's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnspec.reference.encoding import Malformed
from rnnspec.studies import found
from rnnspec.studies.interval import Effect
from rnnspec.studies.journal import Journal, read
from rnnspec.studies.study import Done

STUDY = found("bi.overfits")
JOBS = STUDY.jobs(quick=True, adapter="torch")
RUNS = [Done(job.setting, job.seed, {"gap": 0.1}, 1.0) for job in JOBS]


def journal(folder: Path, resume: bool = False, **other: object) -> Journal:
    made = Journal.of(folder, STUDY, True, "torch", 2)
    made.header.update(other)
    made.begin({"torch": "1"}, resume)
    return made


def test_what_is_there_is_not_done_again(tmp_path: Path) -> None:
    first = journal(tmp_path)
    for done in RUNS[:2]:
        first.add(done)
    with first.file.open("a", encoding="utf-8") as file:
        file.write('{"setting": {"cut"')  # by a machine that went down
    again = journal(tmp_path, resume=True)
    assert again.done == RUNS[:2]
    assert again.left(JOBS) == JOBS[2:]
    again.add(RUNS[2])
    again.end([Effect.of("it", [1.0, 2.0])], "inconclusive")
    header, runs, footer = read(again.file)
    assert header["by"] == "torch 1"
    assert runs == RUNS[:3]
    assert footer is not None
    assert footer["verdict"] == "inconclusive"
    assert footer["seconds"] == 3.0


def test_without_resume_it_begins_anew(tmp_path: Path) -> None:
    journal(tmp_path).add(RUNS[0])
    assert journal(tmp_path).left(JOBS) == JOBS


def test_another_study_is_not_gone_on_with(tmp_path: Path) -> None:
    journal(tmp_path, adapter="keras-jax").add(RUNS[0])
    with pytest.raises(Malformed, match="it is of another study: adapter differ"):
        journal(tmp_path, resume=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not begin with the header"),
        ("nonsense\n", "line 1 is no JSON"),
        ("[]\n", "does not begin with the header"),
        (json.dumps({"format": "rnnspec.study"}) + '\n{"a": 1}\n', "neither a run nor a result"),
        (json.dumps({"format": "rnnspec.study"}) + "\n7\n", "neither a run nor a result"),
    ],
)
def test_what_is_no_study_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "it.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Malformed, match=said):
        read(file)
