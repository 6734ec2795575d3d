"""Card 7: the gated recurrent unit."""

from __future__ import annotations

from rnnspec.reference.case import Case
from rnnspec.reference.network import DIRECTIONS, Network
from rnnspec.reference.symbols import printed
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.literature import CHO_2014, CHUNG_2014
from rnnspec.spec.strategies import WIDE
from rnnspec.spec.trial import Trial


def takes(case: Case) -> Case:
    """An open update gate takes the candidate where it should keep the past."""
    return case.with_weights(lambda at, w: -w if at.block == "update" else w)


@claim(
    "gru.step",
    card=7,
    statement=(
        "The new hidden state is a mean of the candidate and the old hidden state, weighted by the "
        "update gate; the candidate sees the past through the reset gate. The reset gate may be "
        "applied to the old state before the recurrent product, or to the product after it."
    ),
    formula=printed(Network("gru", 1, 1), "h_t", "z_t", "r_t", "n_t")
    + "\n"
    + printed(Network("gru", 1, 1, reset="before"), "n_t"),
    seen="Every step is recomputed from the hidden state that the layer itself returned before it.",
    contrast=Contrast("the roles of z and 1 - z exchanged", case=takes),
    about={"cell": ("gru",), "direction": tuple(DIRECTIONS)},
    sizes=WIDE,
    errata=(
        Erratum(
            card="A GRU has an update gate and a reset gate.",
            stops="Texts and libraries differ: in some, an open update gate keeps the old state, "
            "in others it takes the candidate. Weights of one form are wrong in the other.",
            smallest=(
                "one unit, one step, update gate open (z = 1), h = 1, candidate 0: 1 in one form, "
                "0 in the other"
            ),
        ),
    ),
    literature=(CHO_2014, CHUNG_2014),
)
def step(trial: Trial, case: Case) -> None:
    """Every output and the final state follow the equation, in the form that is offered."""
    trial.follows(case, "outputs", "hidden")
