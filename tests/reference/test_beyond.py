"""What networks may have beyond the cards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions, pack, unpack
from rnnspec.reference.encoding import decode_case, encode_case
from rnnspec.reference.network import BLOCKS, EXTRAS, InvalidCase, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.symbols import equations
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count, unroll

ALL: dict[str, Any] = {
    "projection": 2,
    "peepholes": True,
    "coupled": True,
    "clip": 0.75,
    "cell_clip": 0.5,
}
SOME: list[dict[str, Any]] = [*({name: value} for name, value in ALL.items()), ALL]


def sigmoid(x: Any) -> Any:
    """In the arithmetic of its argument."""
    return 1 / (1 + np.exp(-x))


def case_of(network: Network, rows: int = 2, steps: int = 4) -> Case:
    """Numbers drawn at random, all different from 0."""
    rng = np.random.default_rng(5)
    weights = {at: rng.standard_normal(shape) for at, shape in network.places()}
    case = Case(network, weights, rng.standard_normal((steps, rows, network.inputs)))
    return case.with_states(**{n: rng.standard_normal(case.shape_of(n)) for n in network.states})


def by_hand(case: Case) -> Answer:
    """One layer, forward, unit by unit, as a paper would write it."""
    network, w = case.network, {(at.block, at.part): a for at, a in case.weights.items()}
    h, c = case.state("hidden")[0].copy(), case.state("cell")[0].copy()
    outputs = []

    def cut(x: float, limit: float) -> float:
        return min(max(x, -limit), limit) if limit else x

    def summed(block: str, row: int, j: int, x: Array, h: Array, peeped: float) -> float:
        total = w[block, "input"][j] @ x + w[block, "input_bias"][j]
        total += w[block, "recurrent"][j] @ h + w[block, "recurrent_bias"][j]
        if network.peepholes and block != "candidate":
            total += w[block, "peephole"][j] * peeped
        return cut(float(total), network.clip)

    for x in case.inputs:
        shown = np.zeros((case.rows, network.units))
        past = h.copy()
        for row in range(case.rows):
            for j in range(network.units):
                at = (row, j, x[row], past[row])
                i = sigmoid(summed("input", *at, c[row, j]))
                f = 1 - i if network.coupled else sigmoid(summed("forget", *at, c[row, j]))
                new = f * c[row, j] + i * np.tanh(summed("candidate", *at, 0.0))
                c[row, j] = cut(new, network.cell_clip)
                shown[row, j] = sigmoid(summed("output", *at, c[row, j])) * np.tanh(c[row, j])
        h = shown @ w["hidden", "projection"].T if network.projection else shown
        outputs.append(h)
    return Answer(np.stack(outputs), {"hidden": h[None], "cell": c[None]})


@pytest.mark.parametrize("extras", SOME, ids=lambda extras: "+".join(extras))
def test_the_equations_are_those_of_the_papers(extras: dict[str, Any]) -> None:
    case = case_of(Network("lstm", 2, 3, **extras))
    found, wanted = unroll(case).parts(), by_hand(case).parts()
    for name, part in wanted.items():
        np.testing.assert_allclose(found[name], part, rtol=1e-13, atol=1e-13)
    plain = Network("lstm", 2, 3)
    without = case_of(plain).changed(inputs=case.inputs)
    if "projection" not in extras:
        assert not np.allclose(found["outputs"], unroll(without).outputs)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_cell_may_clip_its_sums(cell: str, reset: str) -> None:
    network = Network(cell, 2, 3, clip=0.25, reset=reset)
    case = case_of(network)
    answer = unroll(case)
    assert np.abs(answer.outputs).max() <= max(np.tanh(0.25), np.abs(case.state("hidden")).max())
    unclipped = case.changed(network=replace(network, clip=0.0))
    assert not np.allclose(answer.outputs, unroll(unclipped).outputs)
    wide = case.changed(network=replace(network, clip=1e6))
    np.testing.assert_array_equal(unroll(wide).outputs, unroll(unclipped).outputs)


def test_the_two_gates_of_coupled_ones_add_up_to_one() -> None:
    """With a cell state of 1 and a candidate of 1, it stays 1, whatever the gate is."""
    case = case_of(Network("lstm", 2, 3, coupled=True))
    case = case.with_weights(lambda at, w: 0 * w if at.block == "candidate" else w)
    case = case.with_weights(
        lambda at, w: w + 40.0 if (at.block, at.part) == ("candidate", "input_bias") else w
    )
    case = case.with_states(cell=np.ones(case.shape_of("cell")))
    np.testing.assert_allclose(unroll(case).states["cell"], 1.0, rtol=1e-15)


@pytest.mark.parametrize("extras", SOME, ids=lambda extras: "+".join(extras))
def test_gradients_are_those_of_differences(extras: dict[str, Any]) -> None:
    case = case_of(Network("lstm", 2, 3, layers=2, direction="both", **extras), steps=2)
    rng = np.random.default_rng(6)
    cotangent = rng.standard_normal(case.output_shape)
    found = gradients(case, {"outputs": cotangent})
    step = 1e-6

    def loss(case: Case) -> float:
        return float((unroll(case).outputs * cotangent).sum())

    for place, gradient in found.weights.items():
        index = tuple(int(rng.integers(n)) for n in gradient.shape)

        def moved(by: float, place: Any = place, index: Any = index) -> Case:
            def change(at: Any, w: Array) -> Array:
                new = w.copy()
                if at == place:
                    new[index] += by
                return new

            return case.with_weights(change)

        slope = (loss(moved(step)) - loss(moved(-step))) / (2 * step)
        assert gradient.shape == case.weights[place].shape
        np.testing.assert_allclose(gradient[index], slope, rtol=1e-6, atol=1e-8, err_msg=str(place))


@pytest.mark.parametrize("extras", SOME, ids=lambda extras: "+".join(extras))
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_other_orders_and_other_ways_are_within_the_bounds(
    extras: dict[str, Any], dtype: str
) -> None:
    """In the arithmetic of the dtype: a step at a time, and a gate left as sigmoid(-x)."""
    kind: Any = np.dtype(dtype)
    network = Network("lstm", 2, 3, **extras)
    drawn = case_of(network, steps=1)
    held = drawn.with_weights(lambda at, w: w.astype(kind).astype(np.float64)).changed(
        inputs=drawn.inputs.astype(kind).astype(np.float64), dtype=dtype
    )
    case = held.with_states(**{n: s.astype(kind).astype(float) for n, s in held.states.items()})
    w = {(at.block, at.part): a.astype(kind) for at, a in case.weights.items()}
    x, h, c = (
        a.astype(kind) for a in (case.inputs[0], *(case.state(n)[0] for n in network.states))
    )

    def cut(x: Any, limit: float) -> Any:
        return np.clip(x, -limit, limit).astype(kind) if limit else x

    def summed(block: str, c: Any) -> Any:
        peep = w[block, "peephole"] * c if network.peepholes and block != "candidate" else 0 * c
        past = h @ w[block, "recurrent"].T + w[block, "recurrent_bias"]
        return cut((peep + past) + (w[block, "input_bias"] + x @ w[block, "input"].T), network.clip)

    i = sigmoid(summed("input", c))
    f = sigmoid(-summed("input", c)) if network.coupled else sigmoid(summed("forget", c))
    c = cut(i * np.tanh(summed("candidate", c)) + f * c, network.cell_clip)
    h_new = np.tanh(c) * sigmoid(summed("output", c))
    if network.projection:
        h_new = h_new @ w["hidden", "projection"].T
    expected = unroll(case, Bounds.of(dtype)).parts()
    for name, part in {"outputs": h_new, "cell": c}.items():
        allowed = expected[name].settled()
        off = np.abs(part.astype(np.float64) - np.reshape(allowed.value, part.shape))
        assert np.all(off <= np.reshape(allowed.error, part.shape))
        assert np.all(np.reshape(allowed.error, part.shape) < 100 * np.finfo(kind).eps)


def test_what_there_is_beside_stands_in_the_packing() -> None:
    network = Network("lstm", 2, 3, **{**ALL, "coupled": False})
    case = case_of(network)
    for orientation in ("out,in", "in,out"):
        how = Conventions(
            ("input", "output", "forget", "candidate"),
            orientation=orientation,
            extras=tuple(EXTRAS),
            peepholes=("input", "output", "forget"),
        )
        packed = pack(network, case.weights, how)
        assert packed.projection is not None
        assert packed.peepholes is not None
        assert packed.projection.shape == ((2, 3) if orientation == "out,in" else (3, 2))
        gates = {at.block: w for at, w in case.weights.items() if at.part == "peephole"}
        np.testing.assert_array_equal(
            packed.peepholes, np.concatenate([gates["input"], gates["output"], gates["forget"]])
        )
        back = unpack(network, packed, how)
        assert back.keys() == case.weights.keys()
        for at, w in back.items():
            np.testing.assert_array_equal(w, case.weights[at])


def test_coupled_gates_are_packed_without_the_forget_gate() -> None:
    network = Network("lstm", 1, 2, coupled=True, peepholes=True)
    case = case_of(network)
    packed = pack(network, case.weights, Conventions(BLOCKS["lstm"], extras=("coupled",)))
    assert packed.input.shape == (6, 1)
    assert packed.peepholes is not None
    assert packed.peepholes.shape == (4,)
    back = unpack(network, packed, Conventions(BLOCKS["lstm"], extras=("coupled",)))
    assert back.keys() == case.weights.keys()


@pytest.mark.parametrize("extras", SOME, ids=lambda extras: "+".join(extras))
def test_a_case_survives_as_data(extras: dict[str, Any]) -> None:
    case = case_of(Network("lstm", 2, 3, **extras))
    data = encode_case(case)
    assert data["network"].keys() & EXTRAS.keys() == extras.keys()
    back = decode_case(data)
    assert back.network == case.network
    assert back.weights.keys() == case.weights.keys()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"projection": 4}, "case.network.projection is 4: use a whole number from 0 to the units"),
        ({"projection": True}, "case.network.projection is True: use a whole number from 0 to the"),
        ({"peepholes": 1}, "case.network.peepholes is 1: use true or false"),
        ({"coupled": "yes"}, "case.network.coupled is 'yes': use true or false"),
        ({"clip": -1.0}, "case.network.clip is -1.0: use a number from 0 on"),
        ({"cell_clip": float("nan")}, "case.network.cell_clip is nan: use a number from 0 on"),
        ({"cell": "gru", "peepholes": True}, "case.network.peepholes: a GRU has none"),
        ({"cell": "rnn", "cell_clip": 1.0}, "case.network.cell_clip: a RNN has none"),
    ],
)
def test_what_cannot_be_is_told(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidCase) as complaint:
        Network(**{"cell": "lstm", "inputs": 1, "units": 3, **fields})
    assert str(complaint.value).startswith(told)


def test_a_network_says_what_it_has() -> None:
    network = Network("lstm", 1, 3, **ALL)
    assert str(network) == (
        "LSTM, 1 input, 3 units, forward, projected hidden state (2), peepholes, coupled gates, "
        "clipped sums (0.75), clipped cell state (0.5), two bias vectors"
    )
    assert count(replace(network, coupled=False)) == 4 * (3 * 1 + 3 * 2 + 6) + 9 + 6
    assert count(network) == 3 * (3 * 1 + 3 * 2 + 6) + 6 + 6


def test_the_formulas_are_printed_from_the_code() -> None:
    network = Network("lstm", 1, 1, biases="input", **{**ALL, "projection": 1})
    assert equations(network) == {
        "i_t": "sigmoid(clip(W_i x_t + b_i + U_i h_{t-1} + p_i * c_{t-1}, 0.75))",
        "c~_t": "tanh(clip(W_c~ x_t + b_c~ + U_c~ h_{t-1}, 0.75))",
        "o_t": "sigmoid(clip(W_o x_t + b_o + U_o h_{t-1} + p_o * c_t, 0.75))",
        "c_t": "clip((1 - i_t) * c_{t-1} + i_t * c~_t, 0.5)",
        "h_t": "P (o_t * tanh(c_t))",
    }
