"""Wrong layers are found, and shown by a counterexample that a person can read.

Each double is PyTorch's own layer with one thing wrong: in what is declared of it, in what it is
given, or in what it returns. Layers with wrong equations are in ``test_own_loops.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.torch_ import TorchCell, TorchLayer
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.spec.contrast import scaled
from rnnspec.spec.search import Outcome, Verdict

torch = pytest.importorskip("torch", reason="the doubles are PyTorch's layers with a defect")


# ---- something else is declared than is done


def declared(cell: str, **fields: Any) -> dict[str, Conventions]:
    """PyTorch's conventions, with some of one cell's replaced."""
    return {**TorchLayer.conventions, cell: replace(TorchLayer.conventions[cell], **fields)}


class InputAndForgetSwapped(TorchLayer):
    conventions = declared("lstm", blocks=("forget", "input", "candidate", "output"))


class ForgetAndOutputSwapped(TorchLayer):
    conventions = declared("lstm", blocks=("input", "output", "candidate", "forget"))


class CandidateAndOutputSwapped(TorchLayer):
    conventions = declared("lstm", blocks=("input", "forget", "output", "candidate"))


class ResetAndUpdateSwapped(TorchLayer):
    conventions = declared("gru", blocks=("update", "reset", "candidate"))


class UpdateGateTakes(TorchLayer):
    conventions = declared("gru", update="takes")


class ResetBefore(TorchLayer):
    conventions = declared("gru", resets=("before",))


class ForgetBiasPlusOne(TorchLayer):
    conventions = declared("lstm", forget_offset=-1.0)


class OneBiasTooMany(TorchLayer):
    def count(self, network: Network) -> int:
        return (super().count(network) or 0) + network.units


# ---- something else is computed than was given


class RecurrentBiasDropped(TorchLayer):
    def run(self, case: Case) -> Answer:
        return super().run(
            case.with_weights(lambda at, w: 0 * w if at.part == "recurrent_bias" else w)
        )


class InputBiasDropped(TorchLayer):
    def run(self, case: Case) -> Answer:
        return super().run(case.with_weights(lambda at, w: 0 * w if at.part == "input_bias" else w))


class OutputGateIgnoresThePast(TorchLayer):
    def run(self, case: Case) -> Answer:
        blind = ("output", "recurrent")
        return super().run(
            case.with_weights(lambda at, w: 0 * w if (at.block, at.part) == blind else w)
        )


class RecurrentTransposed(TorchLayer):
    def run(self, case: Case) -> Answer:
        return super().run(case.with_weights(lambda at, w: w.T if at.part == "recurrent" else w))


class InitialHiddenIgnored(TorchLayer):
    def run(self, case: Case) -> Answer:
        return super().run(case.with_states(hidden=np.zeros(case.state_shape)))


class InitialCellIgnored(TorchLayer):
    def run(self, case: Case) -> Answer:
        if case.network.cell != "lstm":
            return super().run(case)
        return super().run(case.with_states(cell=np.zeros(case.state_shape)))


class InitialStatesSwapped(TorchLayer):
    def completed(self, case: Case, given: Mapping[str, Any]) -> tuple[Any, ...] | None:
        states = super().completed(case, given)
        return None if states is None else states[::-1]


class StateNotCarried(TorchCell):
    """Every step starts from the initial states: right for one step."""

    def called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        outputs = []
        for x in inputs:
            output, finals = super().called(module, case, x[None], given)
            outputs.append(output)
        return torch.cat(outputs), finals


class StaleWeights(TorchLayer):
    """The first weights of each size stay."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Network, str], Any] = {}

    def loaded(self, case: Case) -> Any:
        key = (case.network, case.dtype)
        return self.kept.get(key) or self.kept.setdefault(key, super().loaded(case))


class TanhReplacedByRelu(TorchLayer):
    def built(self, network: Network, dtype: str, **more: Any) -> Any:
        return super().built(replace(network, activation="relu"), dtype, **more)


class ActivationIgnored(TorchLayer):
    def built(self, network: Network, dtype: str, **more: Any) -> Any:
        return super().built(replace(network, activation="tanh"), dtype, **more)


class PrecisionLost(TorchLayer):
    def run(self, case: Case) -> Answer:
        return super().run(case.changed(dtype="bfloat16"))


# ---- something else is returned than was computed


class OutputsOneStepLate(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        late = np.concatenate([case.state("hidden"), answer.outputs[:-1]])
        return replace(answer, outputs=late)


class OutputsRolled(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return replace(answer, outputs=np.roll(answer.outputs, 1, axis=0))


class FinalStateTooEarly(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        early = answer.outputs[-2:][:1]
        return replace(answer, states={**answer.states, "hidden": early})


class FinalStatesSwapped(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        arrays = list(answer.states.values())[::-1]
        return replace(answer, states=dict(zip(answer.states, arrays, strict=True)))


class RowsSwapped(TorchLayer):
    def run(self, case: Case) -> Answer:
        return scaled(super().run(case), lambda part: part[:, ::-1])


class UnitsRolled(TorchLayer):
    def run(self, case: Case) -> Answer:
        return scaled(super().run(case), lambda part: np.roll(part, 1, axis=-1))


class WrongPastEightUnits(TorchLayer):
    def run(self, case: Case) -> Answer:
        def change(part: Array) -> Array:
            return np.where(np.arange(part.shape[-1]) < 8, part, 0.0)

        return scaled(super().run(case), change)


# ---- each is found, by the claim that speaks of it

SMALL = (2, 2, 1, 4)
"""At most so many units, steps, rows, and non-zero weights."""
WRONG: list[tuple[type[TorchLayer], str, tuple[int, int, int, int]]] = [
    (InputAndForgetSwapped, "lstm.forget-gate", SMALL),
    (ForgetAndOutputSwapped, "lstm.output-gate", SMALL),
    (CandidateAndOutputSwapped, "lstm.input-gate", SMALL),
    (ResetAndUpdateSwapped, "gru.step", SMALL),
    (UpdateGateTakes, "gru.step", SMALL),
    (ResetBefore, "gru.step", (2, 2, 1, 8)),  # a matrix that mixes units, and what resets them
    (ForgetBiasPlusOne, "lstm.cell-state", SMALL),
    (OneBiasTooMany, "lstm.three-gates", SMALL),
    (RecurrentBiasDropped, "rnn.step", SMALL),
    (InputBiasDropped, "rnn.step", SMALL),
    (OutputGateIgnoresThePast, "lstm.output-gate", SMALL),
    (RecurrentTransposed, "rnn.step", SMALL),
    (InitialHiddenIgnored, "gru.step", SMALL),
    (InitialCellIgnored, "lstm.cell-state", SMALL),
    (InitialStatesSwapped, "lstm.cell-state", SMALL),
    (StateNotCarried, "rnn.step", SMALL),
    (TanhReplacedByRelu, "rnn.step", SMALL),
    (ActivationIgnored, "rnn.step", SMALL),
    (PrecisionLost, "gru.step", SMALL),
    (OutputsOneStepLate, "rnn.step", SMALL),
    (OutputsRolled, "gru.step", SMALL),
    (FinalStateTooEarly, "rnn.step", SMALL),
    (FinalStatesSwapped, "lstm.hidden-range", SMALL),
    (RowsSwapped, "gru.step", (2, 2, 2, 4)),  # there must be two
    (UnitsRolled, "lstm.elementwise", SMALL),
]


@pytest.mark.parametrize(
    ("layer", "label", "limit"), [pytest.param(*w, id=f"{w[0].__name__}-{w[1]}") for w in WRONG]
)
def test_a_wrong_layer_is_found_in_a_small_case(
    found: Callable[..., None],
    layer: type[TorchLayer],
    label: str,
    limit: tuple[int, int, int, int],
) -> None:
    found(label, layer(), limit)


def test_a_defect_of_wide_layers_is_found_by_some_claim(tried: Callable[..., Outcome]) -> None:
    """Few cases have so many units, and one claim alone may meet none of them."""
    for label in ("rnn.step", "lstm.cell-state", "gru.step"):
        outcome = tried(label, WrongPastEightUnits(), "standard")
        if outcome.verdict is Verdict.VIOLATED:
            assert outcome.case is not None
            assert 8 < outcome.case.network.units <= 17
            return
    pytest.fail("no claim was violated")


def test_stale_weights_are_found(tried: Callable[..., Outcome]) -> None:
    """What this layer answers depends on the calls before: a small case may say nothing alone."""
    assert tried("lstm.own-parameters", StaleWeights()).verdict is Verdict.VIOLATED
