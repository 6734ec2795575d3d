"""In 50 digits nothing rounds: the reference's own rounding is in the bounds, and the tape's
gradients are those of the equations, as differences show them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit

from rnnspec.reference import operations
from rnnspec.reference.bounds import OWN_ACTIVATION, OWN_UNIT, Arithmetic, Bounds
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.network import BIASES, DIRECTIONS
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE, Level
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import unroll
from tests.reference.adversary import NET

Numbers = npt.NDArray[np.object_]
Draw = Callable[..., Case]

SMALLEST = PRECISIONS["float64"].tiny
"""Below this the reference is not accurate relative to its values either."""
NOTHING_ROUNDS = Arithmetic(0.0, SMALLEST, np.inf, Level("exact", 0.0, 0.0))
UNITS = [2.0**-8, 2.0**-11, 2.0**-24, 2.0**-53]


@pytest.fixture(autouse=True)
def fifty_digits() -> Iterator[None]:
    with mpmath.mp.workdps(50):
        yield


def numbers(function: Callable[..., Any]) -> Callable[..., Numbers]:
    """Apply a function of numbers to every element."""
    each = np.frompyfunc(function, 1, 1)
    return lambda array: np.asarray(each(array), dtype=object)


exactly = numbers(lambda x: mpmath.mpf(float(x)))
tanh = numbers(mpmath.tanh)
sigmoid = numbers(lambda x: 1 / (1 + mpmath.exp(-x)))


class Exact(NDArrayOperatorsMixin):
    """An array of numbers with 50 digits."""

    def __init__(self, value: Numbers) -> None:
        self.value = value

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        assert method == "__call__"
        assert not options
        values = [each.value if isinstance(each, Exact) else each for each in inputs]
        return Exact(FUNCTIONS.get(ufunc, ufunc)(*values))


FUNCTIONS: dict[Any, Callable[..., Numbers]] = {np.tanh: tanh, expit: sigmoid}


@operations.rearranged.register
def _rearranged(array: Exact, change: Callable[[Any], Any]) -> Exact:
    return Exact(change(array.value))


@operations.register_stack
def _stack(first: Exact, arrays: Sequence[Exact]) -> Exact:
    return Exact(np.stack([each.value for each in arrays]))


@operations.register_join
def _join(first: Exact, arrays: Sequence[Exact]) -> Exact:
    return Exact(np.concatenate([each.value for each in arrays], axis=-1))


@operations.select.register
def _select(yes: Exact, no: Exact, mask: npt.NDArray[np.bool_]) -> Exact:
    return Exact(np.where(mask, yes.value, no.value))


@operations.total.register
def _total(array: Exact) -> Exact:
    return Exact(array.value.reshape(-1, array.shape[-1]).sum(axis=0))


@operations.positive.register
def _positive(array: Exact) -> Exact:
    return Exact(exactly((array.value > 0).astype(np.float64)))


class Exactly:
    """The reading in which nothing rounds."""

    linked = False

    def given(self, array: Array, name: object = None) -> Exact:
        return Exact(exactly(array))

    seen = given


class Nudged(Exactly):
    """One number of one leaf is moved, by far less than float64 can."""

    def __init__(self, name: object, index: tuple[int, ...], by: mpmath.mpf) -> None:
        self.name, self.index, self.by = name, index, by

    def given(self, array: Array, name: object = None) -> Exact:
        leaf = super().given(array)
        if name == self.name:
            leaf.value[self.index] += self.by
        return leaf


def chosen(draw: Draw, cell: str, scale: float, seed: int) -> Case:
    """A small case with everything about it drawn, lengths and directions and layers included."""
    random = np.random.default_rng(seed)
    units, inputs = (int(size) for size in random.integers(1, 4, 2))
    steps, layers = int(random.integers(1, 7)), int(random.integers(1, 3))
    network = replace(
        NET[cell],
        units=units,
        inputs=inputs,
        layers=layers,
        direction=str(random.choice(list(DIRECTIONS))),
        biases=str(random.choice(list(BIASES))),
    )
    lengths = random.integers(0, steps + 1, 2).tolist() if seed % 2 else None
    return draw(network, steps, 2, seed, scale, lengths)


def assert_within(found: Answer | Gradients, judged: Answer | Gradients) -> None:
    for name, part in found.parts().items():
        bound = judged.parts()[name].settled()
        error = np.broadcast_to(bound.error, bound.shape)
        assert np.all(abs(part.value - exactly(bound.value)) <= exactly(error)), name


@pytest.mark.parametrize("scale", [1 / 8, 1.0, 8.0, 64.0, 1024.0])
@pytest.mark.parametrize("cell", NET)
def test_the_reference_is_within_its_own_bound(drawn: Draw, cell: str, scale: float) -> None:
    """Nothing rounds but the reference: what is left of the bound is its own share."""
    for seed in range(8):
        case = chosen(drawn, cell, scale, seed)
        assert_within(unroll(case, Exactly()), unroll(case, Bounds(NOTHING_ROUNDS)))


@pytest.mark.parametrize("level", [RELATIVE, ABSOLUTE], ids=str)
@pytest.mark.parametrize("cell", NET)
def test_who_does_not_round_conforms_at_any_unit(drawn: Draw, cell: str, level: Level) -> None:
    """Free, and anchored: then what it returned are its states, rounded to float64."""
    for seed, scale in enumerate([1 / 8, 1.0, 8.0, 64.0, 1024.0]):
        case = chosen(drawn, cell, scale, seed)
        answer = unroll(case, Exactly())
        returned = answer.outputs.value.astype(np.float64)
        for unit in UNITS:
            bounds = Bounds(Arithmetic(unit, SMALLEST, np.inf, level))
            assert_within(answer, unroll(case, bounds))
            assert_within(answer, unroll(case, bounds, {case.network.layers - 1: returned}))


def leaves(case: Case) -> Iterator[tuple[object, str, tuple[int, ...], tuple[int, ...]]]:
    """Some numbers of every leaf: its name, that of its gradient, and the index in either."""
    random = np.random.default_rng(case.steps)

    def somewhere(shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(int(random.integers(size)) for size in shape)

    for _ in range(3):
        at = somewhere(case.inputs.shape)
        yield "inputs", "inputs", at, at
    for name, state in case.states.items():
        first, *rest = somewhere(state.shape)
        yield (name, first), f"initial {name}", tuple(rest), (first, *rest)
    for place, weights in case.weights.items():
        at = somewhere(weights.shape)
        yield place, str(place), at[::-1], at  # matrices are leaves the other way round


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cell", NET)
def test_the_tape_goes_back_as_differences_do(drawn: Draw, cell: str, seed: int) -> None:
    """With respect to everything, from every part; and float64's own way back is in its bound."""
    case = chosen(drawn, cell, 1.0, seed)
    random = np.random.default_rng(seed)
    plain = unroll(case).parts()
    cotangents = {name: random.uniform(-1, 1, part.shape) for name, part in plain.items()}
    if seed == 0:
        cotangents.pop("outputs")
    if case.lengths is not None:  # what is past the ends reaches nothing, not even as NaN
        past = np.arange(case.steps)[:, None] >= case.lengths
        case.inputs[past] = np.nan

    def loss(read: Exactly) -> mpmath.mpf:
        parts = unroll(case, read).parts()
        return sum((exactly(g) * parts[name].value).sum() for name, g in cotangents.items())

    exact = gradients(case, cotangents, Exactly())
    found = exact.parts()
    step = mpmath.mpf(10) ** -16
    for leaf, name, index, at in leaves(case):
        if np.isnan(case.inputs[at] if name == "inputs" else 0.0):
            assert found[name].value[at] == 0
            continue
        ahead, behind = (loss(Nudged(leaf, index, by)) for by in (step, -step))
        slope = (ahead - behind) / (2 * step)
        assert abs(found[name].value[at] - slope) <= mpmath.mpf(10) ** -24 * (1 + abs(slope)), name
    bounded = gradients(case, cotangents, Bounds(NOTHING_ROUNDS))
    assert_within(exact, bounded)
    for name, part in bounded.parts().items():  # of float64's own rounding there is little
        bound = part.settled()
        assert np.all(bound.error <= 2.0**-36 * (1 + np.abs(bound.value))), name


@pytest.mark.parametrize("level", [RELATIVE, ABSOLUTE], ids=str)
@pytest.mark.parametrize("cell", NET)
def test_who_does_not_round_goes_back_within_the_bound(
    drawn: Draw, cell: str, level: Level
) -> None:
    """At any unit; anchored, too: then what it returned are its states, rounded to float64."""
    for seed, scale in enumerate([1 / 8, 1.0, 8.0]):
        case = chosen(drawn, cell, scale, seed)
        cotangents = {"outputs": np.random.default_rng(seed).uniform(-1, 1, case.output_shape)}
        found = gradients(case, cotangents, Exactly())
        returned = found.answer.outputs.value.astype(np.float64)
        for unit in UNITS:
            bounds = Bounds(Arithmetic(unit, SMALLEST, np.inf, level))
            assert_within(found, gradients(case, cotangents, bounds))
            top = {case.network.layers - 1: returned}
            assert_within(found, gradients(case, cotangents, bounds, top))


def test_the_ends_of_an_interval_do_not_round_inwards() -> None:
    """Far out, a sigmoid magnifies half an ulp of its argument to hundreds of its value."""
    w, x = -16.001193765972676, 16.005053826608325
    u, h = -11.219126997447086, 11.216992689247045
    read = Bounds(NOTHING_ROUNDS)
    past, present = (read.given(np.array(a)) * read.given(np.array(b)) for a, b in ((u, h), (w, x)))
    bound = expit(present + past)
    exact = sigmoid(exactly(np.array(w)) * exactly(np.array(x)) + mpmath.mpf(u) * mpmath.mpf(h))
    assert abs(exact - exactly(bound.value)) <= exactly(bound.error)


@pytest.mark.parametrize(
    ("function", "exact"),
    [(np.tanh, tanh), (expit, sigmoid), (operations.sigmoid, sigmoid)],
    ids=["tanh", "expit", "sigmoid"],
)
def test_the_reference_s_activations_are_as_accurate_as_stated(
    function: Callable[[Array], Array], exact: Callable[[Numbers], Numbers]
) -> None:
    """Everywhere that their value is a normal number; below, SMALLEST covers them."""
    random = np.random.default_rng(0)
    spread = 2.0 ** random.uniform(-1021, 10, 500), 2.0 ** random.uniform(-30, 6, 2000)
    dense = random.uniform(0, 40, 1000), np.arange(0, 700, 1.25)
    points = np.concatenate([*spread, *dense])
    points = np.concatenate([points, -points])
    with np.errstate(over="ignore"):  # as in unroll
        value, true = function(points), exact(exactly(points))
    allowed = exactly(np.where(np.abs(value) < SMALLEST, SMALLEST, 0.0))
    allowed = allowed + OWN_ACTIVATION * OWN_UNIT * abs(true)
    assert np.all(abs(exactly(value) - true) <= allowed)
