"""What makes a double round: the directions that push one number as far as it goes, and others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from rnnspec.reference.bounds import Bounded
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.network import BIASES, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, RELATIVE
from rnnspec.reference.tape import Taped, gradients
from rnnspec.reference.unroll import unroll
from tests.reference.machine import BRACKETS, ORDERS, Machine
from tests.reference.rounding import Direct, Direction, Rounded, Run

NET = {
    "rnn-tanh": Network("rnn", 1, 1),
    "rnn-relu": Network("rnn", 1, 1, activation="relu"),
    "lstm": Network("lstm", 1, 1),
    "gru-after": Network("gru", 1, 1),
    "gru-before": Network("gru", 1, 1, reset="before"),
}
"""Every cell in every form, to be given other sizes."""

UNITS = [2.0**-8, 2.0**-11, 2.0**-16, 2.0**-24]

Draw = Callable[..., Case]
Cotangents = Mapping[str, Array]


# ---- directions


def straight(_k: int, _shape: tuple[int, ...]) -> Direction:
    """Nothing rounds."""
    return 0.0


def upward(_k: int, _shape: tuple[int, ...]) -> Direction:
    return 1.0


def downward(_k: int, _shape: tuple[int, ...]) -> Direction:
    return -1.0


def scattered(seed: int, *, ends: bool) -> Direct:
    """Every number rounds in a direction of its own: to one of the ends, or between them."""

    @functools.cache
    def direct(k: int, shape: tuple[int, ...]) -> Direction:
        random = np.random.default_rng((seed, k))
        return random.choice([-1.0, 1.0], shape) if ends else random.uniform(-1, 1, shape)

    return direct


def along(slopes: Sequence[Array | float], way: float) -> Direct:
    """Everything rounds to where one number grows (shrinks, with way = -1)."""
    signs = [way * np.sign(slope) for slope in slopes]
    return lambda k, _shape: signs[k]


def slopes(run: Run, target: Rounded, index: tuple[int, ...]) -> list[Array | float]:
    """How much each computed number moves one number."""
    for each in run.computed:
        each.slope = 0.0
    target.slope = np.zeros(target.shape)
    target.slope[index] = 1.0
    for each in reversed(run.computed):
        if isinstance(each.slope, np.ndarray):
            for parent, pull in each.parents:
                parent.slope = parent.slope + pull(each.slope)
    return [each.slope for each in run.computed]


# ---- runs


def play(case: Case, machine: Machine, direct: Direct) -> tuple[Run, Answer]:
    """Run a case on a machine that keeps its state wider than what it returns.

    Every step starts from what the layer returned at the step before, but for one rounding. So
    what it returned must be known: after as many passes as there are steps, it is.
    """
    returned = np.zeros(case.output_shape)
    for _ in range(case.steps):
        run = Run(machine, direct)
        answer = unroll(case, run, {case.network.layers - 1: returned})
        returned = answer.outputs.value
    return run, answer


def play_back(
    case: Case, machine: Machine, direct: Direct, cotangents: Cotangents
) -> tuple[Run, Gradients]:
    """The same, and back: what is rounded on the way forward, is so in every pass."""
    top, returned = case.network.layers - 1, np.zeros(case.output_shape)
    for _ in range(case.steps - 1):
        ahead = Taped(Run(machine, direct))
        returned = unroll(case, ahead, {top: returned}).outputs.value.value
    run = Run(machine, direct)
    return run, gradients(case, cotangents, run, {top: returned})


def attacks(case: Case, machine: Machine, part: str, index: tuple[int, ...]) -> Iterator[Answer]:
    """Push one number of the answer up as far as rounding can, and down."""
    run, answer = play(case, machine, straight)
    moved = slopes(run, answer.parts()[part], index)
    for way in (1.0, -1.0):
        yield play(case, machine, along(moved, way))[1]


def attacks_back(
    case: Case, machine: Machine, cotangents: Cotangents, part: str, index: tuple[int, ...]
) -> Iterator[Gradients]:
    """Push one number of a gradient up as far as rounding can, and down."""
    run, found = play_back(case, machine, straight, cotangents)
    moved = slopes(run, found.parts()[part], index)
    for way in (1.0, -1.0):
        yield play_back(case, machine, along(moved, way), cotangents)[1]


# ---- shares


def worst(case: Case, machine: Machine, answer: Answer) -> float:
    """The largest share of its bound that an error takes, judged by the answer's own anchors."""
    return largest(answer, unroll(case, machine.judge(), anchors(case, answer)))


def worst_back(case: Case, machine: Machine, cotangents: Cotangents, found: Gradients) -> float:
    """The same, of the errors of gradients."""
    own = anchors(case, found.answer)
    return largest(found, gradients(case, cotangents, machine.judge(), own))


def anchors(case: Case, answer: Answer) -> dict[int, Array]:
    return {case.network.layers - 1: answer.outputs.value}


def largest(found: Answer | Gradients, judged: Answer | Gradients) -> float:
    parts = judged.parts()
    return max(float(np.max(shares(part, parts[name]))) for name, part in found.parts().items())


def shares(part: Rounded, judged: Bounded) -> Array:
    """The shares of their bounds that errors take; what is known exactly has none."""
    bound = judged.settled()
    error, allowed = np.abs(part.value - bound.value), np.broadcast_to(bound.error, bound.shape)
    assert part.shape == bound.shape
    assert np.all(allowed >= 0)
    assert np.all(error[allowed == 0] == 0)
    return np.asarray(error / np.where(allowed > 0, allowed, 1.0))


def chosen(draw: Draw, cell: str, unit: float, seed: int, most: int = 4) -> tuple[Case, Machine]:
    """A small case and a machine, everything about them drawn."""
    random = np.random.default_rng(seed)
    units, inputs, steps = (int(size) for size in random.integers(1, most + 1, 3))
    rows, layers = (int(size) for size in random.choice([1, 1, 2], 2))
    network = replace(
        NET[cell],
        units=units,
        inputs=inputs,
        layers=layers,
        direction=str(random.choice(["forward", "forward", "backward", "both"])),
        biases=str(random.choice(list(BIASES))),
    )
    lengths = random.integers(0, steps + 1, rows).tolist() if random.random() < 0.25 else None
    case = draw(network, steps, rows, seed, float(random.choice([1 / 8, 1.0, 8.0])), lengths)
    machine = Machine(
        unit,
        float(random.choice([0.0, 0.0, 2.0**-10])),
        [RELATIVE, ABSOLUTE][int(random.integers(2))],
        str(random.choice(ORDERS)),
        bool(random.integers(2)),
        str(random.choice(BRACKETS)),
        [0, 1, None][int(random.integers(3))],
    )
    return case, machine
