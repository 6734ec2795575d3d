"""The stored results: of the hypotheses that stand in the code, whole, and with what follows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from rnnspec.spec.claims import CLAIMS
from rnnspec.studies import HOMES, found
from rnnspec.studies.journal import Journal, read

FOLDER = Path(__file__).parents[2] / "docs" / "findings"
STORED = sorted(FOLDER.glob("*.jsonl"))


def test_every_study_is_of_a_finding_and_has_a_result() -> None:
    assert all(CLAIMS[label].kind == "finding" for label in HOMES)
    assert [file.stem for file in STORED] == sorted(HOMES)


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_a_result_is_what_its_runs_say(file: Path) -> None:
    study = found(file.stem)
    header, runs, footer = read(file)
    assert header["hypothesis"] == study.told()
    assert not header["quick"]
    journal = Journal(file, header)
    journal.done = runs
    jobs = study.jobs(quick=False, adapter=header["adapter"])
    assert len(runs) == len(jobs)
    assert journal.left(jobs) == []
    effects = study.effects(runs)
    assert footer is not None
    told = [{**effect, "values": tuple(effect["values"])} for effect in footer["effects"]]
    assert [asdict(effect) for effect in effects] == told
    assert footer["verdict"] == effects[0].verdict(study.hypothesis.least)


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_is_what_its_runs_draw(file: Path, theme: str) -> None:
    from rnnspec.studies.picture import drawn

    study = found(file.stem)
    _, runs, _ = read(file)
    svg = (FOLDER / f"{file.stem}-{theme}.svg").read_text(encoding="utf-8")
    assert svg == drawn(study, runs, study.effects(runs), theme)
