"""The error of an implementation and its bound, run freely and from anchors."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from docs.pictures.chart import axes_of, marked
from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.cells import cell
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import Affine, unroll

NETWORK = Network("rnn", inputs=4, units=48)
STEPS, SEED, SCALE = 80, 7, 3.0
SINGLE = PRECISIONS["float32"]
WRONG, MISTAKE = 40, 1e-3
"""The step at which a wrong implementation goes wrong, and by how much in one unit."""


class Run(NamedTuple):
    """Of every step, the largest error of all units, and the largest bound on one."""

    free: Array
    anchored: Array
    free_bound: Array
    anchored_bound: Array
    accused: tuple[int, ...]
    """The steps at which some unit is off by more than its bound, from anchors."""
    accused_free: tuple[int, ...]
    """The same, run freely."""


def case() -> Case:
    """A network whose states wander: what is off by little is soon off by much."""
    random = np.random.default_rng(SEED)
    weights = {
        place: SINGLE.round(random.normal(0, SCALE / np.sqrt(NETWORK.units), shape))
        for place, shape in NETWORK.places()
    }
    inputs = SINGLE.round(random.normal(0, 1, (STEPS, 1, NETWORK.inputs)))
    return Case(NETWORK, weights, inputs, dtype="float32")


class Single:
    """The reading as float32 numbers: an implementation, made of the same equations."""

    linked = True

    def given(self, array: Array, name: object = None) -> Any:
        """The same numbers, in the format in which all is computed."""
        return array.astype(np.float32)

    seen = given


def float32_run(case: Case, mistake: float = 0.0) -> Array:
    """The outputs of an implementation in float32, which may go wrong at one step."""
    read = Single()
    drive = Affine(case, read, 0, "forward", "input")
    past = Affine(case, read, 0, "forward", "recurrent")
    of = cell(case.network, lambda block, part: None)
    h, outputs = read.given(case.state("hidden")[0]), []
    for t, x in enumerate(read.given(case.inputs)):
        (h,) = of.step(drive(x), past, h)
        if t + 1 == WRONG and mistake:
            h = h.copy()
            h[0, 0] += np.float32(mistake)
        outputs.append(h)
    if {each.dtype for each in outputs} != {np.dtype(np.float32)}:
        raise TypeError("something was computed in another format than float32")
    return np.asarray(outputs, dtype=np.float64)


@cache
def measured(mistake: float = 0.0) -> Run:
    """Errors and bounds of a run, freely and from anchors, as the judge has them."""
    of = case()
    outputs, bounds = float32_run(of, mistake), Bounds.of(of.dtype)
    free = unroll(of, bounds).outputs.settled()
    anchored = unroll(of, bounds, {0: outputs}).outputs.settled()
    largest = [np.abs(outputs - each.value).max(axis=(1, 2)) for each in (free, anchored)]
    widest = [np.asarray(each.error).max(axis=(1, 2)) for each in (free, anchored)]
    accused = [
        tuple(
            int(t) + 1
            for t in np.flatnonzero((np.abs(outputs - each.value) > each.error).any(axis=(1, 2)))
        )
        for each in (anchored, free)
    ]
    return Run(*largest, *widest, *accused)


def picture() -> Picture:
    """A correct run and a wrong one, each judged in both ways."""
    right, wrong = measured(), measured(MISTAKE)
    useless = int(np.argmax(right.free_bound >= 1.0)) + 1
    alternative = (
        f"Two charts over {STEPS} steps of an RNN with {NETWORK.units} units in float32, on a "
        f"logarithmic scale. Above, run freely: the bound grows from {right.free_bound[0]:.0e} to "
        f"more than 1 at step {useless}, where it says nothing any more, since a tanh is never off "
        f"by more than 2; the error of a correct implementation grows after it, to "
        f"{right.free[-1]:.1g}. Below, each step from the state that the implementation returned "
        f"before it: the bound stays below {_above(right.anchored_bound.max())}, and the error of "
        f"the correct implementation below {_above(right.anchored.max())}. An implementation that "
        f"is off by {MISTAKE:.0e} in one unit at step {WRONG} is beyond the bound at step "
        f"{', '.join(map(str, wrong.accused))} and nowhere else; run freely it is "
        f"{'accused nowhere' if not wrong.accused_free else 'accused at other steps too'}."
    )
    return Picture("error-and-bound", "Error and bound, free and anchored", alternative, drawn)


def _above(number: float) -> str:
    """The next larger number that has one digit."""
    power = 10.0 ** np.floor(np.log10(number))
    return f"{np.ceil(number / power) * power:.0e}"


def drawn(theme: Theme) -> Figure:
    """Freely above, from anchors below."""
    right, wrong = measured(), measured(MISTAKE)
    figure, (above, below) = axes_of(theme, 430, 480, rows=2, sharex=True, sharey=True)
    steps = np.arange(1, STEPS + 1)
    for axes, bound, error, off in (
        (above, right.free_bound, right.free, wrong.free),
        (below, wrong.anchored_bound, right.anchored, wrong.anchored),
    ):
        axes.set_yscale("log")
        axes.plot(steps, bound, color=theme.first, linewidth=2.2)
        axes.plot(steps, off, color=theme.second, marker="x", markersize=5, linestyle="none")
        axes.plot(steps, error, color=theme.third, marker="o", markersize=2.8, linestyle="none")
        axes.grid(axis="y", linewidth=0.6)
        axes.set_axisbelow(True)
    above.set_ylim(2e-10, 80)
    above.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1e0])
    above.minorticks_off()
    above.set_xlim(0, STEPS + 1)
    above.set_title("Run freely: the bound soon says nothing")
    below.set_title("From anchors: each step is judged by itself")
    below.set_xlabel("step")
    for axes, y in ((above, 13.0), (below, 5e-4)):
        marked(axes, 1, y, "bound", theme.first)
        marked(axes, 1, 1e-9, "● error of a correct implementation", theme.third)
    marked(above, 25, 1e-7, f"× of one that is wrong at step {WRONG}", theme.second)
    marked(below, WRONG + 1.5, MISTAKE, f"wrong at step {WRONG}", theme.second)
    return figure
