"""Card 12: what two directions cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import count
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.bidirectional import BOTH_FORWARD, last_moved
from rnnspec.spec.claims.deep import CELLS, SMALL
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import alone
from rnnspec.spec.literature import GRAVES_2013, SCHUSTER_1997
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial

DEEP = Network("lstm", 1, 1, layers=2)


@claim(
    "bi.parameters",
    card=12,
    kind="count",
    statement="A layer with two directions has twice the parameters of one direction.",
    formula="parameters(both) = 2 parameters(forward), for one layer",
    seen="The implementation's own counts.",
    contrast=Contrast(
        "both directions share their parameters",
        count=lambda network, count: count // len(network.directions),
    ),
    about={"cell": CELLS, "direction": ("both",)},
    sizes=Sizes(steps=(1, 1), rows=(1, 1), inputs=(1, 20), units=(1, 20)),
    errata=(
        Erratum(
            card="Two directions have twice the parameters.",
            stops="In deep networks they have more, since every layer above the first reads both "
            "halves of the one below.",
            smallest="LSTM, 1 input, 1 unit, two bias vectors, 2 layers: {} against {}".format(
                count(DEEP), count(replace(DEEP, direction="both"))
            ),
        ),
    ),
    literature=(SCHUSTER_1997,),
    fewer=5,
)
def parameters(trial: Trial, case: Case) -> None:
    """Twice as many."""
    one = trial.count(replace(case.network, direction="forward"))
    trial.exactly("parameters", case, trial.count(case.network), 2 * one)


@claim(
    "bi.latency",
    card=12,
    statement=(
        "With two directions the first output waits for the last input: the layer looks T - 1 "
        "steps ahead. With one direction it looks 0 steps ahead, so that a sequence can be run "
        "in pieces, as it arrives, and gives the same."
    ),
    formula="look-ahead: T - 1 steps (both), 0 (forward)",
    seen=(
        "The last input is changed: the first output follows the equations, in which it moves. "
        "The same forward layer alone is run in two pieces, the second from the states that the "
        "first returned: each follows the equations."
    ),
    contrast=BOTH_FORWARD,
    about={"cell": CELLS, "direction": ("both",)},
    sizes=replace(SMALL, steps=(2, 6)),
    literature=(GRAVES_2013, SCHUSTER_1997),
    fewer=2,
)
def latency(trial: Trial, case: Case) -> None:
    """Both directions wait; one can stream."""
    trial.follows(case)
    trial.follows(case.changed(inputs=last_moved(case.inputs)))
    one = alone(case, case.inputs)
    if not trial.offers(one):
        return
    half = one.steps // 2
    states = one.states
    for piece in np.split(one.inputs, [half]):
        answer = trial.follows(one.changed(inputs=piece, states=states))
        states = answer.states
