"""Cases in words: everything that tells a case from another is said, and no more than is read."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnspec.describe import LISTED, SHOWN, describe
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network


def made(network: Network, value: float = 0.5, **fields: Any) -> Case:
    weights = {at: np.full(shape, value) for at, shape in network.places()}
    return Case(network, weights, **{"inputs": np.ones((1, 1, network.inputs)), **fields})


RNN = Network("rnn", 1, 1, biases="none")


def names(text: str) -> list[str]:
    """The arrays that a description shows."""
    return [line.split()[1] for line in text.splitlines() if line.startswith("weights ")]


def test_one_layer_is_described_without_its_number() -> None:
    assert describe(made(RNN, states={"hidden": np.zeros((1, 1, 1))})).splitlines() == [
        "RNN, 1 input, 1 unit, tanh, forward, no bias; float64; 1 step, 1 row",
        "weights hidden.input      [[0.5]]",
        "weights hidden.recurrent  [[0.5]]",
        "inputs (T, B, I)          [[[1.]]]",
        "all else is zero",
    ]


def test_of_several_layers_or_directions_each_place_says_which() -> None:
    two = Network("rnn", 1, 1, layers=2, biases="none")
    assert names(describe(made(two))) == [
        f"{layer}.hidden.{part}" for layer in "01" for part in ("input", "recurrent")
    ]
    assert "2 layers" in describe(made(two))
    both = Network("rnn", 1, 1, direction="both", biases="none")
    assert names(describe(made(both)))[::2] == ["forward.hidden.input", "backward.hidden.input"]
    every = Network("rnn", 1, 1, layers=2, direction="both", biases="none")
    assert names(describe(made(every)))[-1] == "1.backward.hidden.recurrent"
    back = Network("rnn", 1, 1, direction="backward", biases="none")
    assert names(describe(made(back))) == ["hidden.input", "hidden.recurrent"]


def test_lengths_the_way_and_the_aim_are_told() -> None:
    case = made(
        RNN,
        inputs=np.ones((3, 3, 1)),
        lengths=np.array([3, 1, 2]),
        way="packed",
        aim={"block": "hidden"},
    )
    first, *rest = describe(case).splitlines()
    assert first.endswith("; 3 steps, 3 rows; packed")
    assert rest[:2] == ["lengths [3, 1, 2]", "aimed at: hidden"]


def test_of_two_calls_all_that_differs_is_told_and_nothing_else() -> None:
    states = {"hidden": np.ones((1, 2, 1))}
    inputs = np.array([[[np.nan], [1.0]]])
    case = made(RNN, inputs=inputs, states=states)
    assert describe(case, case) == ""
    assert describe(case.changed(way="packed"), case) == f"{case}; packed"
    short = case.changed(lengths=np.array([1, 0]))
    assert describe(short, case) == "lengths [1, 0]"
    assert describe(case, short) == "no lengths"
    assert describe(case.changed(states={}), case) == "no initial hidden state is given"
    other = case.with_states(hidden=np.zeros((1, 2, 1)))
    assert describe(other, case).split() == ["initial", "hidden", "[[[0.],", "[0.]]]"]
    longer = made(RNN, inputs=np.ones((2, 2, 1)), states=states)
    assert describe(longer, case).splitlines()[0] == str(longer)


def test_a_large_array_is_abridged_and_says_how_large_it_is() -> None:
    wide = made(Network("rnn", 1, 130, biases="none"))
    lines = describe(wide).splitlines()
    assert any(line.endswith("130 x 130 numbers, abridged:") for line in lines)
    assert len(lines) < 20
    assert "..." in describe(wide)
    small = made(Network("rnn", 1, 8, biases="none"))
    assert SHOWN == 8 * 8
    assert "..." not in describe(small)


def test_of_many_arrays_the_first_and_the_last_are_listed() -> None:
    deep = Network("lstm", 1, 1, layers=8)
    case = made(deep, states={name: np.ones((8, 1, 1)) for name in deep.states})
    text = describe(case)
    arrays = 8 * 4 * 4 + 3
    assert f"\n... and {arrays - LISTED} more arrays\n" in text
    assert names(text)[0] == "0.forget.input"
    for part in ("inputs", "initial hidden", "initial cell"):
        assert f"\n{part} " in text
    zero = case.with_weights(lambda at, w: w if at.layer == 7 else 0 * w)
    assert "more array" not in describe(zero)
    assert names(describe(zero))[0] == "7.forget.input"
