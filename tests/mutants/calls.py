"""Layers that remember, or change what they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain
from tests.mutants.weights import bias


class Stateful(Plain):
    """Without an initial state, goes on from the last call of the same sizes."""

    def __init__(self) -> None:
        self.kept: dict[Any, Mapping[str, Array]] = {}

    def run(self, case: Case) -> Answer:
        key = (case.network, case.rows)
        answer = super().run(case if case.states else case.changed(states=self.kept.get(key, {})))
        self.kept[key] = answer.states
        return answer


class KeptWeights(Plain):
    """The weights of the first call of its sizes are kept."""

    def __init__(self) -> None:
        self.kept: dict[Any, Mapping[Place, Array]] = {}

    def told(self, case: Case) -> Case:
        key = (case.network, case.dtype)
        return case.changed(weights=self.kept.setdefault(key, dict(case.weights)))


class KeptBias(KeptWeights):
    """The biases alone are kept."""

    def told(self, case: Case) -> Case:
        kept = super().told(case).weights
        return case.with_weights(lambda at, w: kept[at] if bias(at) else w)


class ThirdCall(Plain):
    """Off by 1 % at every third call."""

    calls = 0

    def returned(self, case: Case, answer: Answer) -> Answer:
        self.calls += 1
        return answer if self.calls % 3 else replace(answer, outputs=1.01 * answer.outputs)


class Noisy(Plain):
    """Dropout that is on: noise, another one at every call."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)

    def returned(self, case: Case, answer: Answer) -> Answer:
        kept = self.random.random(answer.outputs.shape) < 0.9
        return replace(answer, outputs=answer.outputs * kept)


class Overwrites(Plain):
    """Changes an array that it was given: the inputs."""

    def returned(self, case: Case, answer: Answer) -> Answer:
        case.inputs[...] = 0.5 * case.inputs
        return answer


class OverwritesStates(Plain):
    """Leaves the final states where the initial ones were."""

    def returned(self, case: Case, answer: Answer) -> Answer:
        for name, state in case.states.items():
            state[...] = answer.states[name]
        return answer


class OverwritesWeights(Plain):
    """Clips the weights it was given in place."""

    def returned(self, case: Case, answer: Answer) -> Answer:
        for array in case.weights.values():
            np.clip(array, -0.5, 0.5, out=array)
        return answer


class OneBuffer(Plain):
    """Every call of the same sizes gives back the same memory."""

    def __init__(self) -> None:
        self.buffers: dict[Any, Array] = {}

    def returned(self, case: Case, answer: Answer) -> Answer:
        buffer = self.buffers.setdefault(answer.outputs.shape, np.zeros(answer.outputs.shape))
        buffer[...] = answer.outputs
        return replace(answer, outputs=buffer)


class ForAnother(Plain):
    """What is compiled for a layer without biases is used for one with biases."""

    def __init__(self) -> None:
        self.first: dict[Any, str] = {}

    def told(self, case: Case) -> Case:
        network = case.network
        if self.first.setdefault(replace(network, biases="both"), network.biases) != "none":
            return case
        return case.with_weights(lambda at, w: 0 * w if bias(at) else w)


for name, layer, report in (
    ("stateful", Stateful, "tensorflow/tensorflow#47813"),
    ("first-weights-kept", KeptWeights, ""),
    ("first-biases-kept", KeptBias, ""),
    ("for-another", ForAnother, "pytorch/pytorch#95563"),
    ("third-is-off", ThirdCall, ""),
    ("dropout-is-on", Noisy, ""),
    ("overwrites-inputs", Overwrites, ""),
    ("overwrites-states", OverwritesStates, ""),
    ("overwrites-weights", OverwritesWeights, ""),
    ("one-buffer", OneBuffer, ""),
):
    mutant(f"calls.{name}", (layer.__doc__ or "").rstrip("."), report, base=layer)
