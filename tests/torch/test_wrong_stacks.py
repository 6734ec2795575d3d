"""Wrong stacks, directions, lengths, rows, calls, ways and gradients are found by their claims.

Each double is PyTorch's own layer with one thing wrong in what it is given or gives back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.torch_ import TorchLayer
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.spec.contrast import scaled
from rnnspec.spec.interventions import turned
from rnnspec.spec.search import Outcome, Verdict

pytest.importorskip("torch", reason="the doubles are PyTorch's layers with a defect")


class Told(TorchLayer):
    """Is told something else than it was asked."""

    def told(self, case: Case) -> Case:
        return case

    def run(self, case: Case) -> Answer:
        return super().run(self.told(case))


class LengthsIgnored(Told):
    def told(self, case: Case) -> Case:
        return case.changed(lengths=None)


class LengthsIgnoredByTheBackwardPass(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.lengths is None or case.network.direction != "both":
            return answer
        units = case.network.units
        whole = super().run(case.changed(lengths=None, inputs=np.nan_to_num(case.inputs)))
        outputs = np.concatenate([answer.outputs[..., :units], whole.outputs[..., units:]], -1)
        return replace(answer, outputs=outputs)


class DirectionsSharePast(Told):
    def told(self, case: Case) -> Case:
        return case.with_weights(lambda at, w: case.weights[at._replace(direction="forward")])


class SecondPassNotTurnedBack(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer, units = super().run(case), case.network.units
        if case.network.direction != "both":
            return answer
        halves = [answer.outputs[..., :units], turned(answer.outputs, case)[..., units:]]
        return replace(answer, outputs=np.concatenate(halves, axis=-1))


class StatesOfDirectionsExchanged(Told):
    def told(self, case: Case) -> Case:
        if case.network.direction != "both":
            return case
        order = np.arange(case.state_shape[0]).reshape(-1, 2)[:, ::-1].ravel()
        return case.changed(states={name: s[order] for name, s in case.states.items()})


class StatesByDirectionFirst(Told):
    def told(self, case: Case) -> Case:
        order = np.arange(case.state_shape[0]).reshape(case.network.layers, -1).T.ravel()
        return case.changed(states={name: s[order] for name, s in case.states.items()})


class ThirdLayerLikeTheSecond(Told):
    def told(self, case: Case) -> Case:
        return case.with_weights(
            lambda at, w: case.weights[at._replace(layer=1)] if at.layer == 2 else w
        )


class StateOfTheWholeBatch(TorchLayer):
    """The final hidden state is that of the last step, valid or not."""

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.network.layers > 1 or case.network.direction != "forward":
            return answer
        return replace(answer, states={**answer.states, "hidden": answer.outputs[-1:]})


class Peeking(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return replace(answer, outputs=np.roll(answer.outputs, -1, axis=0))


class RowsMixed(Told):
    def told(self, case: Case) -> Case:
        return case.changed(inputs=case.inputs[:, ::-1]) if case.rows > 2 else case


class NanSwallowed(Told):
    def told(self, case: Case) -> Case:
        return case.changed(inputs=np.nan_to_num(case.inputs, posinf=8.0, neginf=-8.0))


class WorksInPlace(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        case.inputs[...] = -case.inputs
        return answer


class WeightsKept(TorchLayer):
    """The first weights of every kind of module stay."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Network, str, str], Any] = {}

    def loaded(self, case: Case) -> Any:
        key = (case.network, case.dtype, case.way)
        return self.kept.get(key) or self.kept.setdefault(key, super().loaded(case))


class MoreDigits(TorchLayer):
    """What is to be float32 comes back as float64."""

    def run(self, case: Case) -> Answer:
        return super().run(case.changed(dtype="float64"))


class PackedWithoutStates(Told):
    def told(self, case: Case) -> Case:
        return case.changed(states={}) if case.way == "packed" else case


class BatchNotTurnedBack(TorchLayer):
    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.way != "batch first":
            return answer
        return replace(answer, outputs=answer.outputs[::-1])


class SharedCount(TorchLayer):
    def count(self, network: Network) -> int:
        return (super().count(network) or 0) // len(network.directions)


class FourBlocks(TorchLayer):
    def count(self, network: Network) -> int:
        counted = super().count(network) or 0
        return counted * 4 // 3 if network.cell == "gru" else counted


class UpperLayersNarrow(TorchLayer):
    """Upper layers are said to read one direction of those below."""

    def count(self, network: Network) -> int:
        wide = (network.layers - 1) * len(network.directions) * network.units**2
        return (super().count(network) or 0) - wide * len(network.blocks)


class NothingIsZero(TorchLayer):
    """Without steps, the final states are zero."""

    def run(self, case: Case) -> Answer:
        if case.steps:
            return super().run(case)
        zeros = {name: np.zeros(case.state_shape) for name in case.network.states}
        return Answer(np.zeros(case.output_shape), zeros)


class Descends(TorchLayer):
    """Its gradients are changed on their way out."""

    def changed(self, case: Case, found: Gradients) -> Gradients:
        return found

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        found = super().gradients(case, cotangents)
        assert found is not None
        return self.changed(case, found)


class RecurrentBiasUntrained(Descends):
    def changed(self, case: Case, found: Gradients) -> Gradients:
        weights = {
            at: 0 * g if at.part == "recurrent_bias" else g for at, g in found.weights.items()
        }
        return replace(found, weights=weights)


class FirstStepForgotten(Descends):
    def changed(self, case: Case, found: Gradients) -> Gradients:
        inputs = found.inputs.copy()
        inputs[0] = 0.0
        return replace(found, inputs=inputs)


class InitialStatesUntrained(Descends):
    def changed(self, case: Case, found: Gradients) -> Gradients:
        return replace(found, states={name: 0 * g for name, g in found.states.items()})


class GatesExchangedOnTheWayBack(Descends):
    def changed(self, case: Case, found: Gradients) -> Gradients:
        other = {"forget": "input", "input": "forget", "reset": "update", "update": "reset"}
        weights = {
            at: found.weights[at._replace(block=other.get(at.block, at.block))]
            for at in found.weights
        }
        return replace(found, weights=weights)


class SecondBatchOfThree(TorchLayer):
    """A kernel that errs from the third layer on, and in its last unit alone."""

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.network.layers < 3:
            return answer
        off = np.where(np.arange(case.network.units) == 0, 1.001, 1.0)
        states = {name: state * off for name, state in answer.states.items()}
        return Answer(answer.outputs * np.tile(off, len(case.network.directions)), states)


WRONG: list[tuple[type[TorchLayer], str]] = [
    (LengthsIgnored, "layer.padding"),
    (LengthsIgnored, "layer.options"),
    (LengthsIgnoredByTheBackwardPass, "layer.padding"),
    (DirectionsSharePast, "bi.two-passes"),
    (DirectionsSharePast, "layer.options"),
    (SecondPassNotTurnedBack, "bi.two-passes"),
    (SecondPassNotTurnedBack, "bi.amazon"),
    (SecondPassNotTurnedBack, "bi.future-context"),
    (SecondPassNotTurnedBack, "bi.latency"),
    (StatesOfDirectionsExchanged, "layer.initial-state"),
    (StatesByDirectionFirst, "layer.initial-state"),
    (ThirdLayerLikeTheSecond, "deep.stacked"),
    (SecondBatchOfThree, "deep.stacked"),
    (StateOfTheWholeBatch, "layer.final-state"),
    (Peeking, "rnn.causal"),
    (Peeking, "layer.split"),
    (RowsMixed, "layer.batch"),
    (NanSwallowed, "layer.nan"),
    (WorksInPlace, "layer.repeatable"),
    (WeightsKept, "layer.repeatable"),
    (WeightsKept, "layer.units"),
    (MoreDigits, "layer.dtype"),
    (PackedWithoutStates, "layer.paths"),
    (BatchNotTurnedBack, "layer.layout"),
    (SharedCount, "bi.parameters"),
    (FourBlocks, "gru.two-gates"),
    (FourBlocks, "compare.parameters"),
    (FourBlocks, "compare.gates"),
    (FourBlocks, "compare.computation"),
    (UpperLayersNarrow, "deep.parameters"),
    (NothingIsZero, "layer.empty"),
    (RecurrentBiasUntrained, "layer.gradients"),
    (RecurrentBiasUntrained, "lstm.trained"),
    (FirstStepForgotten, "layer.gradients"),
    (InitialStatesUntrained, "layer.gradients"),
    (GatesExchangedOnTheWayBack, "lstm.trained"),
]


@pytest.mark.parametrize(
    ("layer", "label"), [pytest.param(*w, id=f"{w[0].__name__}-{w[1]}") for w in WRONG]
)
def test_a_wrong_layer_is_found_in_a_small_case(
    tried: Callable[..., Outcome], layer: type[TorchLayer], label: str
) -> None:
    outcome = tried(label, layer())
    assert outcome.verdict in (Verdict.VIOLATED, Verdict.ERROR), outcome.reason
    case = outcome.case
    assert case is not None
    if outcome.verdict is Verdict.VIOLATED and layer is not WeightsKept:
        assert case.network.units <= 2
        assert case.rows <= 3
        assert case.network.layers <= 3


class ComputedWider(TorchLayer):
    """In float64 all through, and rounded at the end."""

    def run(self, case: Case) -> Answer:
        from rnnspec.reference.precision import PRECISIONS

        return scaled(super().run(case.changed(dtype="float64")), PRECISIONS[case.dtype].round)


class InAnotherWay(TorchLayer):
    """Its ordinary way is another one."""

    def __init__(self, way: str) -> None:
        self.way = way

    def run(self, case: Case) -> Answer:
        return super().run(case if case.way else case.changed(way=self.way))


@pytest.mark.parametrize(
    "layer",
    [ComputedWider(), *(InAnotherWay(way) for way in TorchLayer.ways)],
    ids=lambda layer: getattr(layer, "way", "wider"),
)
@pytest.mark.parametrize(
    "label", ["deep.stacked", "layer.options", "layer.padding", "layer.batch", "bi.two-passes"]
)
def test_nothing_is_found_against_a_right_layer(
    tried: Callable[..., Outcome], layer: TorchLayer, label: str
) -> None:
    assert tried(label, layer).verdict is Verdict.HOLDS
