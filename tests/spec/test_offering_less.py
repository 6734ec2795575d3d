"""Implementations that offer less than everything, or say no: what a claim still asks of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import rnnspec.reference
import rnnspec.spec
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import InvalidCase, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.measure import measured_levels
from rnnspec.spec.search import Outcome, Verdict, judge, search


def offering(cell: str, **fields: Any) -> ReferenceLayer:
    """The reference, offering one cell, with some of its conventions replaced."""

    class Less(ReferenceLayer):
        name = "less"
        levels: Mapping[str, Level] = {"float64": RELATIVE}
        conventions: Mapping[str, Conventions] = {
            cell: replace(ReferenceLayer.conventions[cell], **fields)
        }

    return Less()


@pytest.mark.parametrize("label", ["bi.latency", "deep.stacked", "bi.two-passes"])
def test_no_single_direction_is_asked_for_where_none_is_offered(label: str) -> None:
    """The whole is held to the equations all the same."""
    outcome = search(CLAIMS[label], offering("gru", directions=("both",), layers=2), "quick")
    assert outcome.verdict is Verdict.HOLDS, outcome.reason


def test_two_directions_alone_do_not_excuse_a_wrong_answer() -> None:
    layer = offering("lstm", directions=("both",), layers=2)
    honest = layer.run
    layer.run = lambda case: Answer(1 - honest(case).outputs, honest(case).states)  # type: ignore[method-assign]
    for label in ("bi.latency", "deep.stacked"):
        assert search(CLAIMS[label], layer, "quick").verdict is Verdict.VIOLATED


def test_an_input_size_is_checked_where_nothing_can_be_counted() -> None:
    layer = offering("lstm")
    layer.count = lambda network: None  # type: ignore[method-assign]
    outcome = search(CLAIMS["lstm.input-size"], layer, "quick")
    assert outcome.verdict is Verdict.HOLDS, outcome.reason


def test_a_comparison_with_a_gru_takes_the_reset_form_that_there_is() -> None:
    class Before(ReferenceLayer):
        conventions: Mapping[str, Conventions] = {
            **ReferenceLayer.conventions,
            "gru": replace(ReferenceLayer.conventions["gru"], resets=("before",)),
        }

    assert search(CLAIMS["compare.gates"], Before(), "quick").verdict is Verdict.HOLDS
    alone = search(CLAIMS["compare.gates"], offering("lstm"), "quick")
    assert alone.verdict is Verdict.NOT_APPLICABLE
    assert alone.reason == "less: it offers no GRU"


def test_where_kinds_of_networks_are_built_few_are_tried() -> None:
    """As many as are used three times: which, is by the seed."""

    class Built(ReferenceLayer):
        levels: Mapping[str, Level] = {"float64": RELATIVE}
        palette: Sequence[Mapping[str, int]] = ({},)

        def __init__(self) -> None:
            self.tried: set[tuple[str, ...]] = set()

        def run(self, case: Case) -> Answer:
            self.tried.add((case.network.biases, case.network.direction, case.network.reset))
            return super().run(case)

    tried = []
    for seed in (0, 0, 1):
        layer = Built()
        assert search(CLAIMS["gru.step"], layer, "quick", seed).verdict is Verdict.HOLDS
        tried.append(layer.tried)
    assert tried[0] == tried[1] != tried[2]
    assert 1 < len(tried[0]) <= 20 // 3


def test_a_dtype_that_nobody_knows_breaks_the_adapter() -> None:
    layer = offering("gru")
    layer.levels = {"float8": RELATIVE}
    outcome = search(CLAIMS["gru.step"], layer, "quick")
    assert outcome.verdict is Verdict.ADAPTER_BROKEN
    assert "levels has 'float8'" in outcome.reason


# ---- nothing to do


def emptied(error: Exception) -> Outcome:
    """What is said of a layer that raises an error where there are no steps, no rows."""

    class Refusing(ReferenceLayer):
        levels: Mapping[str, Level] = {"float64": RELATIVE}

        def run(self, case: Case) -> Answer:
            if (
                case.rows == 0
                or case.steps == 0
                or (case.lengths is not None and 0 in case.lengths)
            ):
                raise error
            return super().run(case)

    return search(CLAIMS["layer.empty"], Refusing(), "quick")


def test_a_layer_may_say_that_it_does_nothing_with_nothing() -> None:
    outcome = emptied(RuntimeError("Expected more than 0 steps"))
    assert outcome.verdict is Verdict.HOLDS, outcome.reason
    assert outcome.notes["no rows"] == "refused (RuntimeError: Expected more than 0 steps)"


def test_an_error_without_a_word_is_no_refusal() -> None:
    outcome = emptied(RuntimeError(" "))
    assert outcome.verdict is Verdict.ERROR
    assert outcome.reason.startswith("RuntimeError: ")


# ---- what a claim does not speak of


def lstm(steps: int = 2, **fields: Any) -> Case:
    network = Network("lstm", 1, 1)
    weights = {at: np.ones(shape) for at, shape in network.places()}
    return Case(network, weights, np.ones((steps, 1, 1)), **fields)


@pytest.mark.parametrize(
    ("label", "case", "told"),
    [
        ("layer.padding", lstm(), "layer.padding speaks of cases with lengths"),
        ("lstm.cell-state", lstm(lengths=np.array([1])),
         "lstm.cell-state speaks of cases with no lengths"),
        ("layer.paths", lstm(), "layer.paths speaks of another path, and case.way is ''"),
        ("lstm.cell-state", lstm(way="taped"),
         "lstm.cell-state speaks of the ordinary way, and case.way is 'taped'"),
        ("lstm.cell-state", lstm(aim={"gate": "input"}),
         "lstm.cell-state is not aimed at any 'gate'"),
    ],
)  # fmt: skip
def test_a_case_that_is_none_of_a_claim_s_is_told(label: str, case: Case, told: str) -> None:
    with pytest.raises(InvalidCase) as refused:
        judge(CLAIMS[label], ReferenceLayer(), case)
    assert str(refused.value) == told


def test_no_case_decides_a_finding() -> None:
    finding = next(claim for claim in CLAIMS.values() if claim.kind == "finding")
    with pytest.raises(TypeError, match="a finding is an experiment"):
        finding.try_on(ReferenceLayer(), lstm())


# ---- gradients that are missing, or too many


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda found: replace(found, weights={}), "there is no gradient of 0.forward."),
        (lambda found: replace(found, states={**found.states, "memory": np.zeros(1)}),
         "there is a gradient of initial memory, which is not in the case"),
        (lambda found: replace(found, inputs=found.inputs[:0]), "the gradient of inputs has shape"),
    ],
)  # fmt: skip
def test_every_gradient_is_there_and_no_other(change: Any, told: str) -> None:
    class Odd(ReferenceLayer):
        levels: Mapping[str, Level] = {"float64": RELATIVE}

        def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
            changed: Gradients = change(super().gradients(case, cotangents))
            return changed

    outcome = search(CLAIMS["layer.gradients"], Odd(), "quick")
    assert outcome.verdict is Verdict.ERROR
    assert told in outcome.reason


# ---- the accuracy that is measured, and the rooms


def test_what_cannot_be_run_is_measured_as_declared() -> None:
    layer = offering("lstm")

    def broken(case: Case) -> Answer:
        raise RuntimeError("out of luck")

    layer.run = broken  # type: ignore[method-assign]
    assert measured_levels(layer, 0) == layer.levels


@pytest.mark.parametrize("room", [rnnspec.reference, rnnspec.spec], ids=["reference", "spec"])
def test_a_room_is_imported_under_its_one_name(room: ModuleType) -> None:
    assert room.__file__ is not None
    other = importlib.util.spec_from_file_location("other", room.__file__)
    assert other is not None
    assert other.loader is not None
    with pytest.raises(ImportError, match=f"^import {room.__name__}; the folder"):
        other.loader.exec_module(importlib.util.module_from_spec(other))
