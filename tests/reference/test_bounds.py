"""The bounds are never too small, and not needlessly large: shown by rounding on purpose.

An *adversary* chooses the directions in which every operation of a double rounds, to push one
number of the answer as far as they can; whatever it does, its error must stay within the bound,
and it must be able to come close.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from rnnspec.reference.precision import ABSOLUTE, RELATIVE
from tests.reference.adversary import NET, UNITS, Draw, attacks, chosen, play, scattered, worst
from tests.reference.machine import Machine


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("cell", NET)
def test_no_adversary_gets_beyond_the_bound(drawn: Draw, cell: str, unit: float) -> None:
    for seed in range(10):
        case, machine = chosen(drawn, cell, unit, seed)
        part = ("outputs", *case.network.states)[seed % (1 + len(case.network.states))]
        index = (-1, -1, -1) if part != "outputs" or case.lengths is None else (0, 0, 0)
        for answer in attacks(case, machine, part, index):
            share = worst(case, machine, answer)
            assert share <= 1, (share, case.network, machine)


def highest(draw: Draw, cell: str, unit: float) -> float:
    """The largest share of the bound that an adversary reaches, over one step of one unit.

    Small weights keep the activations far from saturation: every operation has its part in the
    error, and none of them has it alone.
    """
    network = replace(NET[cell], biases="none")
    shares = [0.0]
    for seed, scale in enumerate([1.0, 1 / 8] * 3):
        case = draw(network, 1, 1, seed, scale)
        for level, form in [(RELATIVE, 0), (RELATIVE, 1), (ABSOLUTE, 0)]:
            machine = Machine(unit, level=level, form=form)
            tried = attacks(case, machine, "outputs", (0, 0, 0))
            shares += [worst(case, machine, answer) for answer in tried]
    return max(shares)


@pytest.mark.parametrize("unit", UNITS)
def test_an_adversary_gets_close_to_the_bound_and_not_beyond(drawn: Draw, unit: float) -> None:
    shares = {cell: highest(drawn, cell, unit) for cell in NET}
    assert all(0.9 <= share <= 1 for share in shares.values()), shares


@pytest.mark.parametrize("cell", NET)
def test_rounding_at_random_stays_within_the_bound_at_any_size(drawn: Draw, cell: str) -> None:
    for seed, (units, inputs, steps, direction, lengths, unit) in enumerate(
        [
            (40, 3, 20, "forward", None, 2.0**-24),
            (17, 40, 6, "both", [6, 1], 2.0**-11),
            (9, 9, 12, "backward", [0, 12, 5], 2.0**-8),
            (40, 2, 3, "both", None, 2.0**-16),
        ]
    ):
        network = replace(NET[cell], units=units, inputs=inputs, direction=direction)
        case = drawn(network, steps, len(lengths or [0]), seed, 8 / units**0.5, lengths)
        machine = Machine(unit, order="shuffled", form=seed % 2)
        _, answer = play(case, machine, scattered(seed, ends=seed % 2 == 0))
        share = worst(case, machine, answer)
        assert share <= 1, (share, case.network, machine)
