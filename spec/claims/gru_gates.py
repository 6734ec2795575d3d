"""Card 7: the two gates of the GRU, and what each of them does."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.gates import BIASED, INTERVENED, parameters
from rnnspec.spec.claims.gru import takes
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import moved, saturated
from rnnspec.spec.literature import CHO_2014, CHUNG_2014
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial


@claim(
    "gru.two-gates",
    card=7,
    kind="count",
    statement=(
        "A GRU has two gates (reset, update) and one candidate: three blocks of parameters of one "
        "shape."
    ),
    formula=(
        "3 (H I + H H) + m H parameters, with m = 0, 3, 4 or 6; no bias vector, one, one and a "
        "second one for the candidate, or two"
    ),
    seen="The parameters that the implementation itself holds are counted.",
    contrast=Contrast("four blocks", count=lambda network, count: count * 4 // 3),
    about={"cell": ("gru",)},
    sizes=Sizes(steps=(1, 1), rows=(1, 1), inputs=(1, 20), units=(1, 20)),
    literature=(CHO_2014, CHUNG_2014),
    fewer=5,
)
def two_gates(trial: Trial, case: Case) -> None:
    """Three blocks of weights and biases."""
    trial.exactly("parameters", case, trial.count(case.network), parameters(case.network, 3))


@claim(
    "gru.reset-gate",
    card=7,
    statement="The reset gate hides the past from the candidate: closed, the candidate sees none.",
    formula="r_t = 0: n_t does not depend on h_{t-1}",
    seen=(
        "Its bias is saturated, and the update gate's so that the candidate is the new state. "
        "Closed, another initial state changes nothing but roundings; open, every step follows the "
        "equations."
    ),
    contrast=Contrast("it never closes", case=lambda case: saturated(case, reset="open")),
    about={"cell": ("gru",), "biases": BIASED},
    sizes=INTERVENED,
    literature=(CHO_2014,),
    fewer=2,
)
def reset_gate(trial: Trial, case: Case) -> None:
    """Closed, then open."""
    closed = saturated(case, reset="closed", update="closed")
    other = closed.with_states(hidden=moved(case.state("hidden")))
    one, two = (trial.run(run) for run in (closed, other))
    for part in one.parts():
        trial.alike(part, one, two, "with the reset gate closed")
    trial.follows(saturated(case, reset="open", update="closed"))


@claim(
    "gru.update-gate",
    card=7,
    statement=(
        "The update gate chooses between the past and the candidate: at one end the old state is "
        "kept, at the other it is replaced by the candidate."
    ),
    formula="z_t = 1: h_t = h_{t-1};  z_t = 0: h_t = n_t",
    seen=(
        "Its bias is saturated. Open, every output is the one before it; closed, with a candidate "
        "that is saturated as well, every output is 1 or -1. The reset gate is open then, since "
        "what saturates the candidate may be what it is multiplied with."
    ),
    contrast=Contrast("the roles of z and 1 - z exchanged", case=takes),
    about={"cell": ("gru",), "biases": BIASED},
    sizes=INTERVENED,
    errata=(
        Erratum(
            card="A closed GRU copies its state.",
            stops="It copies it within the rounding of one step: n + z (h - n) with z = 1 need not "
            "return h to the last bit.",
            smallest="float32, h = 2^-30, n = -1: h - n rounds to 1, so n + (h - n) is 0, not h",
        ),
    ),
    literature=(CHO_2014,),
    fewer=2,
)
def update_gate(trial: Trial, case: Case) -> None:
    """Kept, then replaced."""
    kept = saturated(case, update="open")
    answer = trial.run(kept)
    before = np.concatenate([case.state("hidden"), answer.outputs[:-1]])
    bound = trial.expected(answer)["outputs"]
    trial.within("outputs", kept, answer.outputs, before, bound)
    for candidate, value in (("open", 1.0), ("closed", -1.0)):
        replaced = saturated(case, update="closed", reset="open", candidate=candidate)
        answer = trial.run(replaced)
        bound = trial.expected(answer)["outputs"]
        value_everywhere = np.full_like(answer.outputs, value)
        trial.within("outputs", replaced, answer.outputs, value_everywhere, bound)
