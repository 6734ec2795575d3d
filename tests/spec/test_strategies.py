"""What is drawn: everything that a defect has been known to need, alone and together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict, each_case, search
from rnnspec.spec.strategies import KERNEL_WIDTHS, LONG, cases


@cache
def drawn(label: str, dtype: str = "float32", examples: int = 500) -> list[Case]:
    """Cases of a claim, as they are drawn for the reference."""
    claim, found = CLAIMS[label], list[Case]()
    offers = claim.offers(ReferenceLayer())
    assert not isinstance(offers, str)
    each_case(cases(offers, [dtype], claim.sizes), examples, "drawn", found.append)
    return found


def values(label: str, of: Callable[[Case], Any]) -> set[Any]:
    """What the cases of a claim have of something."""
    return {of(case) for case in drawn(label)}


def test_one_layer_has_every_size_and_some_past_the_widths_of_kernels() -> None:
    wide = "lstm.hidden-state"
    assert values(wide, lambda case: case.rows) >= {*range(1, 6)}
    assert values(wide, lambda case: case.steps) >= {*range(1, 13)}
    assert values(wide, lambda case: case.network.units) >= {*range(1, 21)}
    assert values(wide, lambda case: case.steps > 12) == {False, True}
    assert values(wide, lambda case: case.network.units > 20) == {False, True}
    assert values(wide, lambda case: case.network.inputs == case.network.units) == {False, True}
    assert max(LONG) == 200
    assert max(KERNEL_WIDTHS) > 128


def test_a_size_past_the_usual_ones_is_drawn_in_every_place() -> None:
    rare = drawn("gru.step", examples=1500)
    for found, sizes in (
        ({case.steps for case in rare}, LONG),
        ({case.rows for case in rare}, KERNEL_WIDTHS),
        ({case.network.units for case in rare}, KERNEL_WIDTHS),
        ({case.network.inputs for case in rare}, KERNEL_WIDTHS),
    ):
        assert len(found & {*sizes}) >= 3


def test_stacks_have_every_size_and_direction() -> None:
    assert values("deep.stacked", lambda case: case.network.layers) == {2, 3}
    assert values("deep.stacked", lambda case: case.steps) == {*range(1, 13)}
    assert values("deep.stacked", lambda case: case.network.units) == {*range(1, 21)}
    kinds = values("deep.stacked", lambda case: (case.network.cell, case.network.direction))
    assert kinds == {*product(("rnn", "lstm", "gru"), ("forward", "backward", "both"))}


def test_options_are_drawn_in_every_pair() -> None:
    """Every two of them meet, each way."""

    def taken(case: Case) -> dict[str, Any]:
        network = case.network
        return {
            "cell": network.cell,
            "lengths": case.lengths is not None,
            "states": len(case.states) / len(network.states),
            "direction": network.direction,
            "layers": network.layers,
            "biases": network.biases,
            "form": network.reset if network.cell == "gru" else network.activation,
        }

    met = [taken(case) for case in drawn("layer.options", examples=1500)]
    for cell in ("rnn", "lstm", "gru"):
        of = [each for each in met if each["cell"] == cell]
        for one, other in combinations(of[0], 2):
            pairs = {(each[one], each[other]) for each in of}
            ones, others = ({each[name] for each in of} for name in (one, other))
            assert pairs == {*product(ones, others)}, (cell, one, other)
        assert {each["direction"] for each in of} == {"forward", "backward", "both"}


def test_lengths_are_one_and_all_steps_and_tied_and_in_any_order() -> None:
    found = [case for case in drawn("layer.padding") if case.rows > 2 and case.steps > 2]
    lengths = [case.lengths.tolist() for case in found if case.lengths is not None]
    assert len(lengths) == len(found)
    described: list[Callable[[list[int], int], bool]] = [
        lambda ends, steps: 1 in ends,
        lambda ends, steps: steps in ends,
        lambda ends, steps: steps not in ends,
        lambda ends, steps: len(set(ends)) < len(ends),
        lambda ends, steps: len(set(ends)) == len(ends),
        lambda ends, steps: ends == sorted(ends) and len(set(ends)) > 1,
        lambda ends, steps: ends == sorted(ends, reverse=True) and len(set(ends)) > 1,
        lambda ends, steps: ends not in (sorted(ends), sorted(ends, reverse=True)),
    ]
    for shown in described:
        assert any(shown(ends, case.steps) for ends, case in zip(lengths, found, strict=True))


def test_weights_saturate_and_are_tiny_and_zero_of_either_sign() -> None:
    found = drawn("lstm.hidden-state")
    largest = {max(np.abs(w).max() for w in case.weights.values()) for case in found}
    assert max(largest) > 4
    assert min(size for size in largest if size > 0) < 2.0**-11
    for arrays in (
        [w for case in found for w in case.weights.values()],
        [case.inputs for case in found],
    ):
        zeros = [array for array in arrays if not array.any()]
        assert {bool(np.signbit(array).any()) for array in zeros} == {False, True}


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_numbers_are_distinct_where_symmetry_would_hide_something(dtype: str) -> None:
    """Blocks that are not zero differ from one another, and so do a state and the next."""
    for case in drawn("lstm.hidden-state", dtype, 60):
        blocks = [w for at, w in case.weights.items() if at.part == "recurrent" and w.any()]
        for k, one in enumerate(blocks):
            assert one.all()
            assert one.size < 4 or not any(np.array_equal(one, other) for other in blocks[:k])


def test_a_state_may_be_missing_alone() -> None:
    assert values("lstm.hidden-state", lambda case: tuple(case.states)) == {
        (),
        ("hidden",),
        ("cell",),
        ("hidden", "cell"),
    }


class Palette(ReferenceLayer):
    """Something is built for every new kind of call."""

    palette: Sequence[Mapping[str, int]] = (
        {"steps": 4, "rows": 3, "inputs": 2, "units": 3},
        {"steps": 2, "units": 5},
    )


def test_a_palette_is_kept_to() -> None:
    claim, found = CLAIMS["layer.options"], list[Case]()
    offers = claim.offers(Palette())
    assert not isinstance(offers, str)
    each_case(cases(offers, ["float32"], claim.sizes), 200, "palette", found.append)
    assert {(case.steps, case.network.units) for case in found} == {(4, 3), (2, 4)}  # of 1 to 4
    kinds = {
        (case.network.cell, case.network.direction, case.network.biases, case.network.reset)
        for case in found
    }
    assert len(kinds) > 20


class Deaf(ReferenceLayer):
    """One that an infinite input does not reach."""

    def run(self, case: Case) -> Answer:
        return super().run(case.changed(inputs=np.where(np.isinf(case.inputs), 0.0, case.inputs)))


def test_an_infinity_that_is_swallowed_is_found() -> None:
    outcome = search(CLAIMS["layer.nan"], Deaf(), "standard")
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.case is not None
    assert outcome.case.aim["spoiler"] in ("inf", "-inf")
