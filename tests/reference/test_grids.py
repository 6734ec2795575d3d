"""What is rounded to integers before it is multiplied: by hand, and by a layer that does so."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from rnnspec.reference import unroll as unrolling
from rnnspec.reference.bounds import Arithmetic, Bounded, Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array, fed, packed, sigmoid
from rnnspec.reference.precision import RELATIVE, Grid, Level
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import unroll

WEIGHTS, OPERANDS = Grid(255, 2.0**-23), Grid(127, 2.0**-14)
INT8 = Level("int8", 32.0, 0.0, WEIGHTS, OPERANDS)
FEW = Level("few", 0.0, 0.0, Grid(10, 0.01), Grid(4, 0.5))
BY_HAND = Bounds(Arithmetic(0.0, 0.0, np.inf, FEW))


def given(*numbers: float) -> Bounded:
    return BY_HAND.given(np.array([numbers]))


def errors(array: Bounded) -> list[float]:
    return list(np.broadcast_to(array.error, array.shape).ravel())


def test_weights_are_off_by_half_a_step_of_the_largest_of_all_blocks() -> None:
    one, other = packed([given(0.5, -0.25), given(1.0, 0.05, 0.0)])
    # steps of 0.2; no number is off by more than itself
    assert errors(one) == pytest.approx([0.1, 0.1], rel=1e-11)
    assert errors(other) == pytest.approx([0.1, 0.05, 0.0], rel=1e-11)


def test_operands_are_off_by_half_a_step_of_their_range_and_zero() -> None:
    assert errors(fed(given(4.0, 2.0))) == pytest.approx([0.5, 0.5], rel=1e-11)
    assert errors(fed(given(4.0, -4.0))) == pytest.approx([1.0, 1.0], rel=1e-11)
    assert errors(fed(given(-4.0, -0.25, 0.0))) == pytest.approx([0.5, 0.25, 0.0], rel=1e-11)


def test_no_step_is_smaller_than_the_least() -> None:
    assert errors(fed(given(1.0, 0.5))) == pytest.approx([0.25, 0.25], rel=1e-11)
    (small,) = packed([given(0.02, -0.01)])
    assert errors(small) == pytest.approx([0.005, 0.005], rel=1e-11)


def test_what_is_known_with_an_error_may_have_a_wider_range() -> None:
    wide = Bounded(np.array([[4.0, 0.0]]), np.array([[0.5, 0.5]]), BY_HAND.arithmetic)
    assert errors(fed(wide)) == pytest.approx([0.5 + 0.625, 1.0], rel=1e-11)


def test_of_an_infinite_range_nothing_is_known() -> None:
    with np.errstate(all="ignore"):  # as it is wherever a case is unrolled
        assert errors(fed(given(np.inf, 1.0, 0.0))) == [np.inf] * 3


def test_each_step_has_a_range_of_its_own_or_all_have_one() -> None:
    steps = BY_HAND.given(np.array([[[4.0, 2.0]], [[8.0, 2.0]]]))
    assert errors(fed(steps)) == pytest.approx([1.0] * 4, rel=1e-11)
    assert errors(fed(steps, (-2, -1))) == pytest.approx([0.5, 0.5, 1.0, 1.0], rel=1e-11)


def test_where_nothing_is_rounded_the_arrays_stay_what_they_are() -> None:
    read = Bounds.of("float32")
    array = read.given(np.ones((1, 2)))
    assert fed(array) is array
    assert packed([array])[0] is array


# ---- a layer that does so, in NumPy


def nearest(x: Array, grid: Grid, low: float, high: float, ends: tuple[int, int]) -> Array:
    """Integers of 8 bits, and back."""
    step = max((high - low) / grid.steps, grid.least)
    zero = np.rint(-low / step) if ends[0] == 0 else 0.0
    return np.asarray((np.clip(np.rint(x / step) + zero, *ends) - zero) * step)


def operands(x: Array) -> Array:
    return nearest(x, OPERANDS, min(x.min(), 0.0), max(x.max(), 0.0), (0, 255))


def quantised(case: Case) -> Answer:
    """One layer, forward, of which the products are those of integers."""
    net, matrices = case.network, {}
    for side in ("input", "recurrent"):
        held = {block: case.weights[Place(0, "forward", block, side)] for block in net.blocks}
        most = max(float(np.abs(w).max()) for w in held.values())
        for block, w in held.items():
            matrices[block, side] = nearest(w, WEIGHTS, -most, most, (-128, 127))

    def side_of(x: Array, block: str, side: str) -> Array:
        bias = case.weights[Place(0, "forward", block, f"{side}_bias")]
        return np.asarray(operands(x) @ matrices[block, side].T + bias)

    drives = {block: side_of(case.inputs, block, "input") for block in net.blocks}
    h, outputs = case.state("hidden")[0], []
    c = case.state("cell")[0] if net.cell == "lstm" else h
    for t in range(case.steps):
        x = {block: drive[t] for block, drive in drives.items()}
        u = {block: side_of(h, block, "recurrent") for block in net.blocks}
        if net.cell == "lstm":
            f, i, o = (sigmoid(x[name] + u[name]) for name in ("forget", "input", "output"))
            c = f * c + i * np.tanh(x["candidate"] + u["candidate"])
            h = o * np.tanh(c)
        else:
            r, z = (sigmoid(x[name] + u[name]) for name in ("reset", "update"))
            n = np.tanh(x["candidate"] + r * u["candidate"])
            h = (1 - z) * n + z * h
        outputs.append(h)
    finals = {"hidden": h[None], "cell": c[None]}
    return Answer(np.stack(outputs), {name: finals[name] for name in net.states})


def drawn(random: np.random.Generator, cell: str, units: int) -> Case:
    net = Network(cell, int(random.choice([1, 1, 3])), units)
    steps, rows, scale = (int(n) for n in random.integers(1, 4, 3))

    def numbers(shape: tuple[int, ...], size: float = 1.0) -> npt.NDArray[np.float64]:
        array = random.uniform(-size, size, shape)
        array = array * (random.random(shape) < random.choice([0.3, 1.0]))  # few products
        return np.asarray(np.rint(array * 8) / 8 if random.random() < 0.5 else array)

    return Case(
        net,
        {at: numbers(shape, 0.5 * scale) for at, shape in net.places()},
        numbers((steps, rows, net.inputs)),
        {name: numbers((1, rows, units)) for name in net.states},
        dtype="float64",
    )


def shares(case: Case, read: Bounds) -> float:
    """The largest share of a bound that the layer uses, each step from the state before it."""
    answer = quantised(case)
    expected = unroll(case, read, {0: answer.outputs}).parts()
    bounds = {name: part.settled() for name, part in expected.items()}
    return max(
        float(np.max(np.abs(part - bounds[name].value) / bounds[name].error))
        for name, part in answer.parts().items()
    )


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_layer_that_rounds_to_integers_is_within_its_bound_and_near_it(cell: str) -> None:
    random, read = np.random.default_rng(11), Bounds.of("float32", INT8)
    used = [shares(drawn(random, cell, 1 + k % 2), read) for k in range(500)]
    assert max(used) <= 1.0
    assert max(used) > 0.9
    plain = Bounds.of("float32", RELATIVE)
    assert shares(drawn(random, cell, 2), plain) > 100.0


def test_inputs_have_the_range_of_all_steps_however_many_are_computed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = drawn(np.random.default_rng(3), "gru", 2)
    inputs = np.concatenate([case.inputs] * 3 + [8.0 * case.inputs])
    case, read = case.changed(inputs=inputs), Bounds.of("float32", INT8)
    whole = unroll(case, read).outputs.settled().error
    monkeypatch.setattr(unrolling, "AT_ONCE", 1)
    np.testing.assert_allclose(unroll(case, read).outputs.settled().error, whole, rtol=1e-12)


def test_a_tape_over_such_bounds_has_them_too() -> None:
    case, read = drawn(np.random.default_rng(5), "lstm", 2), Bounds.of("float32", INT8)
    back = gradients(case, {"outputs": np.ones(case.output_shape)}, read)
    outputs, plain = back.answer.outputs.settled(), unroll(case, read).outputs.settled()
    np.testing.assert_allclose(outputs.error, plain.error, rtol=1e-12)
    known = gradients(case, {"outputs": np.ones(case.output_shape)}, Bounds.of("float32"))
    assert np.all(back.inputs.settled().error > known.inputs.settled().error)
