"""The bounds are never too small, and not needlessly large: shown by rounding on purpose.

The double here reads the equations as an implementation that may round as badly as the standard
model allows, every single operation in a direction of its own. An *adversary* chooses the
directions that push one number of the answer as far as they can; whatever it does, its error must
stay within the bound, and it must be able to come close.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit

from rnnspec.reference import operations
from rnnspec.reference.bounds import Arithmetic, Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import BIASES, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, RELATIVE, Level
from rnnspec.reference.unroll import unroll

UNITS = [2.0**-8, 2.0**-11, 2.0**-16, 2.0**-24]
ORDERS = ["forward", "reversed", "pairwise", "shuffled"]
NET = {
    "rnn-tanh": Network("rnn", 1, 1),
    "rnn-relu": Network("rnn", 1, 1, activation="relu"),
    "lstm": Network("lstm", 1, 1),
    "gru-after": Network("gru", 1, 1),
    "gru-before": Network("gru", 1, 1, reset="before"),
}
"""Every cell in every form, to be given other sizes."""

ROOM = 1 - 2.0**-20
"""The double computes in float64 and is off by that, too: it leaves room for it."""

Draw = Callable[..., Case]
Direction = Array | float
"""Where each number is rounded to: 1 all the way up, -1 all the way down, 0 not at all."""
Direct = Callable[[int, tuple[int, ...]], Direction]
"""Chooses the directions for the k-th array of a run, of a given shape."""


@dataclass(frozen=True)
class Machine:
    """What an implementation is allowed, and the choices that are its own."""

    unit: float
    tiny: float = 0.0
    level: Level = RELATIVE
    order: str = "forward"
    """In which order it adds up a product of matrices."""
    form: int = 0
    """Which of the conforming ways to write a formula it takes."""

    def judge(self) -> Bounds:
        """The bounds for every such implementation."""
        return Bounds(Arithmetic(self.unit, self.tiny, np.inf, self.level))


class Run:
    """One run of an implementation, as a reading. It keeps all that it computed, in order."""

    def __init__(self, machine: Machine, direct: Direct) -> None:
        self.machine = machine
        self.direct = direct
        self.computed: list[Rounded] = []

    linked = False

    def given(self, array: Array, name: object = None) -> Rounded:
        return Rounded(self, array)

    def seen(self, array: Array) -> Rounded:
        """The state that the layer carried on with: what it returned is a rounding of it."""
        return self.rounded(array)

    def rounded(
        self, exact: Array, *parents: Parent, relative: float = 1.0, absolute: float = 0.0
    ) -> Rounded:
        """The result of an operation, rounded."""
        unit = self.machine.unit
        reach = ROOM * (unit * (relative * np.abs(exact) + absolute) + self.machine.tiny)
        return Rounded(self, exact + self.direct(len(self.computed), exact.shape) * reach, parents)


Pull = Callable[[Array], Array]
Parent = tuple["Rounded", Pull]


class Rounded(NDArrayOperatorsMixin):
    """What an implementation computed, and where from: ``pull`` takes a derivative by the result
    to the derivative by the operand (reverse differentiation)."""

    def __init__(self, run: Run, value: Array, parents: Sequence[Parent] = ()) -> None:
        self.run = run
        self.value = value
        self.parents = parents
        self.slope: Array | float = 0.0
        run.computed.append(self)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def __getitem__(self, index: Any) -> Rounded:
        return Rounded(self.run, self.value[index], [(self, lambda s: _put(s, index, self.shape))])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        assert method == "__call__"
        assert not options
        return RULES[ufunc](self.run, *(self._operand(each) for each in inputs))

    def _operand(self, each: Any) -> Rounded:
        return each if isinstance(each, Rounded) else self.run.given(np.asarray(float(each)))


def _put(slope: Array, index: Any, shape: tuple[int, ...]) -> Array:
    whole = np.zeros(shape)
    whole[index] = slope
    return whole


def _fold(slope: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: an operand that was repeated gets the sum of its derivatives."""
    slope = np.sum(slope, axis=tuple(range(slope.ndim - len(shape))))
    repeated = tuple(k for k, size in enumerate(shape) if size != slope.shape[k])
    return np.asarray(np.sum(slope, axis=repeated, keepdims=True))


def _add(run: Run, a: Rounded, b: Rounded) -> Rounded:
    pulls = (a, lambda s: _fold(s, a.shape)), (b, lambda s: _fold(s, b.shape))
    return run.rounded(a.value + b.value, *pulls)


def _subtract(run: Run, a: Rounded, b: Rounded) -> Rounded:
    pulls = (a, lambda s: _fold(s, a.shape)), (b, lambda s: -_fold(s, b.shape))
    return run.rounded(a.value - b.value, *pulls)


def _multiply(run: Run, a: Rounded, b: Rounded) -> Rounded:
    return run.rounded(
        a.value * b.value,
        (a, lambda s: _fold(s * b.value, a.shape)),
        (b, lambda s: _fold(s * a.value, b.shape)),
    )


def _plus(a: Rounded, b: Rounded) -> Rounded:
    return _add(a.run, a, b)


def _matmul(run: Run, a: Rounded, b: Rounded) -> Rounded:
    """Every product of two numbers rounds, and every addition."""
    products = a[..., :, None] * b
    parts = [products[..., k, :] for k in range(a.shape[-1])]
    match run.machine.order:
        case "reversed":
            parts.reverse()
        case "shuffled":
            parts = [parts[k] for k in np.random.default_rng(len(parts)).permutation(len(parts))]
        case "pairwise":
            while len(parts) > 1:
                odd = parts[len(parts) // 2 * 2 :]
                parts = [_plus(*pair) for pair in zip(parts[::2], parts[1::2], strict=False)] + odd
    total: Rounded = functools.reduce(_plus, parts)
    return total


def _tanh(run: Run, a: Rounded) -> Rounded:
    exact, level = np.tanh(a.value), run.machine.level
    pull = (a, lambda s: s * (1 - exact * exact))
    return run.rounded(exact, pull, relative=level.relative, absolute=level.absolute)


def _sigmoid(run: Run, a: Rounded) -> Rounded:
    exact, level = expit(a.value), run.machine.level
    pull = (a, lambda s: s * exact * (1 - exact))
    return run.rounded(exact, pull, relative=level.relative, absolute=level.absolute)


def _maximum(run: Run, a: Rounded, b: Rounded) -> Rounded:
    """Nothing to round."""
    larger = a.value > b.value
    pulls = [(a, lambda s: _fold(s * larger, a.shape)), (b, lambda s: _fold(s * ~larger, b.shape))]
    return Rounded(run, np.maximum(a.value, b.value), pulls)


RULES: dict[Any, Callable[..., Rounded]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.matmul: _matmul,
    np.tanh: _tanh,
    expit: _sigmoid,
    np.maximum: _maximum,
}


@operations.agreed.register
def _agreed(first: Rounded, *others: Rounded) -> Rounded:
    return (first, *others)[first.run.machine.form]


@operations.split.register
def _split(array: Rounded, blocks: int) -> tuple[Rounded, ...]:
    width = array.shape[-1] // blocks
    return tuple(array[..., k * width : (k + 1) * width] for k in range(blocks))


@operations.unstack.register
def _unstack(array: Rounded) -> tuple[Rounded, ...]:
    return tuple(array[t] for t in range(array.shape[0]))


@operations.register_stack
def _stack(first: Rounded, arrays: Sequence[Rounded]) -> Rounded:
    parents = [(each, lambda s, k=k: s[k]) for k, each in enumerate(arrays)]
    return Rounded(first.run, np.stack([each.value for each in arrays]), parents)


@operations.register_join
def _join(first: Rounded, arrays: Sequence[Rounded]) -> Rounded:
    ends = np.cumsum([each.shape[-1] for each in arrays])
    parents = [
        (each, lambda s, part=slice(end - each.shape[-1], end): s[..., part])
        for each, end in zip(arrays, ends, strict=True)
    ]
    return Rounded(first.run, np.concatenate([each.value for each in arrays], axis=-1), parents)


@operations.select.register
def _select(yes: Rounded, no: Rounded, mask: npt.NDArray[np.bool_]) -> Rounded:
    pulls = [
        (yes, lambda s: _fold(np.where(mask, s, 0), yes.shape)),
        (no, lambda s: _fold(np.where(mask, 0, s), no.shape)),
    ]
    return Rounded(yes.run, np.where(mask, yes.value, no.value), pulls)


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


def slopes(run: Run, target: Rounded, index: tuple[int, ...]) -> list[Array | float]:
    """How much each computed number moves a number of the answer."""
    for each in run.computed:
        each.slope = 0.0
    target.slope = _put(np.ones(()), index, target.shape)
    for each in reversed(run.computed):
        if isinstance(each.slope, np.ndarray):
            for parent, pull in each.parents:
                parent.slope = parent.slope + pull(each.slope)
    return [each.slope for each in run.computed]


def straight(_k: int, _shape: tuple[int, ...]) -> Direction:
    """Nothing rounds."""
    return 0.0


def along(slopes: Sequence[Array | float], way: float) -> Direct:
    """Everything rounds to where a number of the answer grows (shrinks, with way = -1)."""
    signs = [way * np.sign(slope) for slope in slopes]
    return lambda k, _shape: signs[k]


def scattered(seed: int, *, ends: bool) -> Direct:
    """Every number rounds in a direction of its own: to one of the ends, or between them."""

    @functools.cache
    def direct(k: int, shape: tuple[int, ...]) -> Direction:
        random = np.random.default_rng((seed, k))
        return random.choice([-1.0, 1.0], shape) if ends else random.uniform(-1, 1, shape)

    return direct


def attacks(case: Case, machine: Machine, part: str, index: tuple[int, ...]) -> Iterator[Answer]:
    """Push one number of the answer up as far as rounding can, and down."""
    run, answer = play(case, machine, straight)
    moved = slopes(run, answer.parts()[part], index)
    for way in (1.0, -1.0):
        yield play(case, machine, along(moved, way))[1]


def worst(case: Case, machine: Machine, answer: Answer) -> float:
    """The largest share of its bound that an error takes, judged by the answer's own anchors."""
    judged = unroll(case, machine.judge(), {case.network.layers - 1: answer.outputs.value}).parts()
    shares = [0.0]
    for name, part in answer.parts().items():
        bound = judged[name].settled()
        error = np.abs(part.value - bound.value)
        assert np.all(bound.error >= 0)
        shares.append(float(np.max(error / np.where(bound.error > 0, bound.error, 1.0))))
        assert np.all(error[bound.error == 0] == 0)
    return max(shares)


def chosen(draw: Draw, cell: str, unit: float, seed: int) -> tuple[Case, Machine]:
    """A small case and a machine, everything about them drawn."""
    random = np.random.default_rng(seed)
    units, inputs, steps = (int(size) for size in random.integers(1, 5, 3))
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
        int(random.integers(2)),
    )
    return case, machine


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("cell", NET)
def test_no_adversary_gets_beyond_the_bound(drawn: Draw, cell: str, unit: float) -> None:
    for seed in range(10):
        case, machine = chosen(drawn, cell, unit, seed)
        part = ("outputs", *case.network.states)[seed % (1 + len(case.network.states))]
        index = (-1, -1, -1) if part != "outputs" or case.lengths is None else (0, 0, 0)
        for answer in attacks(case, machine, part, index):
            share = worst(case, machine, answer)
            assert share <= 1, (share, case.network, machine)


def highest(draw: Draw, cell: str, unit: float) -> float:
    """The largest share of the bound that an adversary reaches, over one step of one unit.

    Small weights keep the activations far from saturation: every operation has its part in the
    error, and none of them has it alone.
    """
    network = replace(NET[cell], biases="none")
    shares = [0.0]
    for seed, scale in enumerate([1.0, 1 / 8] * 3):
        case = draw(network, 1, 1, seed, scale)
        for level, form in [(RELATIVE, 0), (RELATIVE, 1), (ABSOLUTE, 0)]:
            machine = Machine(unit, level=level, form=form)
            tried = attacks(case, machine, "outputs", (0, 0, 0))
            shares += [worst(case, machine, answer) for answer in tried]
    return max(shares)


@pytest.mark.parametrize("unit", UNITS)
def test_an_adversary_gets_close_to_the_bound_and_not_beyond(drawn: Draw, unit: float) -> None:
    shares = {cell: highest(drawn, cell, unit) for cell in NET}
    assert all(0.9 <= share <= 1 for share in shares.values()), shares


@pytest.mark.parametrize("cell", NET)
def test_rounding_at_random_stays_within_the_bound_at_any_size(drawn: Draw, cell: str) -> None:
    for seed, (units, inputs, steps, direction, lengths, unit) in enumerate(
        [
            (40, 3, 20, "forward", None, 2.0**-24),
            (17, 40, 6, "both", [6, 1], 2.0**-11),
            (9, 9, 12, "backward", [0, 12, 5], 2.0**-8),
            (40, 2, 3, "both", None, 2.0**-16),
        ]
    ):
        network = replace(NET[cell], units=units, inputs=inputs, direction=direction)
        case = drawn(network, steps, len(lengths or [0]), seed, 8 / units**0.5, lengths)
        machine = Machine(unit, order="shuffled", form=seed % 2)
        _, answer = play(case, machine, scattered(seed, ends=seed % 2 == 0))
        share = worst(case, machine, answer)
        assert share <= 1, (share, case.network, machine)
