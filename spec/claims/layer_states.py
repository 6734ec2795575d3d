"""Under every card: the states, given, returned and carried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import DIRECTIONS
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.deep import CELLS, SMALL
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.literature import SCHUSTER_1997, WERBOS_1990
from rnnspec.spec.trial import Trial

ANY = replace(SMALL, layers=(1, 3), lengths="may", steps=(1, 6))
EVERYWHERE = {"cell": CELLS, "direction": tuple(DIRECTIONS)}


def _forgotten(case: Case) -> Case:
    """The states that are given are not used."""
    return case.changed(states={})


@claim(
    "layer.split",
    card=None,
    statement=(
        "Running a sequence in two pieces, the second from the states that the first returned, "
        "is running it whole."
    ),
    formula="run(x, s) = run(x[:k], s), then run(x[k:], the states that this returned)",
    seen="The whole and both pieces follow the equations; the second piece is given the states.",
    contrast=Contrast("states that are given are not used", case=_forgotten),
    about={"cell": CELLS},
    sizes=replace(SMALL, steps=(2, 8), layers=(1, 3)),
    literature=(WERBOS_1990,),
)
def split(trial: Trial, case: Case) -> None:
    """Cut in the middle."""
    trial.follows(case)
    states = case.states
    for piece in np.split(case.inputs, [case.steps // 2]):
        states = trial.follows(case.changed(inputs=piece, states=states)).states


def _a_step_early(case: Case, answer: Answer) -> Answer:
    """The states are those before the last step of the whole batch."""
    if case.steps == 1:
        return Answer(answer.outputs, {n: case.state(n) for n in case.network.states})
    lengths = None if case.lengths is None else np.minimum(case.lengths, case.steps - 1)
    before = unroll(case.changed(inputs=case.inputs[:-1], lengths=lengths))
    return Answer(answer.outputs, before.states)


@claim(
    "layer.final-state",
    card=None,
    statement=(
        "The final states are those after each sequence's last valid step; for the backward "
        "direction, after its first."
    ),
    formula="final h = outputs[length - 1] (forward), outputs[0] (backward), of the top layer",
    seen=(
        "They follow the equations, in every layer and direction; and the hidden state of the top "
        "layer is the output of that step."
    ),
    contrast=Contrast("the states are those of a step earlier", answer=_a_step_early),
    about=EVERYWHERE,
    sizes=ANY,
    literature=(SCHUSTER_1997,),
)
def final_state(trial: Trial, case: Case) -> None:
    """By the equations, and by the outputs."""
    answer = trial.follows(case)
    network = case.network
    ends = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
    halves = np.split(answer.outputs, len(network.directions), axis=-1)
    last = {"forward": ends - 1, "backward": np.zeros_like(ends)}
    returned = np.stack(
        [
            half[last[direction], np.arange(case.rows)]
            for half, direction in zip(halves, network.directions, strict=True)
        ]
    )
    hidden = answer.states["hidden"]
    level = trial.implementation.levels[case.dtype]
    bound = Bounds.of(case.dtype, level).seen(returned)  # both may be roundings of one wider number
    slack, at = 2.0 * np.asarray(bound.error), slice(-len(network.directions), None)
    trial.within("the final hidden state", case, hidden[at], returned, slack, "hidden", at)


def _other_order(case: Case) -> Case:
    """States are taken in the opposite order of layers and directions; a single one is ignored."""
    if case.state_shape[0] == 1:
        return _forgotten(case)
    return case.changed(states={name: state[::-1] for name, state in case.states.items()})


@claim(
    "layer.initial-state",
    card=None,
    statement=(
        "A missing initial state means zeros; one that is given is used, by every layer and "
        "direction, in the documented order. Either state of an LSTM may be given alone."
    ),
    formula="run(x) = run(x, zeros)",
    seen="Every subset of the states is given, and zeros: each run follows the equations.",
    contrast=Contrast(
        "states are taken in the opposite order, a single one not", case=_other_order
    ),
    about=EVERYWHERE,
    sizes=replace(ANY, steps=(1, 4), states=True),
    literature=(SCHUSTER_1997,),
)
def initial_state(trial: Trial, case: Case) -> None:
    """All, none, zeros, and each alone."""
    zeros = {name: np.zeros_like(state) for name, state in case.states.items()}
    given: list[dict[str, Array]] = [dict(case.states), {}, zeros]
    if len(case.states) > 1:
        given += [{name: state} for name, state in case.states.items()]
    for states in given:
        trial.follows(case.changed(states=states))
