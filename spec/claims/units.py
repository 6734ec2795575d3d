"""Card 3: the number of units, and the size of the input."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.claims.gates import parameters
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import moved
from rnnspec.spec.literature import GREFF_2017, SAK_2014
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import NotOffered, Trial


def _narrower(case: Case, answer: Answer) -> Answer:
    """The hidden state is smaller than the cell state."""
    states = {**answer.states, "hidden": answer.states["hidden"][..., :-1]}
    return Answer(answer.outputs[..., :-1], states)


@claim(
    "lstm.units",
    card=3,
    kind="count",
    statement=(
        "Cell state, hidden state, every gate and the candidate have one and the same dimension: "
        "the number of units, which is the layer's hyperparameter."
    ),
    formula="h_t, c_t, f_t, i_t, o_t, c~_t have H elements",
    seen=(
        "The states and outputs returned have H elements a row; and in every gate and the "
        "candidate the parameters of the last unit alone move the last unit alone."
    ),
    contrast=Contrast("the hidden state has a unit less", answer=_narrower),
    about={"cell": ("lstm",)},
    sizes=Sizes(steps=(1, 1), inputs=(1, 6), units=(1, 12), states=True),
    errata=(
        Erratum(
            card="The dimensions of the cell state, the hidden state and the gates are the same.",
            stops="With a projection the hidden state is smaller than the cell state.",
            smallest="2 units projected to 1: the cell state has 2 elements, the hidden state 1",
        ),
    ),
    literature=(GREFF_2017, SAK_2014),
    fewer=2,
)
def units(trial: Trial, case: Case) -> None:
    """Shapes first, then unit by unit."""
    parts = trial.implementation.run(case).parts()
    wanted = {"outputs": case.output_shape, "hidden": case.state_shape, "cell": case.state_shape}
    for name, shape in wanted.items():
        trial.exactly(
            f"the shape of {name}", case, parts[name].shape if name in parts else (), shape
        )
    if trial.ratio > 0:
        return
    whole = trial.run(case)
    last = np.arange(case.network.units) == case.network.units - 1

    def touched(array: Array) -> Array:
        rows = last if array.ndim == 1 else last[:, None]
        return np.where(rows, moved(array), array)

    for block in case.network.blocks:

        def change(at: Place, array: Array, block: str = block) -> Array:
            return touched(array) if at.block == block else array

        other = trial.follows(case.with_weights(change), "outputs", "cell")
        for part in whole.parts():
            trial.same(
                part, whole, other, f"of all units but the last ({block} changed)", (..., ~last)
            )


def _as_wide_as_units(case: Case) -> Case:
    """Inputs beyond the number of units are not read."""
    inputs = case.inputs.copy()
    inputs[..., case.network.units :] = 0.0
    return case.changed(inputs=inputs)


def _no_input_size(network: Network, count: int) -> int:
    """As if the input had the size of the state."""
    return count - 4 * network.units * (network.inputs - network.units)


@claim(
    "lstm.input-size",
    card=3,
    kind="count",
    statement=(
        "The size of the input is free: any size goes with any number of units. One more input "
        "costs one more weight for each unit of each block, and nothing else."
    ),
    formula="parameters(I + 1) - parameters(I) = 4 H, for every I",
    seen=(
        "Layers with fewer inputs than units, as many, and more follow the equations; the "
        "parameters are counted at three sizes of the input."
    ),
    contrast=Contrast(
        "the input has the size of the state", case=_as_wide_as_units, count=_no_input_size
    ),
    about={"cell": ("lstm",)},
    sizes=Sizes(steps=(1, 2), inputs=(1, 20), units=(1, 12)),
    literature=(GREFF_2017,),
    fewer=2,
)
def input_size(trial: Trial, case: Case) -> None:
    """The layer runs at its input size, and its count grows by 4 H an input."""
    trial.follows(case, "outputs", "cell")
    network = case.network
    try:
        counts = [trial.count(replace(network, inputs=network.inputs + k)) for k in range(3)]
    except NotOffered:
        return
    growth = [more - fewer for fewer, more in pairwise(counts)]
    trial.exactly("parameters that one more input costs", case, growth, [4 * network.units] * 2)
    base = parameters(network, 4) - 4 * network.units * network.inputs
    trial.exactly(
        "parameters that no input needs", case, counts[0] - growth[0] * network.inputs, base
    )
