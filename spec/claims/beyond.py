"""Beyond the cards: what many layers offer as well. Who doesn't offer it is not asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import DIRECTIONS, Network
from rnnspec.reference.symbols import printed
from rnnspec.reference.unroll import count
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.deep import CELLS
from rnnspec.spec.claims.layer_gradients import cotangent, short
from rnnspec.spec.claims.layer_states import ANY
from rnnspec.spec.contrast import Contrast, without
from rnnspec.spec.literature import (
    ELMAN_1990,
    GAL_2016,
    GERS_2002,
    GREFF_2017,
    ONNX_OPERATORS,
    SAK_2014,
)
from rnnspec.spec.trial import NotOffered, Trial

LSTM = {"cell": ("lstm",), "direction": tuple(DIRECTIONS)}
ANY_CELL = {"cell": CELLS, "direction": tuple(DIRECTIONS)}
SEEN = (
    "Every step is recomputed from the states that the layer itself returned, as under the cards; "
    "the gradients, where there is a backward pass."
)
SIZES = replace(ANY, steps=(1, 4), units=(2, 5), layers=(1, 2))


def _follows(trial: Trial, case: Case) -> None:
    """Forward; and back, from the outputs, where that is offered."""
    trial.follows(case)
    run = short(case)
    with suppress(NotOffered):
        trial.follows_back(run, cotangent(run, "outputs"))


def _counted(trial: Trial, case: Case) -> None:
    """And its parameters are as many as the equations need, where it has some of its own."""
    _follows(trial, case)
    with suppress(NotOffered):
        counted, wanted = trial.count(case.network), count(case.network)
        trial.exactly("parameters", case, counted, wanted)


def _first_units(case: Case) -> Case:
    """The first units are shown, as they are."""
    return case.with_weights(lambda at, w: np.eye(*w.shape) if at.part == "projection" else w)


projection = claim(
    "beyond.projection",
    card=None,
    statement=(
        "Where the hidden state is projected, it is a matrix times what the output gate shows. It "
        "is that which the next step and the next layer read, and it is smaller than the cell "
        "state."
    ),
    formula=printed(Network("lstm", 1, 1, projection=1), "c_t", "h_t"),
    seen=SEEN,
    contrast=Contrast("the first units are shown, and not projected", case=_first_units),
    about=LSTM,
    sizes=SIZES,
    extra="projection",
    literature=(SAK_2014,),
    fewer=2,
)(_counted)

peepholes = claim(
    "beyond.peepholes",
    card=None,
    statement=(
        "With peepholes each gate sees, of the cell state, the element of its own unit: forget and "
        "input gate the old one, the output gate the new one."
    ),
    formula=printed(Network("lstm", 1, 1, peepholes=True), "f_t", "i_t", "o_t"),
    seen=SEEN,
    contrast=without("peepholes", "peephole"),
    about=LSTM,
    sizes=replace(SIZES, cells=(1.0, 8.0), states=True),
    extra="peepholes",
    literature=(GERS_2002,),
    fewer=2,
)(_counted)


def _half_open(case: Case) -> Case:
    """The forget gate does what it does without any parameters: it is half open."""
    network = replace(case.network, coupled=False)
    weights = {at: case.weights.get(at, np.zeros(shape)) for at, shape in network.places()}
    return case.changed(network=network, weights=weights)


coupled = claim(
    "beyond.coupled-gates",
    card=None,
    statement=(
        "With coupled gates the forget gate is what the input gate leaves: what is added takes the "
        "place of what is forgotten. There are three blocks of parameters."
    ),
    formula=printed(Network("lstm", 1, 1, coupled=True), "c_t", "i_t"),
    seen=SEEN,
    contrast=Contrast("the forget gate is half open, whatever the input gate is", case=_half_open),
    about=LSTM,
    sizes=SIZES,
    extra="coupled",
    literature=(GREFF_2017,),
    fewer=2,
)(_follows)


def _unclipped(name: str) -> Contrast:
    off: dict[str, Any] = {name: 0.0}
    return Contrast(
        "nothing is clipped",
        case=lambda case: case.changed(network=replace(case.network, **off)),
    )


clipped_sums = claim(
    "beyond.clipped-sums",
    card=None,
    statement=(
        "Where sums are clipped, each activation of a gate and of the candidate sees no more than "
        "the limit, of either sign."
    ),
    formula=printed(Network("rnn", 1, 1, clip=1.0), "h_t")
    + "\n"
    + printed(Network("lstm", 1, 1, clip=1.0), "f_t", "c~_t")
    + "\n"
    + printed(Network("gru", 1, 1, clip=1.0), "n_t"),
    seen=SEEN,
    contrast=_unclipped("clip"),
    about=ANY_CELL,
    sizes=replace(SIZES, weights=(1.0, 4.0)),
    errata=(
        Erratum(
            card="Clipping bounds what goes into every activation.",
            stops="What an LSTM shows of its cell state goes through one too. ONNX's text "
            "would have it clipped, ONNX Runtime does not: it is no sum, and the claim lets it be.",
            smallest=(
                "one unit, all weights zero, a limit of 1, c_{t-1} = 4: c_t is 2 and h_t is "
                "tanh(2) / 2 = 0.482, where tanh(1) / 2 would be 0.381"
            ),
        ),
    ),
    extra="clip",
    literature=(ONNX_OPERATORS,),
    fewer=2,
)(_follows)

clipped_cell = claim(
    "beyond.clipped-cell",
    card=None,
    statement=(
        "Where the cell state is clipped, it never leaves the limits, and it is the clipped one "
        "that is shown and carried on."
    ),
    formula=printed(Network("lstm", 1, 1, cell_clip=1.0), "c_t", "h_t"),
    seen=SEEN,
    contrast=_unclipped("cell_clip"),
    about=LSTM,
    sizes=replace(SIZES, cells=(8.0, 1.0)),
    extra="cell_clip",
    literature=(SAK_2014,),
    fewer=2,
)(_follows)


def _forward(trial: Trial, case: Case) -> None:
    """Forward alone: what goes back is layer.gradients' concern."""
    trial.follows(case)


def _tanh(case: Case) -> Case:
    return case.changed(network=replace(case.network, activation="tanh"))


relu = claim(
    "beyond.relu",
    card=None,
    statement="A simple unit may squash with a rectifier instead: below zero it is silent.",
    formula=printed(Network("rnn", 1, 1, activation="relu"), "h_t"),
    seen="Every step is recomputed from the hidden state that the layer itself returned before it.",
    contrast=Contrast("tanh in its place", case=_tanh),
    about={"cell": ("rnn",), "direction": tuple(DIRECTIONS), "activation": ("relu",)},
    sizes=SIZES,
    literature=(ELMAN_1990,),
    fewer=2,
)(_forward)


def _as_in_training(case: Case) -> Case:
    """What is kept of the past counts twice, as if the other half were dropped."""
    if not case.way:
        return case
    return case.with_weights(lambda at, w: 2.0 * w if at.part == "recurrent" else w)


dropout = claim(
    "beyond.dropout-off",
    card=None,
    statement=(
        "A layer that is told to drop out inputs, outputs or its past in training drops and scales "
        "nothing at inference."
    ),
    formula="run(x, dropout) = run(x), at inference",
    seen="A layer is made with dropout, and called for inference: it follows the equations.",
    contrast=Contrast("what is kept of the past counts twice", case=_as_in_training),
    about=ANY_CELL,
    sizes=replace(SIZES, ways="inference"),
    literature=(GAL_2016,),
    fewer=2,
)(_forward)
