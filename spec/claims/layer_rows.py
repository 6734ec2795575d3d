"""Under every card: rows of a batch, units of a layer, calls of a layer. None touches another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from rnnspec.spec.claim import claim
from rnnspec.spec.claims.layer_states import ANY, EVERYWHERE
from rnnspec.spec.contrast import Contrast, scaled
from rnnspec.spec.interventions import moved
from rnnspec.spec.literature import GREFF_2017, WERBOS_1990
from rnnspec.spec.trial import Observed, Trial


def _mixed(case: Case) -> Case:
    """A row reads the inputs of the rows before it, too."""
    return case.changed(inputs=np.cumsum(case.inputs, axis=1))


@claim(
    "layer.batch",
    card=None,
    statement=(
        "The rows of a batch do not touch each other: any row alone, any order of the rows and any "
        "number of them give the same rows."
    ),
    formula="run(x)[:, b] = run(x[:, b])",
    seen=(
        "The batch, its rows in the opposite order, and each row alone follow the equations; when "
        "the other rows change, no bit of a row does."
    ),
    contrast=Contrast("a row reads the inputs of the rows before it", case=_mixed),
    about=EVERYWHERE,
    sizes=replace(ANY, rows=(2, 5), steps=(1, 4)),
    literature=(WERBOS_1990,),
    fewer=2,
)
def batch(trial: Trial, case: Case) -> None:
    """Whole, turned round, one by one, and with other neighbours."""
    answer = trial.follows(case)
    rows = np.arange(case.rows)
    trial.follows(_rows(case, rows[::-1]))
    for row in rows:
        trial.follows(_rows(case, rows[row : row + 1]))
    last = rows == case.rows - 1
    other = trial.run(case.changed(inputs=np.where(last[:, None], case.inputs, moved(case.inputs))))
    for part in answer.parts():
        trial.same(part, answer, other, "of a row whose neighbours changed", (slice(None), last))


def _rows(case: Case, rows: npt.NDArray[np.intp]) -> Case:
    """Some rows of a case, in some order."""
    states = {name: state[:, rows] for name, state in case.states.items()}
    lengths = None if case.lengths is None else case.lengths[rows]
    return case.changed(inputs=case.inputs[:, rows], states=states, lengths=lengths)


def _turned(case: Case, answer: Answer) -> Answer:
    """The units come back in the opposite order."""
    return scaled(answer, lambda part: part[..., ::-1])


@claim(
    "layer.units",
    card=None,
    statement=(
        "The names of the units mean nothing: permuting all blocks and states together permutes "
        "the outputs, and changes nothing else."
    ),
    formula="run(permuted weights, permuted states) = permuted run(weights, states)",
    seen="The units are turned round, in every layer. Both runs follow the equations.",
    contrast=Contrast("the units come back in the opposite order", answer=_turned),
    about=EVERYWHERE,
    sizes=replace(ANY, units=(2, 6), steps=(1, 4)),
    literature=(GREFF_2017,),
    fewer=2,
)
def units(trial: Trial, case: Case) -> None:
    """The units in the opposite order."""
    one = trial.follows(case)
    order = np.arange(case.network.units)[::-1]
    wide = np.concatenate(
        [order + k * case.network.units for k in range(len(case.network.directions))]
    )

    def permuted(at: Place, array: Array) -> Array:
        array = array[order]
        if at.part == "recurrent":
            return array[:, order]
        return array[:, wide] if at.part == "input" and at.layer > 0 else array

    states = {name: state[..., order] for name, state in case.states.items()}
    other = case.with_weights(permuted).changed(states=states)
    two = trial.follows(other)
    shapes = [tuple(np.shape(part) for part in answer.parts().values()) for answer in (one, two)]
    trial.exactly("how many numbers come back", other, *(np.size(shape) for shape in shapes))


def _in_place(case: Case) -> Case:
    """The layer works in the array of its inputs."""
    case.inputs[...] = 2.0 * case.inputs
    return case


@claim(
    "layer.repeatable",
    card=None,
    statement=(
        "The same call gives the same answer, whatever was called between; and what was passed, "
        "inputs, weights and states, is not modified."
    ),
    formula="run(A), run(B), run(A): the first is the third, bit for bit",
    seen=(
        "A case is run, then others with other inputs, states and weights, then the first again: "
        "no bit of the answer has changed. The arrays are compared with copies made before."
    ),
    contrast=Contrast("the layer works in the array of its inputs", case=_in_place),
    about=EVERYWHERE,
    sizes=ANY,
    literature=(WERBOS_1990,),
    fewer=2,
)
def repeatable(trial: Trial, case: Case) -> None:
    """A, then others, then A."""
    case = case.copied()
    held = {name: array.copy() for name, array in _arrays(case).items()}
    first = trial.follows(case)
    trial.follows(case.changed(inputs=moved(case.inputs)))
    trial.follows(case.changed(states={n: moved(s) for n, s in case.states.items()}))
    trial.follows(case.with_weights(lambda at, w: moved(w)))
    again = trial.run(case)
    for part in first.parts():
        trial.same(part, again, first, "of the same call, once more")
    for name, array in _arrays(case).items():
        now, before = (Observed(None, {name: each}, case) for each in (array, held[name]))
        trial.same(name, now, before, "that were passed")


def _arrays(case: Case) -> Mapping[str, Array]:
    weights = {f"weights {place}": w for place, w in case.weights.items()}
    states = {f"initial {name}": state for name, state in case.states.items()}
    return {"inputs": case.inputs, **weights, **states}
