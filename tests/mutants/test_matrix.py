"""The page of the kill matrix: a claim alone finds something, or there is a reason for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mutants.__main__ import LARGE
from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunt import checked
from tests.mutants.matrix import alone, by_mutant, finds, merged, on_page, shared_killers
from tests.mutants.places import ALIKE, PLACES
from tests.mutants.plain import Plain
from tests.mutants.shared import SHARED

PAGE = (Path(__file__).parents[2] / "docs" / "kills.md").read_text(encoding="utf-8")
ROW = re.compile(r"\| `([a-z.-]+)` \| (\d+) \| (\d+) \| (\d+) \| (.*) \|")
ROWS = {label: (int(a), int(b), int(c), why) for label, a, b, c, why in ROW.findall(PAGE)}
MARKS = dict(re.findall(r"^([a-z]+\.[a-z0-9-]+) +([#.]+)$", PAGE, flags=re.MULTILINE))


def test_every_claim_and_every_mutant_is_on_the_page() -> None:
    assert list(ROWS) == [claim.id for claim in checked()]
    assert MARKS.keys() == {*MUTANTS, *SHARED}


def test_every_mutant_is_found_but_for_some_that_need_more_than_a_quick_run() -> None:
    missed = [name for name in MUTANTS if "#" not in MARKS[name]]
    assert all(name.startswith(LARGE) for name in missed)
    assert len(missed) <= 2


@pytest.mark.parametrize("label", [claim.id for claim in checked()])
def test_a_claim_alone_finds_something_or_has_a_reason(label: str) -> None:
    mutants, only, shared, why = ROWS[label]
    assert mutants > 0
    assert only > 0 or PLACES[label] in why
    assert shared > 0 or PLACES.get(label) != ALIKE


def test_only_claims_have_a_place() -> None:
    assert PLACES.keys() <= {claim.id for claim in checked()}


def test_what_one_claim_finds_it_finds_alone() -> None:
    found = alone({"one": ["gru.step"], "two": ["gru.step", "rnn.step"], "none": []})
    assert {label: names for label, names in found.items() if names} == {"gru.step": ["one"]}
    assert "#" in next(line for line in by_mutant({"one": ["gru.step"]}) if line.startswith("one"))


def test_a_right_layer_is_found_by_no_claim() -> None:
    assert not [claim.id for claim in checked()[:5] if finds(claim, Plain(), "quick", 0)]


def test_a_claim_that_needs_no_reference_finds_what_the_reference_shares() -> None:
    labels = ("gru.update-gate", "gru.step")
    found = shared_killers("update.inverted", labels, "quick", 0)
    assert "gru.update-gate" in found
    assert "gru.step" not in found


def test_what_a_page_says_is_read_back_and_brought_up_to_date() -> None:
    known = on_page(PAGE)
    assert known.keys() == MARKS.keys()
    assert all(MARKS[name].count("#") == len(claims) for name, claims in known.items())
    kills = {"one.a": ["rnn.step", "gru.step"], "one.b": ["gru.step"], "gone.c": ["rnn.step"]}
    found = {"one.a": ["beyond.relu"], "new.d": ["beyond.relu"]}
    assert merged(kills, found, ["one.a", "one.b", "new.d"], ["rnn.step", "beyond.relu"]) == {
        "one.a": ["gru.step", "beyond.relu"],
        "one.b": ["gru.step"],
        "new.d": ["beyond.relu"],
    }
