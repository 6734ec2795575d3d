"""Card 1, the simple recurrent unit, of which the LSTM is the more complex form."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import DIRECTIONS, Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.symbols import printed
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.contrast import Contrast, without
from rnnspec.spec.interventions import bias_of
from rnnspec.spec.literature import ELMAN_1990
from rnnspec.spec.strategies import WIDE, Sizes
from rnnspec.spec.trial import Trial, exact_sum


@claim(
    "rnn.step",
    card=1,
    statement=(
        "A simple recurrent unit squashes the sum of what the input contributes, what the previous "
        "hidden state contributes, and a bias; the squashing is tanh or relu."
    ),
    formula=printed(Network("rnn", 1, 1), "h_t")
    + "\n"
    + printed(Network("rnn", 1, 1, activation="relu"), "h_t"),
    seen="Every step is recomputed from the hidden state that the layer itself returned before it.",
    contrast=without("the past", "recurrent", "recurrent_bias"),
    about={"cell": ("rnn",), "direction": tuple(DIRECTIONS)},
    sizes=WIDE,
    literature=(ELMAN_1990,),
)
def step(trial: Trial, case: Case) -> None:
    """The outputs and the final state follow the equation."""
    trial.follows(case, "outputs", "hidden")


def _amplified(case: Case) -> Case:
    """An input that is there makes the effect of the past four times as large."""
    if not case.inputs.any():
        return case
    return case.with_states(hidden=4.0 * case.state("hidden"))


@claim(
    "rnn.additive",
    card=1,
    statement=(
        "Before it squashes, the simple unit only adds the effects of input and past: what one of "
        "them contributes does not depend on the other."
    ),
    formula="a(x, h) - a(x, 0) - a(0, h) + a(0, 0) = 0, where h_t = phi(a(x_t, h_{t-1}))",
    seen=(
        "A large bias keeps a relu unit active, so that its output is what it would squash. It is "
        "run with both effects, with each alone and with neither."
    ),
    contrast=Contrast("the input amplifies the past", case=_amplified),
    about={
        "cell": ("rnn",),
        "activation": ("relu",),
        "biases": ("input", "recurrent", "both"),
    },
    sizes=Sizes(steps=(1, 1), inputs=(1, 3), units=(1, 4), weights=(1.0,), states=True),
    errata=(
        Erratum(
            card="A recurrent unit that is no LSTM only adds the effects of input and past.",
            stops="It adds them before the squashing only; through tanh the sum of both is less.",
            smallest=(
                "tanh, one unit, W = U = 1, x = h = 1: together they give tanh(2) = 0.964, one by "
                "one 2 tanh(1) = 1.523, which is 0.559 more"
            ),
        ),
    ),
    literature=(ELMAN_1990,),
    fewer=2,
)
def additive(trial: Trial, case: Case) -> None:
    """The mixed difference of four runs is zero within their four bounds."""
    active = _kept_active(case)
    neither = active.changed(inputs=0 * case.inputs).with_states(hidden=0 * case.state("hidden"))
    runs = (
        (+1.0, active),
        (-1.0, active.with_states(hidden=neither.state("hidden"))),
        (-1.0, active.changed(inputs=neither.inputs)),
        (+1.0, neither),
    )
    terms: list[Array] = []
    bounds: list[Array] = []
    for sign, run in runs:
        answer = trial.run(run)
        terms.append(sign * answer.outputs)
        bounds.append(np.asarray(trial.expected(answer)["outputs"].error))
    mixed = exact_sum(*terms)
    trial.within("the effects mixed", active, mixed, np.zeros_like(mixed), exact_sum(*bounds))


def _kept_active(case: Case) -> Case:
    """With one bias, for each unit: the power of two above all that can be subtracted from it."""
    network = case.network
    at = bias_of(network, "hidden")
    limit = np.full(network.units, 2.0**-10)
    for part, size in (("input", case.inputs), ("recurrent", case.state("hidden"))):
        rows = np.abs(case.weights[at._replace(part=part)]).sum(axis=1)
        limit += rows * np.abs(size).max(initial=0.0)
    large = 2.0 ** np.ceil(np.log2(limit))

    def biased(place: Place, array: Array) -> Array:
        if not place.part.endswith("bias"):
            return array
        return large if place == at else np.zeros_like(array)

    return case.with_weights(biased)
