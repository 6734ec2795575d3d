"""PyTorch's layers hold; what gives no answer is refused or an error, and never violated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.adapters.torch_ import TorchCell, TorchLayer
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Refused
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import scaled
from rnnspec.spec.search import Outcome, Verdict

pytest.importorskip("torch", reason="PyTorch's layers are held to the claims")


CHECKED = [label for label, claim in CLAIMS.items() if claim.kind != "finding"]
NOT_OF_TORCH = re.compile(r"beyond\.(peepholes|coupled-gates|clipped-.*)")
NOT_OF_CELLS = re.compile(r"deep\..*|bi\..*|layer\.padding|beyond\.(projection|dropout-off)")
"""A cell has one layer, one direction and no lengths."""


@pytest.mark.parametrize("label", CHECKED)
@pytest.mark.parametrize("layer", [TorchLayer, TorchCell])
def test_torch_itself_holds(
    tried: Callable[..., Outcome], layer: type[TorchLayer], label: str
) -> None:
    outcome = tried(label, layer())
    apart = NOT_OF_TORCH.fullmatch(label) or (layer is TorchCell and NOT_OF_CELLS.fullmatch(label))
    wanted = Verdict.NOT_APPLICABLE if apart else Verdict.HOLDS
    assert outcome.verdict is wanted, outcome.reason


class Raising(TorchLayer):
    def __init__(self, error: Exception) -> None:
        self.error = error

    def run(self, case: Case) -> Answer:
        raise self.error


class NoNumbers(TorchLayer):
    def run(self, case: Case) -> Answer:
        return scaled(super().run(case), lambda part: part * np.nan)


class AxisTooMany(TorchLayer):
    def run(self, case: Case) -> Answer:
        return scaled(super().run(case), lambda part: part[None])


class StatesMissing(TorchLayer):
    def run(self, case: Case) -> Answer:
        return replace(super().run(case), states={})


@pytest.mark.parametrize("label", ["rnn.step", "lstm.forget-gate", "lstm.cell-state", "gru.step"])
@pytest.mark.parametrize(
    ("layer", "verdict", "reason"),
    [
        (
            Raising(NotImplementedError("not here")),
            Verdict.REFUSED,
            "NotImplementedError: not here",
        ),
        (Raising(Refused("bad options")), Verdict.REFUSED, "Refused: bad options"),
        (Raising(RuntimeError("size\nmismatch")), Verdict.ERROR, "RuntimeError: size mismatch"),
        (NoNumbers(), Verdict.ERROR, "holds NaN where a number belongs"),
        (AxisTooMany(), Verdict.ERROR, "outputs has shape (1, 1, 1, 1): it must be (1, 1, 1)"),
        (StatesMissing(), Verdict.ERROR, "the answer has no hidden"),
    ],
)
def test_no_answer_is_refused_or_an_error(
    tried: Callable[..., Outcome], layer: TorchLayer, verdict: Verdict, reason: str, label: str
) -> None:
    outcome = tried(label, layer)
    assert outcome.verdict is verdict
    assert reason in outcome.reason
    assert outcome.case is not None
