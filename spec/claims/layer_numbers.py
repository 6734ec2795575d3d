"""Under every card: what is no number, and how many digits a number has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.layer_states import ANY, EVERYWHERE
from rnnspec.spec.contrast import Contrast, scaled
from rnnspec.spec.interventions import SATURATED, aimed
from rnnspec.spec.literature import HIGHAM_2002, IEEE_754
from rnnspec.spec.trial import Observed, Trial

SPOILERS = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


def _limit(case: Case) -> Case:
    """Finite inputs that do what infinite ones do: one more feature is set where they stand, and
    saturates everything that they would.
    """
    infinite = np.where(np.isinf(case.inputs), np.sign(case.inputs), 0.0).sum(-1, keepdims=True)
    finite = np.where(np.isinf(case.inputs), 0.0, case.inputs)
    weights = {
        at: np.append(w, SATURATED * np.sign(w[:, :1]), axis=1) if at.part == "input" else w
        for at, w in case.weights.items()
    }
    wide = replace(case.network, inputs=case.network.inputs + 1)
    inputs = np.concatenate([finite, infinite], axis=-1)
    return case.changed(network=wide, weights=weights, inputs=inputs)


@claim(
    "layer.nan",
    card=None,
    statement=(
        "A NaN or an infinity in a valid input is not swallowed: NaN reaches every output that "
        "depends on it, an infinity saturates what reads it; and neither reaches another row, or "
        "an output that does not depend on it."
    ),
    formula="isnan(h_t) where h_t depends on x_s = NaN; sigmoid(inf) = 1, tanh(-inf) = -1",
    seen=(
        "One input of one row is replaced. NaN comes out where the equations have it, one layer "
        "does with an infinity what it does with inputs that saturate it, and no bit changes in "
        "other rows or at steps that the input does not reach."
    ),
    contrast=Contrast(
        "what is no number counts as 0",
        case=lambda case: case.changed(inputs=np.where(np.isfinite(case.inputs), case.inputs, 0.0)),
    ),
    about=EVERYWHERE,
    sizes=replace(
        ANY, layers=(1, 2), weights=(1.0, 0.25), aim={"spoiler": lambda case: list(SPOILERS)}
    ),
    literature=(IEEE_754,),
    fewer=2,
)
def nan(trial: Trial, case: Case) -> None:
    """Spoil one number, and look where it went."""
    spoiler = SPOILERS[aimed(case, "spoiler")]
    ends = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
    inputs = case.inputs.copy()
    inputs[ends[0] // 2, 0, 0] = spoiler
    clean = trial.follows(case)
    spoiled = case.changed(inputs=inputs)
    answer = trial.run(spoiled)
    plain = unroll(spoiled)
    for name, part in answer.parts().items():
        others = np.broadcast_to((np.arange(case.rows) > 0)[:, None], part.shape)
        trial.same(name, answer, clean, "of other rows", others)
        if np.isnan(spoiler):
            wanted = plain.parts()[name]
            lost = np.isnan(wanted)
            if name == "outputs" and case.lengths is not None:
                lost &= np.arange(case.steps)[:, None, None] < case.lengths[:, None]
            expected = Observed(None, {name: wanted}, spoiled)
            trial.same(name, answer, expected, "that depend on NaN", lost)
    reached = slice(ends[0] // 2, None) if case.network.direction == "forward" else slice(None)
    if case.network.direction == "forward" and case.network.layers == 1:
        trial.same("outputs", answer, clean, "of earlier steps", slice(None, reached.start))
    bounded = case.network.activation == "tanh" and case.network.layers == 1
    if np.isinf(spoiler) and bounded and not any(np.isnan(p).any() for p in plain.parts().values()):
        limit = trial.expected(Observed(answer.outputs, answer.states, _limit(spoiled)))
        for name, part in answer.parts().items():
            trial.within(name, spoiled, part, limit[name].value, limit[name])


def _other_format(case: Case, answer: Answer) -> Answer:
    """The answer comes back in float32 where it is to be float64, else with more digits."""
    if case.dtype == "float64":
        return scaled(answer, PRECISIONS["float32"].round)
    return scaled(answer, lambda part: part * (1.0 + PRECISIONS[case.dtype].unit / 4.0))


@claim(
    "layer.dtype",
    card=None,
    statement=(
        "The result has the number format that was asked for, and its accuracy, in every format "
        "that the implementation offers."
    ),
    formula="every number returned is one of the dtype; |computed - exact| within its bounds",
    seen="Every number that comes back is looked at; and every run follows the equations.",
    contrast=Contrast("the answer comes back in another format", answer=_other_format),
    about=EVERYWHERE,
    sizes=replace(ANY, lengths="never", steps=(1, 3)),
    literature=(IEEE_754, HIGHAM_2002),
)
def dtype(trial: Trial, case: Case) -> None:
    """Exact in the format, and accurate in it."""
    answer = trial.follows(case)
    for name, part in answer.parts().items():
        rounded = PRECISIONS[case.dtype].round(part)
        trial.within(f"{name} as {case.dtype}", case, part, rounded, np.zeros_like(part))
