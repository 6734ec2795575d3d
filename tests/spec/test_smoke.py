"""The smoke test: what it finds is an adapter's fault, and a wrong layer gets through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.precision import RELATIVE, Level
from rnnspec.runner import run
from rnnspec.spec.contrast import Broken, exchanged
from rnnspec.spec.search import Verdict
from rnnspec.spec.smoke import smoke
from tests.innocents.catalogue import INNOCENTS
from tests.mutants.catalogue import MUTANTS


class Layer(ReferenceLayer):
    name = "mine"


class BatchFirst(Layer):
    """Its outputs have rows before steps."""

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return Answer(answer.outputs.swapaxes(0, 1), answer.states)


class Deaf(Layer):
    """Its weights are its own."""

    def run(self, case: Case) -> Answer:
        return super().run(
            case.changed(inputs=np.ones_like(case.inputs), states={}).with_weights(
                lambda at, w: np.full_like(w, 0.5)
            )
        )


class Deafish(Layer):
    """It has drawn the matrices of its inputs by itself."""

    def run(self, case: Case) -> Answer:
        own = case.with_weights(lambda at, w: w + 1.0 if at.part == "input" else w)
        return super().run(own)


class Forgetful(Layer):
    """Every call adds to the next one's initial state."""

    def __init__(self) -> None:
        self.before: Any = 0.0

    def run(self, case: Case) -> Answer:
        hidden = case.state("hidden") + self.before
        answer = super().run(case.with_states(hidden=hidden))
        self.before = answer.states["hidden"]
        return answer


class Late(Layer):
    """The weights of a call are those of the one before it, if they have the same places."""

    def __init__(self) -> None:
        self.weights: Mapping[Any, Any] = {}

    def run(self, case: Case) -> Answer:
        weights = self.weights if self.weights.keys() == case.weights.keys() else case.weights
        answer = super().run(case.changed(weights=weights))
        self.weights = case.weights
        return answer


class NaN(Layer):
    """It gives no numbers."""

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return Answer(np.full_like(answer.outputs, np.nan), answer.states)


class Nothing(Layer):
    """It gives nothing."""

    def run(self, case: Case) -> Answer:
        return None  # type: ignore[return-value]


class Raising(Layer):
    """It fails, at some cells or all."""

    def __init__(self, *cells: str) -> None:
        self.cells = cells

    def run(self, case: Case) -> Answer:
        if case.network.cell in self.cells:
            raise TypeError("no such argument")
        return super().run(case)


class Mute(Layer):
    """It does not say what it offers."""

    def offers(self, network: Network) -> str | None:
        raise KeyError("cell")


class Unready(Implementation):
    """It has all but a way to be run."""

    name = "mine"
    levels = {"float64": RELATIVE}  # noqa: RUF012
    conventions = {"rnn": Conventions(("hidden",))}  # noqa: RUF012


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (BatchFirst(), "outputs has shape (2, 4, 5): it must be (4, 2, 5) (RNN, 3 inputs, 5 units"),
        (Deaf(), "other weights, inputs and states gave the same answer"),
        (Deafish(), "with all weights zero, other inputs gave another answer"),
        (Forgetful(), "the same call twice gave two answers"),
        (Late(), "the first call again, after another one, gave another answer"),
        (NaN(), "its outputs hold no finite numbers"),
        (Nothing(), "it gave back a NoneType, where an Answer belongs"),
        (Raising("rnn", "lstm", "gru"), "run(case) raised TypeError: no such argument (RNN, "),
        (Mute(), "it does not say what it offers: KeyError: 'cell'"),
    ],
)
def test_an_adapter_that_is_broken_is_told_what_to_look_at(
    layer: ReferenceLayer, told: str
) -> None:
    found = smoke(layer)
    assert found.startswith(f"mine: {told}"), found
    outcomes = [each for each in run(layer) if each.claim.kind != "finding"]
    assert {(each.verdict, each.reason) for each in outcomes} == {(Verdict.ADAPTER_BROKEN, found)}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("levels", {}, "what it declares is none: it must offer a dtype"),
        ("levels", {"float8": RELATIVE}, "what it declares is none: levels has 'float8'"),
        ("levels", {"float32": "good"}, "its levels have 'good' for 'float32'"),
        ("levels", {"float32": Level("x", -1.0, 0.0)}, "what it declares is none: levels.float32"),
        ("conventions", {}, "what it declares is none: it must offer a dtype"),
        ("conventions", {"mgu": Conventions(("forget",))}, "what it declares is none: conventions"),
        (
            "conventions",
            {"lstm": Conventions(("input", "forget", "output"))},
            "what it declares is none: conventions.lstm.blocks must hold forget, input, candidate, "
            "output, each once",
        ),
        ("conventions", {"rnn": 3}, "it does not say what it offers: TypeError: "),
        ("ways", {"fast": "road"}, "what it declares is none: ways has 'road'"),
        ("palette", [{"batch": 3}], "what it declares is none: palette has 'batch'"),
        ("palette", [{"rows": 0}], "what it declares is none: palette must hold whole numbers"),
        ("name", "", "what it declares is none: name must have 1 to 200 printable characters"),
    ],
)
def test_what_is_declared_must_be_sayable(field: str, value: Any, told: str) -> None:
    layer = Layer()
    setattr(layer, field, value)
    assert smoke(layer).startswith(f"{layer.name}: {told}"), smoke(layer)


def test_what_is_left_out_is_not_offered() -> None:
    layer = Unready()  # type: ignore[abstract]
    assert smoke(layer) == ""
    assert layer.offers(Network("rnn", 1, 1, direction="both")) is not None
    assert (layer.versions(), layer.gradients(None, {}), layer.count(None)) == ({}, None, None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match=r"Unready has no run\(case\)"):
        layer.run(None)  # type: ignore[arg-type]


def test_what_fails_at_one_cell_or_is_refused_is_for_the_claims() -> None:
    assert smoke(Raising("gru")) == ""

    class Refusing(Layer):
        def run(self, case: Case) -> Answer:
            raise Refused("not today")

    assert smoke(Refusing()) == ""


def test_a_palette_s_sizes_are_kept_to() -> None:
    layer, seen = Layer(), set()
    layer.palette = [{"steps": 2, "rows": 3, "inputs": 4, "units": 6}]
    answer = layer.run

    def noted(case: Case) -> Answer:
        seen.add((case.steps, case.rows, case.network.inputs, case.network.units))
        return answer(case)

    layer.run = noted  # type: ignore[method-assign]
    assert smoke(layer) == ""
    assert seen == {(2, 3, 4, 6)}


def test_wrong_layers_get_through_unless_a_call_leaves_something_for_the_next() -> None:
    tried = {*sorted(MUTANTS)[::12], *(name for name in MUTANTS if name.startswith("calls."))}
    stopped = {name for name in tried if smoke(MUTANTS[name].layer())}
    assert stopped == {"calls.stateful", "calls.first-weights-kept", "calls.dropout-is-on"}
    assert smoke(Broken(exchanged("forget", "input"), ReferenceLayer.levels)) == ""


def test_correct_layers_get_through() -> None:
    assert [name for name in sorted(INNOCENTS)[::4] if smoke(INNOCENTS[name].layer())] == []


def test_a_case_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class Writing(Layer):
        """It works in what it is given."""

        def run(self, case: Case) -> Answer:
            answer = super().run(case)
            case.inputs[...] = 0.0
            return replace(answer)

    assert smoke(Writing()) == ""
