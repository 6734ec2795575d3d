"""The mutants beyond the cards: wrong in what they are about, and plain layers in all else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.conventions import ON
from rnnspec.reference.network import BLOCKS, EXTRAS, Network
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.claims.layer_gradients import cotangent
from rnnspec.spec.search import Outcome, Verdict, search
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import BEYOND
from tests.mutants.plain import Plain
from tests.mutants.variant import Variant

NAMES = [name for name, one in MUTANTS.items() if one.family == BEYOND]
CLAIM = {
    "projection": "projection",
    "peepholes": "peepholes",
    "coupled": "coupled-gates",
    "clip": "clipped-sums",
    "cell": "clipped-cell",
    "dropout": "dropout-off",
}
"""What speaks of a mutant, by the first word of what it is about."""


def cases() -> Iterator[Case]:
    """Two layers of every cell, both directions, with lengths; nothing beyond the cards."""
    for cell in BLOCKS:
        rng = np.random.default_rng(len(cell))
        network = Network(cell, 2, 3, layers=2, direction="both")
        weights = {at: rng.standard_normal(shape) for at, shape in network.places()}
        case = Case(network, weights, 2.0 * rng.standard_normal((3, 2, 2)))
        given = {name: rng.standard_normal(case.shape_of(name)) for name in network.states}
        yield case.with_states(**given).changed(lengths=np.array([3, 2]))


class _Found(KeyboardInterrupt):
    """Ends a search at the first case that fails."""


@pytest.mark.parametrize("name", NAMES)
def test_it_is_violated_by_numbers_and_not_by_a_crash(name: str) -> None:
    label = f"{BEYOND}.{CLAIM[name.removeprefix('beyond.').split('-')[0]]}"
    said: list[Verdict] = []

    def progress(outcome: Outcome) -> None:
        if outcome.verdict not in (Verdict.INCONCLUSIVE, Verdict.HOLDS):
            said.append(outcome.verdict)
            raise _Found

    with pytest.raises(_Found):
        search(CLAIMS[label], MUTANTS[name].layer(), "standard", 0, progress)
    assert said == [Verdict.VIOLATED]


@pytest.mark.parametrize("name", NAMES)
def test_where_nothing_beyond_the_cards_is_asked_for_it_is_the_plain_layer(name: str) -> None:
    """To the last bit: so no claim of the cards has anything to find."""
    layer, plain = MUTANTS[name].layer(), Plain()
    for case in cases():
        if case.network.cell not in layer.conventions:
            continue
        ways = [way for way in ("", *layer.ways) if layer.ways.get(way) != "inference"]
        for way in ways:
            found, wanted = (one.run(case.changed(way=way)).parts() for one in (layer, plain))
            assert found.keys() == wanted.keys()
            assert all(np.array_equal(found[part], wanted[part]) for part in wanted)
        owed = cotangent(case, "outputs")
        back, known = (one.gradients(case, owed) for one in (layer, plain))
        assert back is not None
        assert known is not None
        parts = known.parts()
        assert all(np.array_equal(each, parts[part]) for part, each in back.parts().items())
        assert layer.count(case.network) == plain.count(case.network)


@pytest.mark.parametrize("name", NAMES)
def test_it_offers_what_it_is_about_alone(name: str) -> None:
    layer = MUTANTS[name].layer()
    offered = {extra for each in layer.conventions.values() for extra in each.extras}
    about = name.removeprefix("beyond.").replace("cell-clip", "cell_clip").split("-")[0]
    assert offered <= {about, "peepholes"} & EXTRAS.keys()
    assert ("inference" in layer.ways.values()) == (about == "dropout")


def test_what_they_are_changes_of_offers_all_that_there_is() -> None:
    offered = Variant().conventions["lstm"].extras
    assert set(offered) == EXTRAS.keys() == ON.keys()
