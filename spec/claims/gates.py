"""Card 2: the three gates, and what each of them does."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import BIASES, Network
from rnnspec.reference.symbols import printed
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.contrast import Contrast, exchanged
from rnnspec.spec.interventions import moved, saturated
from rnnspec.spec.literature import GERS_2000, GREFF_2017, HOCHREITER_1997
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial

BIASED = tuple(name for name in BIASES if name != "none")
"""A gate is closed or opened by its bias, so there must be one."""
INTERVENED = Sizes(steps=(1, 5), states=True, weights=(1.0, 0.25))


def parameters(network: Network, blocks: int) -> int:
    """What a layer of so many blocks holds: weights for input and past, and the biases."""
    inputs, units = network.inputs, network.units
    vectors = {"none": 0, "both": 2 * blocks, "candidate": blocks + 1}.get(network.biases, blocks)
    return blocks * units * (inputs + units) + vectors * units


@claim(
    "lstm.three-gates",
    card=2,
    kind="count",
    statement=(
        "An LSTM has three gates (forget, input, output) and one candidate: four blocks of "
        "parameters of one shape, without projections or peepholes."
    ),
    formula="4 (H I + H H + m H) parameters, with m = 0, 1 or 2 bias vectors",
    seen="The parameters that the implementation itself holds are counted.",
    contrast=Contrast("three blocks", count=lambda network, count: count * 3 // 4),
    about={"cell": ("lstm",)},
    sizes=Sizes(steps=(1, 1), rows=(1, 1), inputs=(1, 20), units=(1, 20)),
    literature=(GERS_2000, GREFF_2017),
    fewer=5,
)
def three_gates(trial: Trial, case: Case) -> None:
    """Four blocks of weights and biases."""
    trial.exactly("parameters", case, trial.count(case.network), parameters(case.network, 4))


@claim(
    "lstm.forget-gate",
    card=2,
    statement=(
        "The forget gate removes from the cell state: closed, it removes all that was there; open, "
        "it keeps all of it."
    ),
    formula="f_t = 0: c_t does not depend on c_{t-1};  f_t = 1, i_t = 0: c_t = c_{t-1}",
    seen=(
        "Its bias is saturated. Closed, another initial cell state changes nothing but roundings; "
        "open, with the input gate closed, the final cell state is the initial one."
    ),
    contrast=exchanged("forget", "output"),
    about={"cell": ("lstm",), "biases": BIASED},
    sizes=INTERVENED,
    literature=(GERS_2000,),
    fewer=2,
)
def forget_gate(trial: Trial, case: Case) -> None:
    """Closed, then open."""
    closed = saturated(case, forget="closed")
    one, other = (
        trial.run(run) for run in (closed, closed.with_states(cell=moved(case.state("cell"))))
    )
    for part in one.parts():
        trial.alike(part, one, other, "with the forget gate closed")
    kept = saturated(case, forget="open", input="closed")
    answer = trial.run(kept)
    trial.within(
        "cell with the forget gate open",
        kept,
        answer.states["cell"],
        case.state("cell"),
        trial.expected(answer)["cell"],
    )


@claim(
    "lstm.input-gate",
    card=2,
    statement=(
        "The input gate adds to the cell state: closed, nothing is added; open, the whole "
        "candidate is."
    ),
    formula="i_t = 0: c_t does not depend on c~_t;  i_t = 1, f_t = 0: c_t = c~_t",
    seen=(
        "Its bias is saturated. Closed, other weights of the candidate change nothing but "
        "roundings; open, with the forget gate closed, the cell state is the candidate, and with "
        "the candidate saturated as well it is 1 or -1."
    ),
    contrast=exchanged("input", "output"),
    about={"cell": ("lstm",), "biases": BIASED},
    sizes=INTERVENED,
    errata=(
        Erratum(
            card="The input gate adds to the cell state.",
            stops="The candidate can be negative, so that adding it takes away.",
            smallest="one unit, f = i = 1, candidate -1, c = 1: the new cell state is 0",
        ),
    ),
    literature=(HOCHREITER_1997, GERS_2000),
    fewer=2,
)
def input_gate(trial: Trial, case: Case) -> None:
    """Closed, then open, then open to a candidate that is known."""
    closed = saturated(case, input="closed")
    candidates = closed.with_weights(lambda at, w: moved(w) if at.block == "candidate" else w)
    one, other = (trial.run(run) for run in (closed, candidates))
    for part in one.parts():
        trial.alike(part, one, other, "with the input gate closed")
    trial.follows(saturated(case, forget="closed", input="open"), "cell")
    for candidate, value in (("open", 1.0), ("closed", -1.0)):
        known = saturated(case, forget="closed", input="open", candidate=candidate)
        answer = trial.run(known)
        cell = answer.states["cell"]
        bound = trial.expected(answer)["cell"]
        trial.within(
            "cell with the candidate saturated", known, cell, np.full_like(cell, value), bound
        )


@claim(
    "lstm.output-gate",
    card=2,
    statement=(
        "The output gate makes the hidden state out of the cell state, and never touches the cell "
        "state."
    ),
    formula=f"{printed(Network('lstm', 1, 1), 'h_t')}; within one step, c_t does not depend on o_t",
    seen=(
        "All its weights and biases are changed. Over one step no bit of the cell state changes, "
        "and the hidden state moves as the equations say; closed, it gives 0."
    ),
    contrast=exchanged("output", "forget"),
    about={"cell": ("lstm",), "biases": BIASED},
    sizes=Sizes(steps=(1, 1), states=True, weights=(1.0, 0.25)),
    literature=(HOCHREITER_1997, GERS_2000),
    fewer=2,
)
def output_gate(trial: Trial, case: Case) -> None:
    """Another output gate, and a closed one."""
    other = case.with_weights(lambda at, w: moved(w) if at.block == "output" else w)
    one, two = (trial.follows(run, "outputs", "hidden") for run in (case, other))
    trial.same("cell", one, two, "with another output gate")
    closed = saturated(case, output="closed")
    answer = trial.run(closed)
    trial.same("cell", answer, one, "with the output gate closed")
    trial.within(
        "outputs with the output gate closed",
        closed,
        answer.outputs,
        np.zeros_like(answer.outputs),
        trial.expected(answer)["outputs"],
    )
