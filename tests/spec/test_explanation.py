"""The convention that would explain a violation is named; and nothing is, where none would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions, pack, unpack
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.spec import explanation
from rnnspec.spec.alternatives import alternatives
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged
from rnnspec.spec.search import Outcome, Verdict, judge, search


def explained(label: str, layer: ReferenceLayer) -> Outcome:
    outcome = search(CLAIMS[label], layer, "quick", 0)
    assert outcome.verdict is Verdict.VIOLATED, outcome.reason
    explanation.explain(outcome, layer)
    return outcome


def declared(cell: str, **fields: Any) -> Mapping[str, Conventions]:
    """One cell, forward, with some of its conventions replaced."""
    given: dict[str, Any] = {"directions": ("forward",), "layers": 1, **fields}
    return {cell: replace(ReferenceLayer.conventions[cell], **given)}


class Packing(ReferenceLayer):
    """A right layer that packs by what is declared, and unpacks by what it really has."""

    really: Mapping[str, Conventions] = {}

    def run(self, case: Case) -> Answer:
        cell = case.network.cell
        packed = pack(case.network, case.weights, self.conventions[cell])
        weights = unpack(case.network, packed, self.really[cell])
        return super().run(case.changed(weights=weights))


class BackToFront(Packing):
    conventions = declared("gru", blocks=("candidate", "update", "reset"))
    really = declared("gru")


class Takes(Packing):
    conventions = declared("gru", update="takes")
    really = declared("gru")


class Offset(Packing):
    """Adds 1 to the forget gate, also where there is no bias: such a case alone tells nothing."""

    conventions = declared("lstm")
    really = declared("lstm", forget_offset=1.0)

    def run(self, case: Case) -> Answer:
        if case.network.biases != "none":
            return super().run(case)
        network = replace(case.network, biases="input")
        biases = {at: np.zeros(shape) for at, shape in network.places()} | dict(case.weights)
        return super().run(case.changed(network=network, weights=biases))


class Transposed(Packing):
    conventions = declared("rnn", orientation="in,out")
    really = declared("rnn")


class ResetsBefore(ReferenceLayer):
    conventions = declared("gru", resets=("after",))

    def run(self, case: Case) -> Answer:
        return super().run(case.changed(network=replace(case.network, reset="before")))


class AskedTheOtherWay(ReferenceLayer):
    """One of its two forms is neither; asked for that one, the other is what was meant."""

    conventions = declared("gru")

    def run(self, case: Case) -> Answer:
        if case.network.reset == "before":
            return super().run(case.changed(network=replace(case.network, reset="after")))
        return super().run(case.with_weights(lambda at, w: w / 2))


class Backward(ReferenceLayer):
    """Runs the way that it was not asked to."""

    conventions = declared("rnn", directions=("backward",))

    def run(self, case: Case) -> Answer:
        weights = {at._replace(direction="forward"): w for at, w in case.weights.items()}
        network = replace(case.network, direction="forward")
        return super().run(case.changed(network=network, weights=weights))


class StatesReturned(ReferenceLayer):
    conventions = declared("lstm")

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        hidden, cell = (answer.states[name] for name in ("hidden", "cell"))
        return replace(answer, states={"hidden": cell, "cell": hidden})


class ByHand(Broken):
    """Packs nothing: its weights are exchanged on their way."""

    conventions = declared("lstm")

    def __init__(self) -> None:
        super().__init__(exchanged("forget", "output"), ReferenceLayer.levels)


@pytest.mark.parametrize(
    ("layer", "label", "told"),
    [
        (
            BackToFront(),
            "gru.step",
            "the gates stood in the order reset, update, candidate (declared: candidate, update, "
            "reset)",
        ),
        (
            Takes(),
            "gru.step",
            "an open update gate kept the past (declared: it took the candidate)",
        ),
        (
            Offset(),
            "lstm.cell-state",
            "the implementation itself added 1 to the forget gate (declared: 0)",
        ),
        (
            ResetsBefore(),
            "gru.step",
            "the reset gate were applied before the product (declared: after)",
        ),
        (
            AskedTheOtherWay(),
            "gru.step",
            "the reset 'before' were asked for where 'after' is meant (declared: after)",
        ),
        (Backward(), "rnn.step", "it ran forward (declared: backward)"),
        (
            StatesReturned(),
            "lstm.cell-state",
            "the final states were returned in the order cell, hidden (declared: hidden, cell)",
        ),
        (
            ByHand(),
            "lstm.output-gate",
            "the gates stood in the order output, input, candidate, forget (declared: forget, "
            "input, candidate, output)",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ReferenceLayer) else None,
)
def test_the_convention_that_explains_it_is_named(
    layer: ReferenceLayer, label: str, told: str
) -> None:
    assert explained(label, layer).explanation == f"It would hold if {told}."


def test_it_needs_neither_luck_nor_another_seed() -> None:
    for seed in range(3):
        outcome = search(CLAIMS["gru.step"], Takes(), "quick", seed)
        explanation.explain(outcome, Takes(), seed)
        assert "kept the past" in outcome.explanation


def test_transposed_matrices_are_named_though_most_cases_are_refused_with_them() -> None:
    network = Network("rnn", 2, 2, biases="none")
    weights = {at: np.array([[0.0, 1.0], [0.5, 0.0]]) for at, _ in network.places()}
    outcome = judge(CLAIMS["rnn.step"], Transposed(), Case(network, weights, np.ones((1, 1, 2))))
    explanation.explain(outcome, Transposed())
    told = "the packed matrices had units as rows (declared: as columns)"
    assert outcome.explanation == f"It would hold if {told}."


# ---- where nothing would explain it, nothing is said


class HalfAStep(ReferenceLayer):
    conventions = declared("gru")

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return replace(answer, outputs=answer.outputs / 2)


class ExplainedWhereItIsSmall(Takes):
    """One convention explains the simplest case, and no other."""

    def run(self, case: Case) -> Answer:
        simple = case.steps == case.rows == case.network.units == 1
        return super().run(case) if simple else HalfAStep().run(case)


class BothAtOnce(Packing):
    """No one convention explains it."""

    conventions = declared("gru", update="takes", blocks=("update", "reset", "candidate"))
    really = declared("gru")


@pytest.mark.parametrize("layer", [HalfAStep(), ExplainedWhereItIsSmall(), BothAtOnce()])
def test_nothing_is_named_where_nothing_explains_it(layer: ReferenceLayer) -> None:
    assert explained("gru.step", layer).explanation == ""


def test_where_too_few_others_fail_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation, "FAILING", explanation.DRAWN + 1)
    assert explained("gru.step", Takes()).explanation == ""


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit(3), NotImplementedError()])
def test_whatever_is_raised_explains_nothing(error: BaseException) -> None:
    class Stubborn(Takes):
        """Can't be judged otherwise than declared."""

        def __copy__(self) -> ReferenceLayer:
            raise error

    class Closed(Takes):
        """Raises wherever it is called with something else declared."""

        def run(self, case: Case) -> Answer:
            if self.conventions != Takes.conventions:
                raise error
            return super().run(case)

    for layer in (Stubborn(), Closed()):
        outcome = explained("gru.step", layer)
        assert (outcome.verdict, outcome.explanation) == (Verdict.VIOLATED, "")


def test_the_implementation_itself_stays_as_it_was() -> None:
    layer = Takes()
    before = dict(layer.__dict__)
    explained("gru.step", layer)
    assert layer.__dict__ == before


def test_what_held_needs_no_explanation() -> None:
    outcome = search(CLAIMS["gru.step"], ReferenceLayer(), "quick", 0)
    explanation.explain(outcome, ReferenceLayer())
    assert outcome.explanation == ""


def test_each_other_order_of_the_gates_is_an_alternative() -> None:
    found = [str(a) for a in alternatives(ReferenceLayer(), Network("lstm", 1, 1))]
    orders = {told for told in found if told.startswith("the gates stood in the order ")}
    assert len(orders) == 23
    assert not any("in the order forget, input, candidate, output (" in told for told in orders)
    # those that exchange two come first
    first = next(told for told in found if "the gates" in told)
    assert first.startswith("the gates stood in the order forget, input, output, candidate (")


def test_what_outputs_hold_past_the_end_is_tried_otherwise_where_it_is_declared() -> None:
    class Held(ReferenceLayer):
        conventions = declared("rnn", past_end={"forward": "held"})

    told = [str(a) for a in alternatives(Held(), Network("rnn", 1, 1))]
    held = "outputs past the end of a row were zero, running forward (declared: held)"
    assert held in told

    class NoLengths(ReferenceLayer):
        conventions = declared("rnn", past_end={})

    plain = [str(a) for a in alternatives(NoLengths(), Network("rnn", 1, 1))]
    assert not any("past the end" in each for each in plain)
