"""Card 1, the LSTM: gates that depend on the input, with parameters of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import BLOCKS, Place
from rnnspec.reference.operations import Array
from rnnspec.spec.claim import Erratum, claim
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.interventions import SATURATED, aimed, moved
from rnnspec.spec.literature import GERS_2000, GREFF_2017, HOCHREITER_1997
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial

GATES = ("forget", "input", "output")


def _constant(case: Case) -> Case:
    """The gate that the case is aimed at reads nothing: its bias alone decides."""
    gate = aimed(case, "gate")
    return case.with_weights(
        lambda at, w: 0 * w if at.block == gate and at.part in ("input", "recurrent") else w
    )


@claim(
    "lstm.gated",
    card=1,
    statement=(
        "An LSTM's gates turn the effects of input and past on and off, unit by unit, depending on "
        "what the gates read: the input, and the previous hidden state as well."
    ),
    formula="gate_t[k] = 1 or 0 by the sign of the feature of x_t, or of h_{t-1}, that it reads",
    seen=(
        "One gate is wired to one feature, with a sign for each unit, and everything else in the "
        "gates is held still. At one sign of the feature, what the gate lets through reaches a "
        "unit as the equations say; at the other, changing it changes that unit by roundings alone."
    ),
    contrast=Contrast("the gate reads nothing", case=_constant),
    about={"cell": ("lstm",)},
    sizes=Sizes(
        steps=(1, 1),
        inputs=(2, 4),
        units=(2, 4),
        weights=(1.0,),
        states=True,
        aim={"gate": lambda case: GATES, "feature": lambda case: ("of input", "of past")},
    ),
    errata=(
        Erratum(
            card="The gates open and close depending on the input.",
            stops="They read the previous hidden state too: the same input can meet an open gate "
            "or a closed one.",
            smallest=(
                "one unit, U of the input gate = 1024, all else in that gate 0: with h = 1 the "
                "gate is open, with h = -1 it is closed, whatever the input"
            ),
        ),
    ),
    literature=(HOCHREITER_1997, GERS_2000),
    fewer=2,
)
def gated(trial: Trial, case: Case) -> None:
    """Closed units stay as they are when what the gate lets through changes; open ones follow."""
    gate, side = aimed(case, "gate"), aimed(case, "feature").removeprefix("of ")
    side = "recurrent" if side == "past" else side
    wired, signs = _wired(case, gate, side)
    for feature in (1.0, -1.0):
        one = _with_feature(wired, side, feature, lambda array: array)
        other = _with_feature(wired, side, feature, moved)
        if gate != "input":
            other = one.with_states(cell=moved(one.state("cell")))
        part = "outputs" if gate == "output" else "cell"
        before, after = (trial.follows(run, "outputs", "cell") for run in (one, other))
        closed = signs * feature < 0
        trial.alike(part, before, after, f"of units whose {gate} gate is closed", (..., closed))


def _wired(case: Case, gate: str, side: str) -> tuple[Case, Array]:
    """Feature 0 of one side decides one gate; no other block reads it, and no other gate reads."""
    drawn = case.weights[Place(0, case.network.directions[0], gate, side)][:, 0]
    signs = np.where(drawn < 0, -1.0, 1.0)

    def wire(at: Place, array: Array) -> Array:
        if at.part.endswith("bias"):
            return 0 * array if at.block == gate else array
        new = array.copy()
        if at.block == "candidate":
            new[:, 0] = 0.0
        else:
            new[:] = 0.0
        if at.block == gate and at.part == side:
            new[:, 0] = SATURATED * signs
        return new

    return case.with_weights(wire), signs


def _with_feature(case: Case, side: str, feature: float, change: Callable[[Array], Array]) -> Case:
    """The deciding feature set, everything else of input and past changed."""
    inputs, hidden = change(case.inputs).copy(), change(case.state("hidden")).copy()
    (inputs if side == "input" else hidden)[..., 0] = feature
    return case.changed(inputs=inputs).with_states(hidden=hidden)


def _parts(case: Case) -> Sequence[str]:
    return [at.part for at, _ in case.network.places() if at.block == "forget"]


def _shared(case: Case) -> Case:
    """The block that the case is aimed at has no parameters of its own: it uses its neighbour's."""
    blocks, block = BLOCKS["lstm"], aimed(case, "block")
    return case.with_blocks({block: blocks[blocks.index(block) - 1]})


@claim(
    "lstm.own-parameters",
    card=1,
    statement=(
        "Each gate, and the candidate, has weights and biases of its own: changing them changes "
        "what that gate decides, and nothing else."
    ),
    formula=(
        "o_t does not reach c_t; with c_{t-1} = 0, f_t reaches neither c_t nor h_t; every other "
        "change of a block moves c_t and h_t as the equations say"
    ),
    seen=(
        "One part of one block is changed. Both runs follow the equations; a change of the output "
        "gate leaves every bit of the cell state, a change of the forget gate leaves every bit of "
        "everything where the initial cell state is zero."
    ),
    contrast=Contrast("the block shares its neighbour's parameters", case=_shared),
    about={"cell": ("lstm",)},
    sizes=Sizes(
        steps=(1, 1),
        states=True,
        aim={"block": lambda case: case.network.blocks, "part": _parts},
    ),
    literature=(HOCHREITER_1997, GREFF_2017),
    fewer=2,
)
def own_parameters(trial: Trial, case: Case) -> None:
    """Both halves: what must change does, and what must not does not."""
    block, part = aimed(case, "block"), aimed(case, "part")

    def other(run: Case) -> Case:
        return run.with_weights(
            lambda at, w: moved(w) if (at.block, at.part) == (block, part) else w
        )

    one, two = (trial.follows(run, "outputs", "cell") for run in (case, other(case)))
    if block == "output":
        trial.same("cell", one, two, "when the output gate changes")
    if block == "forget":
        empty = case.with_states(cell=0 * case.state("cell"))
        one, two = (trial.run(run) for run in (empty, other(empty)))
        for name in one.parts():
            trial.same(name, one, two, "when the forget gate has nothing to forget")
