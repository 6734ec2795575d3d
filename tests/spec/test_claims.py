"""Every claim is whole, the reference holds it, and its contrast is caught."""

from __future__ import annotations

import re

import pytest

from rnnspec.reference.layer import ReferenceLayer
from rnnspec.spec.claim import REGISTRY
from rnnspec.spec.claims import CLAIMS, ORDER
from rnnspec.spec.contrast import Broken
from rnnspec.spec.search import Verdict, search

LABELS = list(CLAIMS)


CHECKED = [label for label, claim in CLAIMS.items() if claim.kind != "finding"]


def test_every_claim_that_is_registered_has_its_place_in_the_order() -> None:
    assert sorted(REGISTRY) == sorted(ORDER)
    assert len(set(ORDER)) == len(ORDER) == 67
    assert sum(claim.kind == "finding" for claim in CLAIMS.values()) == 10


@pytest.mark.parametrize("label", LABELS)
def test_a_claim_says_all_that_a_claim_must_say(label: str) -> None:
    claim = CLAIMS[label]
    assert claim.id == label
    assert re.fullmatch(
        r"(rnn|lstm|gru|compare|deep|bi|apply|beyond|layer)\.[a-z]+(-[a-z]+)*", label
    )
    for text in (claim.statement, claim.seen, claim.contrast.what):
        assert text.strip() == text != ""
    assert (claim.formula == "") == (claim.kind == "finding")
    assert claim.statement.endswith(".")
    assert claim.seen.endswith(".")
    assert claim.literature
    assert claim.kind in ("law", "count", "finding")
    assert claim.check.__doc__


def test_cards_come_in_order() -> None:
    cards = [claim.card or 99 for claim in CLAIMS.values()]
    assert cards == sorted(cards)


WAYS = {**ReferenceLayer.ways, "dropout": "inference"}
"""The reference's, and that of a layer which would drop out in training."""


@pytest.mark.parametrize("label", CHECKED)
def test_the_reference_holds_it(label: str) -> None:
    reference = ReferenceLayer()
    reference.ways = WAYS
    outcome = search(CLAIMS[label], reference, "quick", seed_=1)
    assert outcome.verdict is Verdict.HOLDS, outcome.reason
    assert outcome.used <= 1.0


@pytest.mark.parametrize("label", CHECKED)
def test_its_contrast_is_violated(label: str) -> None:
    claim = CLAIMS[label]
    broken = Broken(claim.contrast, ReferenceLayer.levels)
    broken.ways = WAYS
    outcome = search(claim, broken, "quick", seed_=1)
    # an answer of the wrong shape is an error of the layer, not a number that is off
    assert outcome.verdict in (Verdict.VIOLATED, Verdict.ERROR), claim.contrast.what
    assert outcome.case is not None
    steps, rows, _, units, layers = (
        getattr(claim.sizes, name)[0] for name in ("steps", "rows", "inputs", "units", "layers")
    )
    assert outcome.case.steps <= max(2, steps)
    assert outcome.case.rows <= max(1, rows)
    assert outcome.case.network.units <= max(2, units)
    assert outcome.case.network.layers <= max(2, layers)


def test_two_claims_with_one_label_are_refused() -> None:
    from rnnspec.spec.claim import claim

    one = CLAIMS["gru.step"]
    register = claim(
        "gru.step",
        card=7,
        statement=one.statement,
        formula=one.formula,
        seen=one.seen,
        contrast=one.contrast,
        about=one.about,
    )
    with pytest.raises(ValueError, match=r"two claims have the label gru\.step"):
        register(one.check)
    assert CLAIMS["gru.step"] is one
