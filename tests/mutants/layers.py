"""Wrong stacks, and wrong directions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.spec.interventions import turned
from tests.mutants.flow import returned, states, told
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain


def merged(name: str, what: str, change: Any, report: str = "") -> None:
    """What a layer passes on: a function of what is below, the whole, the layer and H."""

    def merge(self: Plain, below: Array, halves: Any, layer: int) -> Array:
        whole = Plain.merged(self, below, halves, layer)
        return np.asarray(change(below, whole, layer, self.case.network.units))

    mutant(name, what, report, merged=merge)


merged(
    "layers.residual",
    "where sizes agree, a layer adds its input to its output",
    lambda below, whole, layer, units: whole + below if below.shape == whole.shape else whole,
)
merged(
    "layers.dropout",
    "what a layer passes on is scaled by 0.9",
    lambda below, whole, layer, units: 0.9 * whole,
)
merged(
    "layers.squashed-between",
    "what a layer passes on is squashed once more",
    lambda below, whole, layer, units: np.tanh(whole),
)
merged(
    "layers.normalised",
    "what a layer passes on is normalised",
    lambda below, whole, layer, units: whole - whole.mean(-1, keepdims=True),
)
merged(
    "layers.skips",
    "where sizes agree, the second layer reads the input of the first",
    lambda below, whole, layer, units: (
        below if layer == 0 and below.shape == whole.shape else whole
    ),
)
merged(
    "directions.exchanged",
    "the second direction's half comes first",
    lambda below, whole, layer, units: (
        np.roll(whole, units, -1) if whole.shape[-1] > units else whole
    ),
)
merged(
    "directions.second-is-first",
    "the second half repeats the first",
    lambda below, whole, layer, units: np.tile(whole[..., :units], whole.shape[-1] // units),
    report="ematvey/tensorflow-seq2seq-tutorials#1",
)
merged(
    "directions.summed",
    "both halves hold the sum of the directions",
    lambda below, whole, layer, units: (
        np.tile(whole[..., :units] + whole[..., units:], 2) if whole.shape[-1] > units else whole
    ),
)
merged(
    "directions.interleaved",
    "units of the two directions alternate",
    lambda below, whole, layer, units: (
        whole.reshape(*whole.shape[:2], -1, units).swapaxes(2, 3).reshape(whole.shape)
    ),
)
merged(
    "directions.upper-reads-first",
    "the layer above reads the first direction alone",
    lambda below, whole, layer, units: np.where(np.arange(whole.shape[-1]) < units, whole, 0),
)

mutant(
    "directions.not-turned",
    "the second direction reads from the beginning, too",
    order=lambda self, steps, direction: range(steps),
    report="stanfordmlgroup/nlc#8",
)
returned(
    "directions.not-turned-back",
    "what goes backwards comes out in the order of processing",
    lambda case, answer: (
        replace(
            answer,
            outputs=np.concatenate(
                [
                    answer.outputs[..., : case.network.units],
                    turned(answer.outputs, case)[..., case.network.units :],
                ],
                -1,
            ),
        )
        if case.network.direction == "both"
        else answer
    ),
    report="sbillburg/CRNN-with-STN#12",
)
returned(
    "directions.backward-not-turned-back",
    "a backward layer's outputs stand the wrong way",
    lambda case, answer: (
        replace(answer, outputs=turned(answer.outputs, case))
        if case.network.direction == "backward"
        else answer
    ),
    report="webmachinelearning/webnn#801",
)
told(
    "directions.backward-ignored",
    "a backward layer goes forward",
    lambda case: (
        case.changed(
            network=replace(case.network, direction="forward"),
            weights={at._replace(direction="forward"): w for at, w in case.weights.items()},
        )
        if case.network.direction == "backward"
        else case
    ),
    report="apache/tvm#15829",
)
told(
    "directions.states-exchanged",
    "each direction starts from the other's states",
    lambda case: (
        states(case, lambda name, s: s[np.arange(len(s)).reshape(-1, 2)[:, ::-1].ravel()])
        if case.network.direction == "both"
        else case
    ),
)
