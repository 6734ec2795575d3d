"""Two layers are run and compared: those that are the same, and those that are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.proof import Proof, Unproven, proven
from rnnspec.reference.carrying import Held, fitted
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import BLOCKS, Network, Place
from rnnspec.reference.precision import PRECISIONS


class Other(ReferenceLayer):
    """The same layer by another name, which may answer something else."""

    name = "other"

    def __init__(self, change: Callable[[Case, Answer], Answer] = lambda case, answer: answer):
        self.change = change

    def run(self, case: Case) -> Answer:
        return self.change(case, super().run(case))


def held(network: Network, dtype: str = "float32", scale: float = 1.0) -> Held:
    random, rounded = np.random.default_rng(3), PRECISIONS[dtype].round
    weights = {at: rounded(scale * random.uniform(-1, 1, of)) for at, of in network.places()}
    return Held(network, weights, dtype)


def compared(one: Held, other: Held, layer: ReferenceLayer | None = None, cases: int = 30) -> Proof:
    return proven(ReferenceLayer(), one, layer or Other(), other, cases)


@pytest.mark.parametrize("cell", BLOCKS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_what_was_carried_is_the_same(cell: str, dtype: str) -> None:
    biases = "candidate" if cell == "gru" else "input"
    given = held(Network(cell, 3, 2, 2, "both"), dtype)
    how = Conventions(BLOCKS[cell], biases=(biases,), directions=("both",), layers=2)
    found, done = fitted(given, how)
    assert done
    proof = compared(given, found)
    assert proof.same
    assert (proof.cases, proof.one, proof.other) == (30, "reference", "other")
    assert 0.0 < proof.share <= 1.0
    assert proof.numbers > 100
    assert str(proof) == f"same function: 30 cases, worst error {proof.share:.2f} of the allowed"


def test_what_is_beyond_the_cards_is_called_too() -> None:
    given = held(Network("lstm", 3, 4, projection=2, peepholes=True, clip=1.0), "float64")
    assert compared(given, given).share == 0.0


def test_exchanged_gates_are_found_on_the_smallest_input() -> None:
    given = held(Network("lstm", 2, 2))
    swap = {"input": "forget", "forget": "input"}
    wrong = {
        at: given.weights[at._replace(block=swap.get(at.block, at.block))] for at in given.weights
    }
    proof = compared(given, given._replace(weights=wrong))
    assert not proof.same
    found = proof.comparison
    assert found is not None
    assert (found.case.steps, found.case.rows) == (1, 1)
    assert found.ratio > 1.0
    first, second, *_, last = str(proof).splitlines()
    assert first == "not the same function. The smallest input found on which they differ:"
    assert second == str(found.case)
    assert "weights" not in str(proof), "those are the layer's own"
    assert last.startswith(f"There, {found.what} [{', '.join(map(str, found.worst))}] of reference")
    assert f" of other {float(found.expected[found.worst])!r}: they may be " in last


def test_the_input_that_matters_is_shown() -> None:
    def change(case: Case, answer: Answer) -> Answer:
        gone = np.any(case.inputs[-1] != 0.0) and case.steps == 2 and case.lengths is not None
        return replace(answer, outputs=answer.outputs + 0.5 * gone)

    given = held(Network("gru", 2, 2))
    proof = compared(given, given, Other(change), cases=200)
    assert proof.comparison is not None
    case = proof.comparison.case
    assert np.count_nonzero(case.inputs) <= 4
    lines = str(proof).splitlines()
    assert case.lengths is not None
    assert f"lengths {[int(n) for n in case.lengths]}" in lines
    assert any(line.startswith("inputs (T, B, I)  [[[") for line in lines)


def test_past_the_end_anything_may_stand() -> None:
    def change(case: Case, answer: Answer) -> Answer:
        outputs = answer.outputs.copy()
        if case.lengths is not None:
            outputs[np.arange(case.steps)[:, None] >= case.lengths] = np.nan
        return replace(answer, outputs=outputs)

    given = held(Network("gru", 2, 2))
    assert compared(given, given, Other(change), cases=60).same


def test_numbers_that_are_none_differ() -> None:
    def change(case: Case, answer: Answer) -> Answer:
        return replace(answer, outputs=answer.outputs * np.nan)

    given = held(Network("rnn", 2, 2))
    proof = compared(given, given, Other(change))
    assert proof.comparison is not None
    assert proof.comparison.ratio == np.inf


def test_the_same_seed_draws_the_same() -> None:
    given = held(Network("lstm", 2, 2))
    rounded = given._replace(
        weights={at: PRECISIONS["float16"].round(w) for at, w in given.weights.items()}
    )
    one, other = (str(compared(given, rounded)) for _ in range(2))
    assert one == other
    assert one.startswith("not the same function")


def test_each_call_is_told() -> None:
    told: list[int] = []
    given = held(Network("rnn", 2, 2))
    proven(ReferenceLayer(), given, Other(), given, 5, progress=told.append)
    assert told == [1, 2, 3, 4, 5]


class Narrow(Other):
    """Offers one layer of each, forward, in float64."""

    name = "narrow"
    levels = {"float64": ReferenceLayer.levels["float64"]}  # noqa: RUF012
    conventions = {  # noqa: RUF012
        cell: replace(how, layers=1, directions=("forward",), past_end={})
        for cell, how in ReferenceLayer.conventions.items()
    }


def refusing(case: Case, answer: Answer) -> Answer:
    raise MemoryError("no\nroom")


@pytest.mark.parametrize(
    ("one", "other", "layer", "said"),
    [
        (held(Network("gru", 2, 3)), held(Network("gru", 2, 4)), Other(), "are not called alike"),
        (
            held(Network("gru", 2, 3)),
            held(Network("gru", 2, 3), "float64"),
            Other(),
            "one computes in float32, and the other in float64",
        ),
        (*[held(Network("gru", 2, 3))] * 2, Narrow(), "narrow does not compute in float32"),
        (
            *[held(Network("gru", 2, 3, 2), "float64")] * 2,
            Narrow(),
            "narrow: it offers no 2 layers",
        ),
        (
            *[held(Network("gru", 2, 3))] * 2,
            Other(refusing),
            "other gave no answer: MemoryError: no room",
        ),
        (
            *[held(Network("lstm", 2, 3), scale=np.nan)] * 2,
            Other(),
            "nothing could be compared",
        ),
    ],
)
def test_what_cannot_be_proven_is_said(
    one: Held, other: Held, layer: ReferenceLayer, said: str
) -> None:
    with pytest.raises(Unproven, match=said) as error:
        compared(one, other, layer, 10)
    assert "\n" not in str(error.value)


def test_lengths_are_given_where_both_have_them() -> None:
    seen: list[bool] = []

    def change(case: Case, answer: Answer) -> Answer:
        seen.append(case.lengths is not None)
        return answer

    given = held(Network("gru", 2, 2), "float64")
    compared(given, given, Narrow(change), 20)
    assert not any(seen)
    compared(given, given, Other(change), 20)
    assert any(seen)


def test_weights_with_a_constant_folded_in() -> None:
    """They are what the equations need, and not what the layer holds."""
    given = held(Network("lstm", 2, 2, biases="input"))
    found, _ = fitted(given, Conventions(BLOCKS["lstm"], biases=("input",), forget_offset=1.0))
    assert compared(given, found).same
    at = Place(0, "forward", "forget", "input_bias")
    wrong = {**found.weights, at: found.weights[at] - 1.0}
    assert not compared(given, found._replace(weights=wrong)).same
