"""Layers that remember, that change what they are given, that count or go back wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from tests.mutants.mutant import mutant
from tests.mutants.plain import REFERENCE, Plain


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
        return case.with_weights(lambda at, w: kept[at] if at.part.endswith("bias") else w)


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


for name, layer in {
    "calls.stateful": Stateful,
    "calls.first-weights-kept": KeptWeights,
    "calls.first-biases-kept": KeptBias,
    "calls.third-is-off": ThirdCall,
    "calls.dropout-is-on": Noisy,
    "calls.overwrites-inputs": Overwrites,
    "calls.overwrites-states": OverwritesStates,
    "calls.overwrites-weights": OverwritesWeights,
    "calls.one-buffer": OneBuffer,
}.items():
    mutant(name, (layer.__doc__ or "").rstrip("."), base=layer)


# ---- other ways


def way(name: str, what: str, kind: str, change: Callable[[Case], Case], report: str = "") -> None:
    """Another way to the layer, which makes something else of a case."""

    def told(self: Any, case: Case) -> Case:
        return change(case) if self.ways.get(case.way) == kind else case

    mutant(name, what, report, told=told)


way(
    "ways.path-without-states",
    "another path starts from zeros",
    "path",
    lambda case: case.changed(states={}),
)
way(
    "ways.path-without-lengths",
    "another path ignores lengths",
    "path",
    lambda case: case.changed(lengths=None, inputs=np.nan_to_num(case.inputs)),
)
way(
    "ways.path-without-biases",
    "another path has no biases",
    "path",
    lambda case: case.with_weights(lambda at, w: 0 * w if at.part.endswith("bias") else w),
)
way(
    "ways.layout-mistaken",
    "batch first is read as time first where that fits",
    "layout",
    lambda case: (
        case.changed(inputs=case.inputs.swapaxes(0, 1)) if case.rows == case.steps else case
    ),
)
way(
    "ways.layout-strides-ignored",
    "memory is read in its order, whatever the strides",
    "layout",
    lambda case: case.changed(inputs=case.inputs.swapaxes(0, 1).reshape(case.inputs.shape)),
)
way(
    "ways.layout-row-0",
    "with another layout, lengths are those of the first row",
    "layout",
    lambda case: (
        case
        if case.lengths is None
        else case.changed(lengths=np.full_like(case.lengths, case.lengths[0]))
    ),
)


# ---- gradients


def back(
    name: str, what: str, change: Callable[[Case, Gradients], Gradients], report: str = ""
) -> None:
    """Gradients that are changed on their way out."""

    def gradients(self: Any, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        found = REFERENCE.gradients(case, cotangents)
        return None if found is None else change(case, found)

    mutant(name, what, report, gradients=gradients)


def of_weights(
    name: str, what: str, change: Callable[[Case, Place, Array], Array], report: str = ""
) -> None:
    """Wrong gradients of some weights."""
    back(
        name,
        what,
        lambda case, found: replace(
            found, weights={at: change(case, at, g) for at, g in found.weights.items()}
        ),
        report,
    )


of_weights(
    "gradients.half", "gradients of weights are half of what they are", lambda case, at, g: 0.5 * g
)
of_weights(
    "gradients.no-biases",
    "biases have no gradient",
    lambda case, at, g: 0 * g if at.part.endswith("bias") else g,
)
of_weights(
    "gradients.no-recurrent-bias",
    "the past's bias has no gradient",
    lambda case, at, g: 0 * g if at.part == "recurrent_bias" else g,
)
of_weights(
    "gradients.no-recurrent",
    "recurrent weights have no gradient",
    lambda case, at, g: 0 * g if at.part == "recurrent" else g,
)
of_weights(
    "gradients.transposed",
    "the gradient of the recurrent matrix is transposed",
    lambda case, at, g: g.T if at.part == "recurrent" else g,
)
of_weights(
    "gradients.first-layer",
    "the first of several layers has no gradient",
    lambda case, at, g: 0 * g if at.layer == 0 and case.network.layers > 1 else g,
)
of_weights(
    "gradients.backward",
    "of two directions, the second has no gradient",
    lambda case, at, g: (
        0 * g if at.direction == "backward" and case.network.direction == "both" else g
    ),
)
of_weights(
    "gradients.clipped",
    "gradients are clipped at 0.01",
    lambda case, at, g: np.clip(g, -0.01, 0.01),
)
of_weights(
    "gradients.gates-negative",
    "the gradients of the gates have the wrong sign",
    lambda case, at, g: g if at.block in ("candidate", "hidden") else -g,
)
of_weights(
    "gradients.averaged",
    "gradients are means over the rows, not sums",
    lambda case, at, g: g / max(case.rows, 1),
)
back(
    "gradients.no-inputs",
    "inputs have no gradient",
    lambda case, found: replace(found, inputs=0 * found.inputs),
)
back(
    "gradients.inputs-turned",
    "the gradients of the inputs stand in the opposite order",
    lambda case, found: replace(found, inputs=found.inputs[::-1]),
)
back(
    "gradients.states-detached",
    "initial states have no gradient",
    lambda case, found: replace(found, states={n: 0 * g for n, g in found.states.items()}),
)
back(
    "gradients.into-padding",
    "padded steps have a gradient",
    lambda case, found: (
        found
        if case.lengths is None
        else replace(
            found, inputs=found.inputs + (np.arange(case.steps)[:, None] >= case.lengths)[..., None]
        )
    ),
)


class Truncated(Plain):
    """Gradients do not go back by more than one step."""

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        found = REFERENCE.gradients(case, cotangents)
        if found is None or case.steps < 2:
            return found
        inputs = found.inputs.copy()
        inputs[: case.steps - 1] *= 0.5
        return replace(found, inputs=inputs)


class FinalsDetached(Plain):
    """What is put on the final states does not go back."""

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        return REFERENCE.gradients(
            case, {n: g if n == "outputs" else 0 * g for n, g in cotangents.items()}
        )


class Accumulates(Plain):
    """Gradients are added to those of the call before."""

    def __init__(self) -> None:
        self.before: dict[Any, Gradients] = {}

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        found = REFERENCE.gradients(case, cotangents)
        if found is None:
            return None
        old = self.before.get(case.network)
        self.before[case.network] = found
        if old is None:
            return found
        return replace(found, weights={at: g + old.weights[at] for at, g in found.weights.items()})


for name, layer in {
    "gradients.truncated": Truncated,
    "gradients.finals-detached": FinalsDetached,
    "gradients.accumulated": Accumulates,
}.items():
    mutant(name, (layer.__doc__ or "").rstrip("."), base=layer)


# ---- counts


def counted(name: str, what: str, change: Callable[[Network, int], int], report: str = "") -> None:
    """A wrong number of parameters."""
    mutant(
        name,
        what,
        report,
        count=lambda self, network: change(network, REFERENCE.count(network) or 0),
    )


counted("count.one-more", "one parameter too many", lambda network, n: n + 1)
counted(
    "count.no-biases",
    "biases are not counted",
    lambda network, n: sum(
        int(np.prod(shape)) for at, shape in network.places() if not at.part.endswith("bias")
    ),
)
counted(
    "count.one-direction",
    "one direction is counted",
    lambda network, n: n // len(network.directions),
)
counted(
    "count.one-layer",
    "the first layer is counted",
    lambda network, n: REFERENCE.count(replace(network, layers=1)) or 0,
)
counted(
    "count.four-blocks-of-a-gru",
    "a GRU has four blocks",
    lambda network, n: n * 4 // 3 if network.cell == "gru" else n,
)
counted(
    "count.peepholes",
    "an LSTM has three weights more a unit",
    lambda network, n: n + 3 * network.units if network.cell == "lstm" else n,
)
counted(
    "count.square",
    "recurrent matrices are counted as if there were as many units as features",
    lambda network, n: n + network.inputs - network.units,
)
counted(
    "count.upper-layers-narrow",
    "layers above two directions are as wide as above one",
    lambda network, n: (
        n - (network.layers - 1) * network.units if network.direction == "both" else n
    ),
)
