"""Card 1 and under every card: the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import fsum

import numpy as np

from rnnspec.reference.case import Case, Gradients
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.layer_states import ANY, EVERYWHERE
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import aimed
from rnnspec.spec.literature import GERS_2000, GREFF_2017, WERBOS_1990
from rnnspec.spec.numbers import Numbers
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Observed, Trial

WIDE = 24
"""Formats of so many digits or more carry a bound back through time; in others it says nothing
after a step or two."""


def _parts(case: Case) -> Sequence[str]:
    return ["outputs", *case.network.states]


def _paddings(case: Case) -> Sequence[str]:
    return ["numbers"] if case.lengths is None else ["numbers", "nan"]


def _twice(case: Case, found: Gradients) -> Gradients:
    """Every gradient is twice what it should be."""
    return Gradients(
        found.answer,
        2.0 * found.inputs,
        {name: 2.0 * g for name, g in found.states.items()},
        {place: 2.0 * g for place, g in found.weights.items()},
    )


def cotangent(case: Case, part: str) -> dict[str, Array]:
    """Numbers of either sign, none zero, for one part of the answer; none past the end of a row."""
    shape = case.output_shape if part == "outputs" else case.shape_of(part)
    numbers = Numbers(len(case.weights) + case.steps, 8, PRECISIONS[case.dtype])
    drawn = numbers.array(shape, 1.0)
    if part == "outputs" and case.lengths is not None:
        drawn = np.where(np.arange(case.steps)[:, None, None] < case.lengths[:, None], drawn, 0.0)
    return {part: drawn}


def short(case: Case) -> Case:
    """A case as it is in a wide format; its first step and layer in a narrow one."""
    if PRECISIONS[case.dtype].digits >= WIDE:
        return case
    lengths = None if case.lengths is None else np.minimum(case.lengths, 1)
    return case.first_layers(1).changed(inputs=case.inputs[:1], lengths=lengths)


@claim(
    "layer.gradients",
    card=None,
    statement=(
        "Gradients with respect to the inputs, the initial states and every weight are those of "
        "the equations: through time, layers, directions and lengths, from any part of the answer."
    ),
    formula="backpropagation through time of the equations, read as bounds",
    seen=(
        "A cotangent is put on one part of the answer. Every gradient is compared with the "
        "equations' own, taken back from the states that the layer returned; twice in a row; "
        "with numbers, or with NaN, past the ends of the rows."
    ),
    contrast=Contrast("every gradient is twice what it should be", gradients=_twice),
    about=EVERYWHERE,
    sizes=replace(
        ANY,
        steps=(1, 5),
        units=(1, 4),
        weights=(1.0, 0.25),
        cells=(1.0, 1 / 64),
        aim={"part": _parts, "padding": _paddings},
    ),
    literature=(WERBOS_1990,),
)
def gradients(trial: Trial, case: Case) -> None:
    """From one part of the answer to everything."""
    case = short(case)
    if case.lengths is not None and aimed(case, "padding") == "nan":
        valid = np.arange(case.steps)[:, None, None] < case.lengths[:, None]
        case = case.changed(inputs=np.where(valid, case.inputs, np.nan))
    cotangents = cotangent(case, aimed(case, "part"))
    one = trial.follows_back(case, cotangents)
    two = trial.follows_back(case, cotangents)
    for name, part in one.parts().items():
        first, again = (Observed(None, {name: g}, case) for g in (part, two.parts()[name]))
        trial.same(name, again, first, "gone back to once more")


def _gates_climb(case: Case, found: Gradients) -> Gradients:
    """The gates are trained the wrong way."""
    weights = {at: g if at.block == "candidate" else -g for at, g in found.weights.items()}
    return replace(found, weights=weights)


@claim(
    "lstm.trained",
    card=1,
    statement=(
        "The parameters of the gates are trained by backpropagation: each has a gradient, that of "
        "backpropagation through time, and a step against it lowers the loss."
    ),
    formula="dL/dW of every block, by the chain rule through f_t, i_t, c~_t, o_t; L(W - s dL/dW)",
    seen=(
        "A loss is put on the outputs. The gradient of every block is compared with the equations' "
        "own; after a step against it, the layer is run again, and its loss is that of the "
        "equations, which has fallen."
    ),
    contrast=Contrast("the gates are trained the wrong way", gradients=_gates_climb),
    about={"cell": ("lstm",)},
    sizes=Sizes(
        steps=(2, 5), rows=(1, 3), units=(1, 4), weights=(1.0, 0.25), cells=(1.0,), states=True
    ),
    literature=(GERS_2000, GREFF_2017, WERBOS_1990),
    fewer=2,
)
def trained(trial: Trial, case: Case) -> None:
    """Every block has its gradient; a step against it lowers the loss."""
    case = short(case)
    cotangents = cotangent(case, "outputs")
    found = trial.follows_back(case, cotangents)
    if case.dtype != "float64":
        return
    size = sum(float(np.sum(g * g)) for g in found.weights.values())
    if not 0.0 < size < np.inf:
        return
    before, bound, _ = _loss(trial, trial.follows(case), cotangents["outputs"])
    for step in (2.0**-3, 2.0**-6, 2.0**-9):
        stepped = case.with_weights(
            lambda at, w, s=step: w - s / size * found.weights[at]  # type: ignore[misc]
        )
        answer = trial.follows(stepped)
        after, bound_after, observed = _loss(trial, answer, cotangents["outputs"])
        if np.all(after + 2.0 * (bound + bound_after) < before):
            trial.within("the loss after a step", stepped, observed, after, bound_after)
            trial.exactly("the loss has fallen", stepped, np.all(observed < before), True)
            return


def _loss(trial: Trial, answer: Observed, cotangent: Array) -> tuple[Array, Array, Array]:
    """The weighted sum of the outputs: as it must be, how far off it may be, as it was seen."""
    allowed = trial.expected(answer)["outputs"]
    terms = (
        cotangent * allowed.value,
        np.abs(cotangent) * allowed.error,
        cotangent * answer.outputs,
    )
    expected, bound, observed = (np.array([fsum(each.ravel())]) for each in terms)
    return expected, bound, observed
