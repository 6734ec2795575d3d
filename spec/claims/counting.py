"""Card 7: what an LSTM can do that a GRU cannot. It counts."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.gates import BIASED
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import SATURATED, aimed, bias_of
from rnnspec.spec.literature import CHO_2014, GERS_2001, WEISS_2018
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import NotOffered, Trial


def _added_up(case: Case, answer: Answer) -> Answer:
    """Every state adds to the one before it."""
    outputs = case.state("hidden") + np.cumsum(answer.outputs, axis=0)
    return Answer(outputs, {"hidden": outputs[-1:]})


@claim(
    "gru.bounded",
    card=7,
    statement=(
        "A GRU's hidden state is a weighted mean of its past and of a tanh, so no element of it "
        "grows beyond 1, or beyond what it was: a GRU cannot count without limit."
    ),
    formula="|h_t| <= max(1, |h_{t-1}|), elementwise",
    seen="From the outputs alone, step by step, with the rounding allowance of one step.",
    contrast=Contrast("every state adds to the one before it", answer=_added_up),
    about={"cell": ("gru",)},
    sizes=Sizes(steps=(1, 12), weights=(1.0, 8.0), data=(1.0, 4.0), states=True),
    errata=(
        Erratum(
            card="A GRU's state stays within 1.",
            stops="It stays within 1 where it began there. In floating point it can creep up by "
            "one rounding a step.",
            smallest="one unit, z = 1, h = 4: the next state is 4",
        ),
    ),
    literature=(CHO_2014, WEISS_2018),
    fewer=2,
)
def bounded(trial: Trial, case: Case) -> None:
    """Each output against the one before it."""
    answer = trial.run(case)
    before = np.concatenate([case.state("hidden"), answer.outputs[:-1]])
    limit = np.maximum(1.0, np.abs(before))
    slack = np.broadcast_to(trial.expected(answer)["outputs"].error, limit.shape)
    trial.between("outputs", case, answer.outputs, -limit, limit, slack)


SEQUENCES: dict[str, tuple[int, ...]] = {
    "up": (128,),
    "up and back": (120, -120),
    "past zero": (100, -228),
    "up and down again and again": (128, -16) * 6,
    "a thousand up and back": (1000, -999),
    "ten thousand up": (10_000,),
}
"""How far it counts up, then down, and so on."""


def _leaking(case: Case) -> Case:
    """The forget gate is not quite open."""
    at = bias_of(case.network, "forget")
    return case.with_weights(lambda place, w: 0 * w + 1.0 if place == at else w)


@claim(
    "lstm.counts",
    card=7,
    statement=(
        "An LSTM can count: with its gates open and a candidate of 1 for one symbol and -1 for "
        "another, the cell state is how many more there were of the first, over thousands of "
        "steps. That is what grounds the advice to take it for complex tasks, such as telling "
        "whether brackets balance; a GRU's state is bounded and cannot."
    ),
    formula="f = i = 1, c~(a) = 1, c~(b) = -1:  |c_T - (#a - #b)| < 1/2",
    seen=(
        "Weights are made by hand, a few fixed sequences are run, and the count is read off the "
        "final cell state; a unit with the two symbols exchanged counts the other way."
    ),
    contrast=Contrast("the forget gate is not quite open", case=_leaking),
    about={"cell": ("lstm",), "biases": BIASED},
    sizes=Sizes(
        steps=(1, 1),
        rows=(1, 1),
        inputs=(2, 2),
        units=(1, 2),
        aim={"sequence": lambda case: list(SEQUENCES)},
    ),
    errata=(
        Erratum(
            card="An LSTM is for complex tasks.",
            stops="What it can count is limited by its number format: up to the largest whole "
            "number from which the next one can be told.",
            smallest="2048 in float16, 256 in bfloat16: there c + 1 rounds to c",
        ),
    ),
    literature=(GERS_2001, WEISS_2018),
    fewer=20,
)
def counts(trial: Trial, case: Case) -> None:
    """Count as far as the sequence goes, or as the dtype does; if open gates are as good as 1."""
    _opened(trial, case)
    far = 2 ** PRECISIONS[case.dtype].digits
    wanted = SEQUENCES[aimed(case, "sequence")]
    if np.abs(np.cumsum(wanted)).max() >= far:
        wanted = SEQUENCES["up and back"]
    counter = _counter(case, wanted)
    answer = trial.run(counter)
    count = np.full_like(answer.states["cell"], float(sum(wanted)))
    count[..., 1::2] *= -1.0
    cell, half = answer.states["cell"], np.full_like(count, 0.4375)
    trial.within("the count", counter, cell, count, half, "cell")


def _opened(trial: Trial, case: Case) -> None:
    """Raises NotOffered where an open gate is less than 1, but within what its sigmoid may be off:
    it leaks at every step, as it may.
    """
    kept = _counter(case, (1,)).changed(inputs=np.zeros((1, 1, 2)))
    one = kept.with_states(cell=np.ones(case.state_shape))
    gates = (trial.run(one).states["cell"], np.abs(trial.run(_counter(case, (1,))).states["cell"]))
    level = trial.implementation.levels[case.dtype]
    allowed = PRECISIONS[case.dtype].unit * (level.relative + level.absolute + 1.0)
    for gate, times in zip(gates, (1.0, 2.0), strict=True):  # the forget gate; input and candidate
        short = float(np.abs(gate - 1.0).max())
        if 0.0 < short <= times * allowed:
            raise NotOffered(f"its gates open to {1.0 - short!r} at most: nothing counts with that")


def _counter(case: Case, moves: tuple[int, ...]) -> Case:
    """Two symbols, one after the other, and weights that count them."""
    network = case.network
    symbols = np.concatenate([np.eye(2)[[0 if n > 0 else 1] * abs(n)] for n in moves])
    opened = {bias_of(network, gate) for gate in ("forget", "input", "output")}

    def weight(at: Place, array: Array) -> Array:
        made = np.zeros_like(array)
        if at in opened:
            made[:] = SATURATED
        if (at.block, at.part) == ("candidate", "input"):
            made[:] = [SATURATED, -SATURATED]
            made[1::2] *= -1.0
        return made

    return case.with_weights(weight).changed(inputs=symbols[:, None, :], states={})
