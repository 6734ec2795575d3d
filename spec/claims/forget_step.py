"""Card 4: why the product of forget gate and cell state is called the forget step."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.gates import BIASED
from rnnspec.spec.contrast import exchanged
from rnnspec.spec.interventions import saturated
from rnnspec.spec.literature import GERS_2000
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial


@claim(
    "lstm.forget-step",
    card=4,
    statement=(
        "The forget step scales each element of the cell state by a sigmoid, so the result lies "
        "between 0 and that element: it keeps the sign and never grows."
    ),
    formula="f_t * c_{t-1} lies between 0 and c_{t-1}",
    seen="With the input gate closed, the new cell state is the forget step.",
    contrast=exchanged("input", "candidate"),
    about={"cell": ("lstm",), "biases": BIASED},
    sizes=Sizes(steps=(1, 1), states=True, weights=(1.0, 2.0, 8.0)),
    errata=(
        Erratum(
            card="The forget step varies in the interval from 0 to the previous cell state.",
            stops="Where the previous cell state is negative, that interval is reversed.",
            smallest="one unit, f = 1/2, c = -1: the forget step is -1/2, below 0 and above -1",
        ),
        Erratum(
            card="A sigmoid lies in the closed interval from 0 to 1.",
            stops="It lies in the open interval, and reaches its ends by rounding only.",
            smallest="in float32, sigmoid(18) is 1 - 2e-8, which rounds to 1",
        ),
    ),
    literature=(GERS_2000,),
    fewer=2,
)
def forget_step(trial: Trial, case: Case) -> None:
    """Between zero and what was there, with the rounding allowance of the step."""
    only = saturated(case, input="closed")
    answer = trial.run(only)
    before, after = case.state("cell"), answer.states["cell"]
    trial.between(
        "the forget step",
        only,
        after,
        np.minimum(before, 0.0),
        np.maximum(before, 0.0),
        np.asarray(trial.expected(answer)["cell"].error),
        "cell",
    )
