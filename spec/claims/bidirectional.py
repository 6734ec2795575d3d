"""Card 10: two directions, and what only they can see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.deep import CELLS, SMALL
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import alone, moved, turned
from rnnspec.spec.literature import SCHUSTER_1997
from rnnspec.spec.strategies import WIDE, Sizes
from rnnspec.spec.trial import Trial


def _both_forward(case: Case, answer: Answer) -> Answer:
    """The second pass reads forward, too."""
    if case.network.direction != "both":
        return answer
    second = unroll(case.changed(inputs=turned(case.inputs, case))).outputs
    units = case.network.units
    outputs = np.concatenate(
        [answer.outputs[..., :units], turned(second, case)[..., units:]], axis=-1
    )
    return Answer(outputs, answer.states)


BOTH_FORWARD = Contrast("the second pass reads forward, too", answer=_both_forward)


@claim(
    "bi.two-passes",
    card=10,
    statement=(
        "A bidirectional layer is one pass forward and one pass over the reversed sequence, each "
        "with weights and states of its own; the second is turned back, and both are joined step "
        "by step."
    ),
    formula="[forward(x); turned(backward(turned(x)))], each row turned within its length",
    seen=(
        "The layer is run, and the two passes separately: the second as a forward layer on the "
        "reversed sequence. Each follows the equations."
    ),
    contrast=BOTH_FORWARD,
    about={"cell": CELLS, "direction": ("both",)},
    sizes=replace(WIDE, lengths="may"),
    literature=(SCHUSTER_1997,),
)
def two_passes(trial: Trial, case: Case) -> None:
    """Together, then one by one."""
    trial.follows(case)
    for direction, inputs in (("forward", case.inputs), ("backward", turned(case.inputs, case))):
        run = alone(case, inputs, 0, direction)
        if trial.offers(run):
            trial.follows(run)


@claim(
    "bi.future-context",
    card=10,
    statement=(
        "With two directions, the output at a step depends on inputs that come later: the context "
        "of a word includes the words after it."
    ),
    formula="h_t depends on x_{t+1}, ..., x_T",
    seen=(
        "The last input is changed. Both runs follow the equations, in which the outputs of the "
        "second pass move at every step; the first pass keeps every bit before that input."
    ),
    contrast=BOTH_FORWARD,
    about={"cell": CELLS, "direction": ("both",)},
    sizes=replace(SMALL, steps=(2, 6)),
    literature=(SCHUSTER_1997,),
    fewer=2,
)
def future_context(trial: Trial, case: Case) -> None:
    """Another last input."""
    other = case.changed(inputs=last_moved(case.inputs))
    one, two = (trial.follows(run) for run in (case, other))
    first = (slice(None, -1), slice(None), slice(None, case.network.units))
    trial.same("outputs", one, two, "of the first pass, before the input that changed", first)


def last_moved(inputs: Array) -> Array:
    """A sequence with another last input."""
    changed = inputs.copy()
    changed[-1] = moved(inputs[-1])
    return changed


def _early(case: Case, answer: Answer) -> Answer:
    """Every output is given a step too early."""
    return Answer(np.roll(answer.outputs, -1, axis=0), answer.states)


@claim(
    "rnn.causal",
    card=10,
    statement=(
        "With one direction, the output at a step depends on the inputs up to that step, and on "
        "none that comes later; in however many layers."
    ),
    formula="h_t does not depend on x_{t+1}, ..., x_T",
    seen="Later inputs are changed. No bit of the outputs before them changes.",
    contrast=Contrast("every output comes a step early", answer=_early),
    about={"cell": CELLS},
    sizes=replace(SMALL, steps=(2, 6), layers=(1, 3)),
    literature=(SCHUSTER_1997,),
    fewer=2,
)
def causal(trial: Trial, case: Case) -> None:
    """Change everything from a step on, for every step."""
    whole = trial.run(case)
    for step in range(1, case.steps):
        inputs = np.concatenate([case.inputs[:step], moved(case.inputs[step:])])
        other = trial.run(case.changed(inputs=inputs))
        trial.same("outputs", whole, other, f"before step {step}", slice(None, step))


WORDS = ("I", "love", "amazon", "website", "river")
AMAZON = WORDS.index("amazon")
SENTENCES = ([0, 1, 2, 3], [0, 1, 2, 4])
"""The card's own example, as indices into the words of a case."""


@claim(
    "bi.amazon",
    card=10,
    statement=(
        "The card's own example: 'I love amazon website' and 'I love amazon river'. One direction "
        "has the same state at 'amazon' in both, so nothing that reads it can tell them apart "
        "better than by chance; two directions have states that differ."
    ),
    formula="forward h_3 is the same in both sentences; backward h_3 is not",
    seen=(
        "The five inputs of the case are the five words, and the sentences are two calls of one "
        "shape. At the third word the first pass agrees to the last bit; the second follows the "
        "equations, in which it does not."
    ),
    contrast=BOTH_FORWARD,
    about={"cell": CELLS, "direction": ("both",)},
    sizes=Sizes(steps=(5, 5), rows=(1, 1), inputs=(1, 6), units=(1, 4), weights=(1.0, 2.0)),
    errata=(
        Erratum(
            card="A bidirectional network uses the words that come later.",
            stops="It can; not every network does. With relu and 2 units about a quarter of random "
            "networks give both sentences the same state.",
            smallest="one relu unit with a negative weight, and words that are positive: it is 0",
        ),
    ),
    literature=(SCHUSTER_1997,),
    fewer=2,
)
def amazon(trial: Trial, case: Case) -> None:
    """The two sentences, in two directions and in one."""
    runs = [case.changed(inputs=case.inputs[words]) for words in SENTENCES]
    one, two = (trial.follows(run) for run in runs)
    first = (slice(None, AMAZON + 1), slice(None), slice(None, case.network.units))
    trial.same("outputs", one, two, "of the first pass, up to 'amazon'", first)
    single = [alone(run, run.inputs) for run in runs]
    if trial.offers(single[0]):
        one, two = (trial.run(run) for run in single)
        trial.same("outputs", one, two, "of one direction, up to 'amazon'", slice(AMAZON + 1))
