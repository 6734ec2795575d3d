"""What was released under a label keeps its meaning."""

from __future__ import annotations

import json
from pathlib import Path

from rnnspec.spec import VERSION
from rnnspec.spec.claims import CLAIMS

RELEASED = Path(__file__).with_name("specification.json")
"""By label, what a released claim says; docs/specification.md tells what may become of that."""


def test_a_released_claim_says_what_it_said() -> None:
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    assert released["version"] == VERSION
    for label, said in released["claims"].items():
        assert label in CLAIMS, f"{label} is gone: labels stay for ever"
        now = {name: getattr(CLAIMS[label], name) for name in said}
        assert now == said, f"{label} says something else: a label never changes its meaning"


def test_every_claim_is_in_some_version() -> None:
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    assert sorted(released["claims"]) == sorted(CLAIMS)


def test_the_version_is_told_with_what_it_changed() -> None:
    page = Path(__file__).parents[2] / "docs" / "specification.md"
    assert f"\n## {VERSION}\n" in page.read_text(encoding="utf-8")
