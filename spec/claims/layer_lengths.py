"""Under every card: sequences of different lengths, and none at all."""

from __future__ import annotations

from dataclasses import replace
from textwrap import shorten

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Lost
from rnnspec.reference.unroll import valid_steps
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.layer_states import ANY, EVERYWHERE
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import aimed, moved
from rnnspec.spec.literature import SCHUSTER_1997
from rnnspec.spec.trial import Observed, Trial, WrongAnswer, told


@claim(
    "layer.padding",
    card=None,
    statement=(
        "Where rows have lengths, the steps past the end of a row change nothing, not even when "
        "they hold NaN: neither its valid outputs nor its final states, in either direction, in "
        "any layer. What the outputs hold there is what is documented."
    ),
    formula="valid outputs and final states do not depend on x_t, t > length",
    seen=(
        "The layer follows the equations; then other numbers, and NaN, stand past the ends, and "
        "no bit changes. Past the end stands 0, or the last valid output, as declared."
    ),
    contrast=Contrast("lengths are ignored", case=lambda case: case.changed(lengths=None)),
    about=EVERYWHERE,
    sizes=replace(ANY, lengths="must"),
    literature=(SCHUSTER_1997,),
)
def padding(trial: Trial, case: Case) -> None:
    """What is in the padding, and what comes out of it."""
    valid = valid_steps(case)
    answer = trial.follows(case)
    assert valid is not None
    at = np.broadcast_to(valid, answer.outputs.shape)
    for padded in (moved(case.inputs), np.full_like(case.inputs, np.nan)):
        other = trial.run(case.changed(inputs=np.where(valid, case.inputs, padded)))
        trial.same("outputs", other, answer, "with something else in the padding", at)
        for name in case.network.states:
            trial.same(name, other, answer, "with something else in the padding")
    past_end(trial, answer)


def past_end(trial: Trial, answer: Observed) -> None:
    """What the outputs hold past the end of a row is what is documented, if anything is."""
    case, documented = answer.case, trial.past_end(answer.case.network)
    valid = valid_steps(case)
    if documented == "unspecified" or case.lengths is None or valid is None:
        return
    held = answer.outputs[case.lengths - 1, np.arange(case.rows)]
    past = ~np.broadcast_to(valid, answer.outputs.shape)
    expected = np.broadcast_to(held if documented == "held" else 0.0, past.shape)
    wanted = Observed(expected, {}, case)
    trial.same("outputs", answer, wanted, f"past the end, documented as {documented}", past)


def _empties(case: Case) -> list[str]:
    """What can be left out of a case."""
    return ["no steps", "no rows", *([] if case.lengths is None else ["a row of no steps"])]


def _zeroed(case: Case, answer: Answer) -> Answer:
    """The final states are zero, and there is a row of them where there are no rows."""
    shape = (*case.state_shape[:1], max(case.rows, 1), *case.state_shape[2:])
    return Answer(answer.outputs, {name: np.zeros(shape) for name in answer.states})


@claim(
    "layer.empty",
    card=None,
    statement=(
        "With no steps, no rows, or a row of length 0, a layer says clearly that it will not, or "
        "gives empty outputs and returns the initial state."
    ),
    formula="T = 0 or length = 0: final states = initial states",
    seen=(
        "It is called so. What it raises with words is taken for a clear refusal, which the "
        "report quotes."
    ),
    contrast=Contrast("the final states are zero, of no rows as well", answer=_zeroed),
    about=EVERYWHERE,
    sizes=replace(ANY, layers=(1, 2), steps=(1, 3), states=True, aim={"empty": _empties}),
    literature=(SCHUSTER_1997,),
    fewer=5,
)
def empty(trial: Trial, case: Case) -> None:
    """Refused in words, or nothing done."""
    run = _emptied(case, aimed(case, "empty"))
    try:
        answer = trial.run(run)
    except (WrongAnswer, Lost):
        raise
    except Exception as no:
        if not str(no).strip():
            raise
        trial.note(aimed(case, "empty"), f"refused ({shorten(told(no), 160, placeholder=' ...')})")
        return
    for name, state in answer.states.items():
        at = slice(None) if run.steps == 0 else (slice(None), slice(0, 1))
        trial.same(name, answer, Observed(None, {name: run.state(name)}, run), "of nothing", at)
        trial.exactly(f"the size of {name}", run, state.size, run.state(name).size)


def _emptied(case: Case, what: str) -> Case:
    """No steps at all, no rows, or a first row that has none."""
    if what == "no rows":
        states = {name: state[:, :0] for name, state in case.states.items()}
        none = None if case.lengths is None else case.lengths[:0]
        return case.changed(inputs=case.inputs[:, :0], states=states, lengths=none)
    if what == "a row of no steps":
        assert case.lengths is not None
        return case.changed(lengths=np.array([0, *case.lengths[1:]], dtype=np.int64))
    return case.changed(inputs=case.inputs[:0], lengths=None)
