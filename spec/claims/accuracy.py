"""Under every card: how accurate the sigmoid and the tanh are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.gates import BIASED
from rnnspec.spec.contrast import Contrast, scaled
from rnnspec.spec.interventions import SATURATED, aimed, bias_of
from rnnspec.spec.literature import HIGHAM_2002
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial

PROBES: dict[str, dict[str, tuple[dict[str, float], dict[str, float]]]] = {
    "rnn": {"hidden": ({}, {})},
    "lstm": {
        "forget": ({}, {"cell": 1.0}),
        "input": ({"candidate": SATURATED}, {}),
        "output": ({"forget": SATURATED}, {"cell": SATURATED}),
        "candidate": ({"input": SATURATED}, {}),
    },
    "gru": {"update": ({}, {"hidden": 1.0}), "candidate": ({"update": -SATURATED}, {})},
}
"""For each block that can be seen through one step: the biases of the other blocks, and the initial
states, that let its sigmoid or tanh of the input pass unchanged."""


def _off(case: Case, answer: Answer) -> Answer:
    """Every result is off by eight times what the poorest level allows of a value: what lets it
    through unchanged is a sigmoid or tanh as well.
    """
    error = 8.0 * RELATIVE.relative * PRECISIONS[case.dtype].unit
    return scaled(answer, lambda part: part * (1.0 + error))


def _blocks(case: Case) -> Sequence[str]:
    return list(PROBES[case.network.cell])


@claim(
    "layer.accuracy",
    card=None,
    statement=(
        "Sigmoid and tanh keep the accuracy that the implementation declares, near zero and in the "
        "saturated tails too: a share of the value (level relative) or of full scale (level "
        "absolute)."
    ),
    formula="|computed - exact| <= 32 u |exact| (relative) or 10 u (absolute), u the unit roundoff",
    seen=(
        "Weights and states are set so that one step passes the sigmoid or tanh of one block to "
        "the outside unchanged, at inputs from 2^-12 to 2^7 of either sign."
    ),
    contrast=Contrast("every result off by 256 u of its value", answer=_off),
    about={"cell": ("rnn", "lstm", "gru"), "activation": ("tanh",), "biases": BIASED},
    sizes=Sizes(
        steps=(1, 1),
        rows=(1, 48),
        inputs=(1, 1),
        units=(1, 1),
        data=(1.0, 8.0, 32.0, 128.0, 2.0**-4, 2.0**-12),
        aim={"block": _blocks},
    ),
    literature=(HIGHAM_2002,),
)
def accuracy(trial: Trial, case: Case) -> None:
    """One function of the input, seen alone."""
    block = aimed(case, "block")
    biases, states = PROBES[case.network.cell][block]
    at = {bias_of(case.network, other): bias for other, bias in biases.items()}
    seen_through = Place(0, case.network.directions[0], block, "input")

    def probe(place: Place, array: Array) -> Array:
        value = 1.0 if place == seen_through else at.get(place, 0.0)
        return np.full_like(array, value)

    given = {name: np.full(case.state_shape, value) for name, value in states.items()}
    alone = case.with_weights(probe).changed(states=given)
    trial.follows(alone, "cell" if case.network.cell == "lstm" and block != "output" else "outputs")
