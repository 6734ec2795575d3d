"""What is declared wrongly of PyTorch's layers is named by the violation that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from rnnspec.adapters.torch_ import TorchLayer
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.spec.explanation import explain
from rnnspec.spec.search import Outcome, Verdict

pytest.importorskip("torch", reason="the doubles are PyTorch's layers with a defect")


def declared(cell: str, **fields: Any) -> dict[str, Conventions]:
    """PyTorch's conventions, with some of one cell's replaced."""
    return {**TorchLayer.conventions, cell: replace(TorchLayer.conventions[cell], **fields)}


class KerasOrder(TorchLayer):
    conventions = declared("lstm", blocks=("input", "candidate", "forget", "output"))


class UpdateGateTakes(TorchLayer):
    conventions = declared("gru", update="takes")


class ResetBefore(TorchLayer):
    conventions = declared("gru", resets=("before",))


class ForgetBiasPlusOne(TorchLayer):
    conventions = declared("lstm", forget_offset=-1.0)


class InitialStatesSwapped(TorchLayer):
    def completed(self, case: Case, given: Mapping[str, Any]) -> tuple[Any, ...] | None:
        states = super().completed(case, given)
        return None if states is None else states[::-1]


class RecurrentTransposed(TorchLayer):
    def run(self, case: Case) -> Answer:
        return super().run(case.with_weights(lambda at, w: w.T if at.part == "recurrent" else w))


@pytest.mark.parametrize(
    ("layer", "label", "told"),
    [
        (
            KerasOrder,
            "lstm.cell-state",
            "the gates stood in the order input, forget, candidate, output (declared: input, "
            "candidate, forget, output)",
        ),
        (
            UpdateGateTakes,
            "gru.step",
            "an open update gate kept the past (declared: it took the candidate)",
        ),
        (
            ResetBefore,
            "gru.step",
            "the reset gate were applied after the product (declared: before)",
        ),
        (
            ForgetBiasPlusOne,
            "lstm.cell-state",
            "the implementation itself added 0 to the forget gate (declared: -1)",
        ),
        (
            InitialStatesSwapped,
            "lstm.cell-state",
            "the initial states were given in the order cell, hidden (declared: hidden, cell)",
        ),
    ],
)
def test_what_is_really_done_is_named(
    layer: type[TorchLayer], label: str, told: str, tried: Callable[..., Outcome]
) -> None:
    outcome = tried(label, layer())
    assert outcome.verdict is Verdict.VIOLATED
    with layer().session():
        explain(outcome, layer())
    assert outcome.explanation == f"It would hold if {told}."


def test_no_convention_explains_another_defect(tried: Callable[..., Outcome]) -> None:
    outcome = tried("rnn.step", RecurrentTransposed())
    with RecurrentTransposed().session():
        explain(outcome, RecurrentTransposed())
    assert (outcome.verdict, outcome.explanation) == (Verdict.VIOLATED, "")
