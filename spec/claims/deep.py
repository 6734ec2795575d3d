"""Card 9: deep networks, layers on top of one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import DIRECTIONS, Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import count
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.gates import BIASED
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import alone, moved, saturated, turned
from rnnspec.spec.literature import GRAVES_2013, PASCANU_2014
from rnnspec.spec.strategies import WIDE, Sizes
from rnnspec.spec.trial import Trial

CELLS = ("rnn", "lstm", "gru")
SMALL = Sizes(steps=(1, 5), rows=(1, 3), inputs=(1, 4), units=(1, 4), weights=(1.0, 2.0, 0.25))
DEEP = replace(SMALL, layers=(2, 3), lengths="may")


def _pasts_exchanged(case: Case) -> Case:
    """The first layer and the second read each other's weights of the past."""
    other = {0: 1, 1: 0}

    def exchanged(at: Place, w: Array) -> Array:
        if at.part == "input":
            return w
        return case.weights.get(at._replace(layer=other.get(at.layer, at.layer)), w)

    return case.with_weights(exchanged)


@claim(
    "deep.stacked",
    card=9,
    statement=(
        "A deep network of L layers is L layers, one after another, each fed the whole output "
        "sequence of the one below."
    ),
    formula="outputs of layer l = layer l (outputs of layer l - 1), the first reads the inputs",
    seen=(
        "The stack is run whole, and its first layers alone: where they end in the same states to "
        "the last bit, their outputs are what the next layer read, and each layer is judged on "
        "its own. And each layer is run alone on what came out below it."
    ),
    contrast=Contrast("two layers read each other's weights of the past", case=_pasts_exchanged),
    about={"cell": CELLS, "direction": tuple(DIRECTIONS)},
    sizes=replace(WIDE, layers=(2, 3), lengths="may", large=False),
    literature=(GRAVES_2013, PASCANU_2014),
)
def stacked(trial: Trial, case: Case) -> None:
    """The whole, and layer by layer."""
    trial.follows(case)
    below = case.inputs
    for layer in range(case.network.layers):
        halves = []
        for direction in case.network.directions:
            backward = direction == "backward"
            read = turned(below, case) if backward else below
            run = alone(case, read, layer, direction)
            given = trial.follows(run).outputs if trial.offers(run) else None
            if given is None:
                return
            halves.append(turned(given, case) if backward else given)
        below = np.concatenate(halves, axis=-1)


def _input_added(case: Case, answer: Answer) -> Answer:
    """The input is added to the output."""
    return Answer(answer.outputs + case.inputs.sum(axis=-1, keepdims=True), answer.states)


SHUT: dict[str, dict[str, str]] = {
    "rnn": {"hidden": "closed"},
    "lstm": {"forget": "closed", "input": "closed", "output": "closed"},
    "gru": {"update": "closed", "reset": "open", "candidate": "open"},
}
"""What makes the first layer put out one and the same, whatever it reads. (A GRU's candidate may
have its bias on the side of the past alone, where a reset gate is multiplied with it.)"""


@claim(
    "deep.hierarchy",
    card=9,
    statement=(
        "In a deep network a layer sees the input only through the layer below it: where that "
        "one puts out the same, so does everything above, whatever the input was."
    ),
    formula="equal outputs of layer l give equal outputs of layer l + 1",
    seen=(
        "The gates of the first layer are saturated, so that it puts out one and the same. Then "
        "another input, of the same lengths, changes nothing but roundings."
    ),
    contrast=Contrast("the input is added to the output", answer=_input_added),
    about={"cell": CELLS, "direction": tuple(DIRECTIONS), "biases": BIASED},
    sizes=replace(DEEP, weights=(1.0, 0.25)),
    errata=(
        Erratum(
            card="Layers form a hierarchy: words at the bottom, then sentences, then paragraphs.",
            stops="What follows from stacking is that each layer reads the one below alone. What "
            "it holds of words or sentences is a matter of training (deep.timescales).",
            smallest="two layers with weights of 0: every layer holds nothing at all",
        ),
    ),
    literature=(PASCANU_2014,),
    fewer=2,
)
def hierarchy(trial: Trial, case: Case) -> None:
    """Nothing passes a layer that puts out the same."""
    shut = saturated(case, **SHUT[case.network.cell])
    one, two = (trial.run(run) for run in (shut, shut.changed(inputs=moved(case.inputs))))
    for part in one.parts():
        trial.alike(part, one, two, "above a layer that puts out the same")


def _as_the_first(network: Network, counted: int) -> int:
    """Every layer has as many parameters as the first."""
    return network.layers * count(replace(network, layers=1))


@claim(
    "deep.parameters",
    card=9,
    kind="count",
    statement=(
        "Every layer above the first reads the output of the one below, both directions of it "
        "where there are two, and has parameters for that."
    ),
    formula="parameters = D (P(I) + (L - 1) P(D H)), P(n) those of one direction that reads n",
    seen="The implementation's own counts of deep networks, against its counts of single layers.",
    contrast=Contrast("every layer has the parameters of the first", count=_as_the_first),
    about={"cell": CELLS, "direction": tuple(DIRECTIONS)},
    sizes=Sizes(steps=(1, 1), rows=(1, 1), inputs=(1, 12), units=(1, 12), layers=(2, 3)),
    literature=(GRAVES_2013, PASCANU_2014),
    fewer=5,
)
def counted(trial: Trial, case: Case) -> None:
    """The sum over layers and directions."""
    network = case.network
    one = trial.offered(replace(network, layers=1, direction="forward"))
    directions = len(network.directions)
    first = trial.count(one)
    upper = trial.count(replace(one, inputs=network.width(1)))
    expected = directions * (first + (network.layers - 1) * upper)
    trial.exactly("parameters", case, trial.count(network), expected)
