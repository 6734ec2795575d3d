"""The vectors find wrong layers, and accuse no correct one: a sample of both."""

from __future__ import annotations

from functools import cache

import pytest

from rnnspec.answers import Said, judge
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import BLOCKS
from rnnspec.reference.precision import ABSOLUTE, RELATIVE, Level
from rnnspec.vector import Vector
from rnnspec.vector_form import encode
from rnnspec.vector_plan import plan
from tests.innocents.catalogue import INNOCENTS
from tests.mutants.catalogue import MUTANTS
from tests.mutants.plain import Plain
from tests.mutants.vectors import answered, by_answers, by_files, told, within

UNSEEN = ("beyond.", "ways.", "calls.one-buffer", "calls.overwrites-", "lengths.outputs-not-zero")
"""What no file shows: what is beyond the cards, ways that only an adapter knows, what is done to
what was passed, and what is documented to stand past the end of a row."""
SAMPLE = [name for k, name in enumerate(MUTANTS) if k % 9 == 4 and not name.startswith(UNSEEN)]


@cache
def vectors() -> tuple[Vector, ...]:
    return tuple(plan())


@pytest.mark.parametrize("name", SAMPLE)
def test_a_mutant_is_found(name: str) -> None:
    """`python -m tests.mutants.vectors` tries all of them."""
    family = name.split(".")[0]
    own = [v for v in vectors() if family not in BLOCKS or v.network.cell == family]
    assert by_answers(MUTANTS[name].layer(), own)


@pytest.mark.parametrize("name", ["lstm.coupled", "gru.reset-always-before", "lengths.one-more"])
def test_the_files_alone_find_it_too(name: str) -> None:
    family = name.split(".")[0]
    cell = {"lengths": "rnn"}.get(family, family)
    files = [(v, encode(v)) for v in vectors() if v.id.startswith(f"{cell}-run-0")]
    assert by_files(MUTANTS[name].layer(), files)
    assert not by_files(Plain(), files)


@pytest.mark.parametrize(("level", "every"), [(RELATIVE, 1), (ABSOLUTE, 4)])
def test_the_reference_holds_all_of_them(level: Level, every: int) -> None:
    layer = ReferenceLayer()
    found = [judge(vector, answered(layer, vector), level) for vector in vectors()[::every]]
    assert [(each.vector.id, each.reason) for each in found if each.said is not Said.HELD] == []
    assert max(each.comparison.ratio for each in found if each.comparison) < 0.5


@pytest.mark.parametrize("name", list(INNOCENTS)[::6])
def test_a_correct_layer_is_not_accused(name: str) -> None:
    layer = INNOCENTS[name].layer()
    for vector in vectors()[3::17]:
        level = RELATIVE if vector.case is None else layer.levels[vector.case.dtype]
        answer, data = answered(layer, vector), encode(vector)
        assert judge(vector, answer, level).said is Said.HELD
        assert within(answer, data["expected"], data["bounds"][level.name])


def test_what_the_hunt_says() -> None:
    missed = {"check-answers": ["a", "b"], "alone": ["a"]}
    assert told(["a", "b", "c", "d"], missed, 9.6).splitlines()[1:] == [
        "check-answers: 2 found (50.0%); not a, b",
        "alone: 3 found (75.0%); not a",
    ]
