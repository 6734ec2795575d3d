"""Card 6: how the hidden state is calculated."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.cells import tanh
from rnnspec.reference.network import DIRECTIONS, Network
from rnnspec.reference.operations import sigmoid
from rnnspec.reference.symbols import printed
from rnnspec.spec.claim import claim
from rnnspec.spec.contrast import Contrast, exchanged
from rnnspec.spec.interventions import SATURATED
from rnnspec.spec.literature import GERS_2000, HOCHREITER_1997
from rnnspec.spec.strategies import WIDE, Sizes
from rnnspec.spec.trial import Trial, WrongAnswer


@claim(
    "lstm.hidden-state",
    card=6,
    statement="The hidden state is the output gate times the tanh of the new cell state.",
    formula=printed(Network("lstm", 1, 1), "h_t", "o_t"),
    seen=(
        "Every step is recomputed from the hidden state that the layer itself returned before it, "
        "with the cell state carried along by the equations."
    ),
    contrast=exchanged("output", "input"),
    about={"cell": ("lstm",), "direction": tuple(DIRECTIONS)},
    sizes=WIDE,
    literature=(HOCHREITER_1997, GERS_2000),
)
def hidden_state(trial: Trial, case: Case) -> None:
    """Every output and the final hidden state follow the equation."""
    trial.follows(case, "outputs", "hidden")


def _other_order(case: Case, answer: Answer) -> Answer:
    """The states come back in the other order."""
    return Answer(
        answer.outputs, {"hidden": answer.states["cell"], "cell": answer.states["hidden"]}
    )


@claim(
    "lstm.hidden-range",
    card=6,
    statement=(
        "The hidden state is 0 or has the sign of the cell state, and is never larger than the "
        "tanh of it, which is never larger than 1."
    ),
    formula="h_t lies between 0 and tanh(c_t); |h_t| <= |tanh(c_t)| <= 1",
    seen="From the final states that the layer returns, alone, whatever the weights are.",
    contrast=Contrast("the states are returned in the other order", answer=_other_order),
    about={"cell": ("lstm",)},
    sizes=Sizes(weights=(1.0, 2.0, 8.0), cells=(1.0, 8.0)),
    literature=(HOCHREITER_1997,),
    fewer=2,
)
def hidden_range(trial: Trial, case: Case) -> None:
    """The returned pair, with the allowance of one tanh and one gate that is fully open."""
    answer = trial.run(case)
    bounds = Bounds.of(case.dtype, trial.implementation.levels[case.dtype])
    cell = answer.states["cell"]
    if np.isnan(cell).any():  # it would allow anything
        raise WrongAnswer("cell holds NaN where a number belongs")
    opened = sigmoid(bounds.given(np.full_like(cell, SATURATED)))
    limit = (opened * tanh(bounds.seen(cell))).settled()
    low, high = np.minimum(limit.value, 0.0), np.maximum(limit.value, 0.0)
    trial.between("hidden", case, answer.states["hidden"], low, high, np.asarray(limit.error))
