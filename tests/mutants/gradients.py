"""Layers that go back wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Case, Gradients
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.flow import inside
from tests.mutants.mutant import mutant
from tests.mutants.plain import REFERENCE, Plain
from tests.mutants.weights import bias


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


def lost(name: str, what: str, where: Callable[[Case, Place], bool], report: str = "") -> None:
    """What stands in some places has no gradient."""
    of_weights(name, what, lambda case, at, g: 0 * g if where(case, at) else g, report)


of_weights(
    "gradients.half", "gradients of weights are half of what they are", lambda case, at, g: 0.5 * g
)
lost(
    "gradients.no-biases",
    "biases have no gradient",
    lambda case, at: bias(at),
    report="tracel-ai/burn#5235",
)
lost(
    "gradients.no-recurrent-bias",
    "the past's bias has no gradient",
    lambda case, at: at.part == "recurrent_bias",
)
lost(
    "gradients.no-recurrent",
    "recurrent weights have no gradient",
    lambda case, at: at.part == "recurrent",
)
lost(
    "gradients.first-layer",
    "the first of several layers has no gradient",
    lambda case, at: at.layer == 0 and case.network.layers > 1,
)
lost(
    "gradients.biases-above",
    "biases of layers above the first have no gradient",
    lambda case, at: bias(at) and at.layer > 0,
    report="apache/mxnet#17818",
)
lost(
    "gradients.middle-layer",
    "of three layers, the middle one's input weights have no gradient",
    lambda case, at: at.part == "input" and 0 < at.layer < case.network.layers - 1,
    report="apache/mxnet#18203",
)
lost(
    "gradients.backward",
    "of two directions, the second has no gradient",
    lambda case, at: at.direction == "backward" and case.network.direction == "both",
)
of_weights(
    "gradients.transposed",
    "the gradient of the recurrent matrix is transposed",
    lambda case, at, g: g.T if at.part == "recurrent" else g,
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
    lambda case, found: replace(found, inputs=found.inputs + np.where(inside(case), 0, 1)),
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


for name, layer, report in (
    ("truncated", Truncated, ""),
    ("accumulated", Accumulates, "apache/mxnet#3274"),
):
    mutant(f"gradients.{name}", (layer.__doc__ or "").rstrip("."), report, base=layer)


def put(
    name: str, what: str, change: Callable[[Case, str, Array], Array], report: str = ""
) -> None:
    """What goes back is changed on its way in: a function of case, part and cotangent."""

    def gradients(self: Any, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        changed = {part: change(case, part, given) for part, given in cotangents.items()}
        return REFERENCE.gradients(case, changed)

    mutant(f"gradients.{name}", what, report, gradients=gradients)


put(
    "finals-detached",
    "what is put on the final states does not go back",
    lambda case, part, given: given if part == "outputs" else 0 * given,
)
put(
    "final-cell-detached",
    "what is put on the final cell state does not go back",
    lambda case, part, given: 0 * given if part == "cell" else given,
    report="deeplearning4j/deeplearning4j#8838",
)
put(
    "finals-put-in-padding",
    "what is put on the final states of short rows goes into their padding, and is lost",
    lambda case, part, given: (
        given
        if part == "outputs" or case.lengths is None
        else np.where((case.lengths == case.steps)[:, None], given, 0)
    ),
    report="OpenNMT/OpenNMT#306",
)
