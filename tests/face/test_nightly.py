"""The nightly profile: another seed each time, and what was found is tried first the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.runner import kept_of, run, seed_of
from rnnspec.spec.search import NIGHTLY, PROFILES, Outcome, Verdict


class Rarely(ReferenceLayer):
    """Wrong from 5 rows on, in float32; it counts its calls."""

    name = "rarely"

    def __init__(self) -> None:
        self.calls = 0

    def run(self, case: Case) -> Answer:
        self.calls += 1
        answer = super().run(case)
        wrong = case.rows >= 5 and case.dtype == "float32"
        return Answer(2.0 * answer.outputs, answer.states) if wrong else answer


def outcome_of(layer: ReferenceLayer, kept: Path | None, seed: int) -> Outcome:
    (outcome,) = (
        each
        for each in run(layer, only="gru.step", profile="quick", seed=seed, kept=kept)
        if each.claim.id == "gru.step"
    )
    return outcome


def test_the_seed_is_new_each_night_and_0_otherwise() -> None:
    assert len({seed_of("nightly", None) for _ in range(10)}) > 1
    assert seed_of("nightly", 7) == seed_of("standard", 7) == 7
    assert seed_of("standard", None) == 0


@pytest.mark.parametrize("profile", PROFILES)
def test_only_the_nightly_profile_keeps_examples(profile: str, tmp_path: Path) -> None:
    assert kept_of(profile, tmp_path) == (tmp_path / "examples" if profile == NIGHTLY else None)


def test_what_was_found_is_tried_first(tmp_path: Path) -> None:
    first = outcome_of(Rarely(), tmp_path, seed=0)
    assert first.verdict is Verdict.VIOLATED
    assert list(tmp_path.glob("rarely/gru.step/float32/*/*"))
    for seed in range(1, 4):
        again = outcome_of(Rarely(), tmp_path, seed)
        assert again.verdict is Verdict.VIOLATED
        assert again.dtypes.get("float32", 0) == 0, "it was looked for, not remembered"
        assert again.case is not None
        assert (again.case.rows, again.case.steps, again.case.network.units) == (5, 1, 1)


def test_what_was_kept_accuses_nobody_who_is_right(tmp_path: Path) -> None:
    outcome_of(Rarely(), tmp_path, seed=0)
    right = ReferenceLayer()
    right.name = "rarely"
    assert outcome_of(right, tmp_path, seed=1).verdict is Verdict.HOLDS
