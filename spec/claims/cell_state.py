"""Card 5: how the cell state is calculated."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import DIRECTIONS, Network
from rnnspec.reference.symbols import printed
from rnnspec.spec.claim import claim
from rnnspec.spec.contrast import Contrast, exchanged
from rnnspec.spec.interventions import aimed, moved
from rnnspec.spec.literature import GERS_2000, HOCHREITER_1997
from rnnspec.spec.strategies import WIDE, Sizes
from rnnspec.spec.trial import Trial


@claim(
    "lstm.cell-state",
    card=5,
    statement=(
        "The new cell state is the forget gate times the old cell state, plus the input gate times "
        "the candidate, where gates are sigmoids and the candidate is a tanh of input and past."
    ),
    formula=printed(Network("lstm", 1, 1), "c_t", "f_t", "i_t", "c~_t"),
    seen=(
        "The final cell state is recomputed from the initial one and from the hidden states that "
        "the layer itself returned: sharpest over one step, where all of them are seen."
    ),
    contrast=exchanged("forget", "input"),
    about={"cell": ("lstm",), "direction": tuple(DIRECTIONS)},
    sizes=WIDE,
    literature=(HOCHREITER_1997, GERS_2000),
)
def cell_state(trial: Trial, case: Case) -> None:
    """The final cell state follows the equation."""
    trial.follows(case, "cell")


def _mixed(case: Case) -> Case:
    """Every unit reads the cell state of the units before it, too."""
    return case.with_states(cell=np.cumsum(case.state("cell"), axis=-1))


@claim(
    "lstm.elementwise",
    card=5,
    statement=(
        "The update is elementwise: one element of the old cell state reaches the same element of "
        "the new cell state and of the hidden state, and no other."
    ),
    formula="c_t[j] and h_t[j] do not depend on c_{t-1}[k], for j other than k",
    seen=(
        "One element of the initial cell state is changed. Over one step no bit of the other "
        "units' states changes, and its own unit moves as the equations say."
    ),
    contrast=Contrast("cell states are added up across units", case=_mixed),
    about={"cell": ("lstm",)},
    sizes=Sizes(
        steps=(1, 1),
        units=(2, 6),
        states=True,
        aim={"unit": lambda case: [str(k) for k in range(case.network.units)]},
    ),
    literature=(GERS_2000,),
    fewer=2,
)
def elementwise(trial: Trial, case: Case) -> None:
    """Perturb one element of the cell state."""
    unit = np.arange(case.network.units) == int(aimed(case, "unit"))
    cell = case.state("cell")
    other = case.with_states(cell=np.where(unit, moved(cell), cell))
    one, two = (trial.follows(run, "outputs", "cell") for run in (case, other))
    for part in one.parts():
        trial.same(part, two, one, "of the other units", (..., ~unit))
