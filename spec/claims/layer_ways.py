"""Under every card: options, and other ways to the same layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import BIASES
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.layer_lengths import past_end
from rnnspec.spec.claims.layer_states import ANY, EVERYWHERE
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import aimed
from rnnspec.spec.literature import GREFF_2017, SCHUSTER_1997
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial


def _ignored(case: Case) -> Case:
    """The option that the case is aimed at has no effect: what is ordinary is done."""
    network, option = case.network, aimed(case, "option")
    match option:
        case "lengths":
            return case.changed(lengths=None)
        case "states":
            return case.changed(states={})
        case "biases":
            return case.with_weights(lambda at, w: 0 * w if at.part.endswith("bias") else w)
        case "layers":
            return case.with_weights(
                lambda at, w: w if at.part == "input" else case.weights[at._replace(layer=0)]
            )
        case "direction" if network.direction == "both":
            return case.with_weights(lambda at, w: case.weights[at._replace(direction="forward")])
        case "direction":
            weights = {at._replace(direction="forward"): w for at, w in case.weights.items()}
            return case.changed(network=replace(network, direction="forward"), weights=weights)
    return case.changed(network=replace(network, activation="tanh", reset="after"))


def _options(case: Case) -> list[str]:
    """The options of a case that are not the ordinary ones."""
    network = case.network
    taken = {
        "states": True,
        "lengths": case.lengths is not None,
        "direction": network.direction != "forward",
        "layers": network.layers > 1,
        "biases": network.biases != "none",
        "activation": network.activation == "relu",
        "reset": network.reset == "before",
    }
    return [option for option, is_taken in taken.items() if is_taken]


@claim(
    "layer.options",
    card=None,
    statement=(
        "Every option that is offered is obeyed, alone and together with others: lengths, initial "
        "states, direction, depth, biases, activation, reset form. None is accepted and ignored."
    ),
    formula="run(x, option) follows the equations of the network with that option",
    seen=(
        "Cases with all options drawn at random follow the equations. An example counts for one "
        "option, if the same answer without the effect of that option would not."
    ),
    contrast=Contrast("the option that the case is aimed at is ignored", case=_ignored),
    about=EVERYWHERE,
    sizes=replace(ANY, aim={"option": _options}),
    literature=(GREFF_2017, SCHUSTER_1997),
)
def options(trial: Trial, case: Case) -> None:
    """Everything at once; and no bias is a bias of zero."""
    trial.follows(case)
    if case.network.biases == "none":
        for biases in BIASES:
            network = replace(case.network, biases=biases)
            zeros = {at: np.zeros(s) for at, s in network.places() if at not in case.weights}
            biased = case.changed(network=network, weights={**case.weights, **zeros})
            if trial.offers(biased):
                trial.follows(biased)


def _without_states(case: Case) -> Case:
    """The other way does not pass the initial states on, and starts from ones."""
    if not case.way:
        return case
    return case.changed(states={n: np.ones(case.state_shape) for n in case.network.states})


def _ways(kind: str) -> Sizes:
    return replace(ANY, ways=kind)


FORGETFUL = Contrast("the other way starts from states of ones", case=_without_states)


@claim(
    "layer.paths",
    card=None,
    statement=(
        "Every way to the same layer agrees with the others: with and without gradients, packed "
        "and plain, unrolled and looped, compiled and not; and what is asked back does not change "
        "the numbers."
    ),
    formula="run(x, way) = run(x)",
    seen="Each way that the adapter names follows the equations, as far as it gives back numbers.",
    contrast=FORGETFUL,
    about=EVERYWHERE,
    sizes=_ways("path"),
    literature=(GREFF_2017,),
)
def paths(trial: Trial, case: Case) -> None:
    """The other way, judged like the ordinary one."""
    answer = trial.follows(case)
    if answer.outputs is not None:
        past_end(trial, answer)


@claim(
    "layer.layout",
    card=None,
    statement=(
        "How an array is laid out changes no number: time first or batch first, contiguous or "
        "strided, with an axis of rows or without."
    ),
    formula="run(x, layout) = run(x)",
    seen="Each layout that the adapter names follows the equations.",
    contrast=FORGETFUL,
    about=EVERYWHERE,
    sizes=_ways("layout"),
    literature=(GREFF_2017,),
)
def layout(trial: Trial, case: Case) -> None:
    """The other layout, judged like the ordinary one."""
    trial.follows(case)
