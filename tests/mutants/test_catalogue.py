"""The catalogue: every mutant has a name and words of its own, and many cite a public report."""

from __future__ import annotations

import re

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import mutant

NAME = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")
REPORT = re.compile(r"https://github\.com/[\w-]+/[\w.-]+/issues/[1-9]\d*")
"""Of an issue: GitHub leads on from there where the number is that of a pull request."""


def test_there_are_many_and_many_were_seen_in_the_wild() -> None:
    assert len(MUTANTS) >= 150
    assert len({one.report for one in MUTANTS.values() if one.report}) >= 40


def test_every_mutant_says_what_it_is() -> None:
    assert [name for name in MUTANTS if not NAME.fullmatch(name)] == []
    assert [name for name, one in MUTANTS.items() if one.name != name] == []
    assert [name for name, one in MUTANTS.items() if not one.what.strip()] == []


def test_every_report_is_an_address() -> None:
    reports = [one.report for one in MUTANTS.values() if one.report]
    assert [report for report in reports if not REPORT.fullmatch(report)] == []


def test_no_two_are_alike_in_name_or_words() -> None:
    words = [(one.family, one.what) for one in MUTANTS.values()]
    assert sorted(set(words)) == sorted(words)
    with pytest.raises(ValueError, match=r"two mutants have the name lstm\.coupled"):
        mutant("lstm.coupled", "another one")
