"""What implementations differ in is data, and the data drive the packing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import BIASES, BLOCKS, DIRECTIONS, Network, Place
from rnnspec.reference.operations import Array

INPUTS, UNITS = 3, 2
LSTM = Conventions(("input", "forget", "candidate", "output"))
GRU = Conventions(("reset", "update", "candidate"))


def numbered(network: Network) -> dict[Place, Array]:
    """Weights that are all different, small and whole: adding an offset to them is exact."""
    weights: dict[Place, Array] = {}
    for n, (place, shape) in enumerate(network.places()):
        weights[place] = 100.0 * n + np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    return weights


@st.composite
def conventions(draw: st.DrawFn) -> tuple[Network, Conventions]:
    cell = draw(st.sampled_from(sorted(BLOCKS)))
    biases = draw(st.sampled_from(sorted(BIASES)))
    direction = draw(st.sampled_from(sorted(DIRECTIONS)))
    network = Network(cell, INPUTS, UNITS, draw(st.integers(1, 2)), direction, biases)
    return network, Conventions(
        draw(st.sampled_from(list(permutations(BLOCKS[cell])))),
        orientation=draw(st.sampled_from(["out,in", "in,out"])),
        update=draw(st.sampled_from(["keeps", "takes"])),
        forget_offset=draw(st.sampled_from([0.0, 1.0, -0.5])),
    )


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(conventions())
def test_what_is_packed_can_be_unpacked(given_: tuple[Network, Conventions]) -> None:
    network, how = given_
    weights = numbered(network)
    found: dict[Place, Array] = {}
    for layer in range(network.layers):
        for direction in network.directions:
            packed = pack(network, weights, how, layer, direction)
            check_shapes(packed, network, how, layer)
            found |= unpack(network, packed, how, layer, direction)
    assert found.keys() == weights.keys()
    for place, array in weights.items():
        assert np.array_equal(found[place], array), place


def check_shapes(packed: Packed, network: Network, how: Conventions, layer: int) -> None:
    rows = len(network.blocks) * UNITS
    for matrix, columns in ((packed.input, network.width(layer)), (packed.recurrent, UNITS)):
        turned = matrix if how.orientation == "out,in" else matrix.T
        assert turned.shape == (rows, columns)
    for side, bias in (("input", packed.input_bias), ("recurrent", packed.recurrent_bias)):
        having = sum(network.biased(block, side) for block in network.blocks)
        assert (None if bias is None else bias.shape) == ((having * UNITS,) if having else None)


# ---- packed by hand


def lstm_weights() -> tuple[Network, dict[Place, Array]]:
    """One unit and input; each part of each block has a number of its own."""
    network = Network("lstm", 1, 1)
    parts = {"input": 10.0, "recurrent": 20.0, "input_bias": 30.0, "recurrent_bias": 40.0}
    blocks = {"forget": 1.0, "input": 2.0, "candidate": 3.0, "output": 4.0}
    return network, {
        place: np.full(shape, parts[place.part] + blocks[place.block])
        for place, shape in network.places()
    }


def test_blocks_stand_in_the_order_that_is_declared() -> None:
    packed = pack(*lstm_weights(), LSTM)
    assert packed.input.tolist() == [[12.0], [11.0], [13.0], [14.0]]
    assert packed.recurrent.tolist() == [[22.0], [21.0], [23.0], [24.0]]
    assert packed.input_bias is not None
    assert packed.input_bias.tolist() == [32.0, 31.0, 33.0, 34.0]
    assert packed.recurrent_bias is not None
    assert packed.recurrent_bias.tolist() == [42.0, 41.0, 43.0, 44.0]


@pytest.mark.parametrize("offset", [1.0, -0.5, -1.0])
def test_an_offset_is_taken_out_of_one_bias_of_the_forget_gate(offset: float) -> None:
    packed = pack(*lstm_weights(), replace(LSTM, forget_offset=offset))
    assert packed.input_bias is not None
    assert packed.input_bias.tolist() == [32.0, 31.0 - offset, 33.0, 34.0]
    assert packed.recurrent_bias is not None
    assert packed.recurrent_bias.tolist() == [42.0, 41.0, 43.0, 44.0]


def test_without_an_offset_a_number_keeps_its_sign_even_0() -> None:
    network = Network("lstm", 1, 1)
    weights = {place: np.full(shape, -0.0) for place, shape in network.places()}
    found = unpack(network, pack(network, weights, LSTM), LSTM)
    assert found.keys() == weights.keys()
    assert all(np.all(np.signbit(array)) for array in found.values())


def test_matrices_are_turned_and_an_update_gate_that_takes_is_negated() -> None:
    network = Network("gru", 2, 1, biases="candidate")
    weights = {
        place: np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape) + 10.0 * n
        for n, (place, shape) in enumerate(network.places())
    }
    how = Conventions(("update", "reset", "candidate"), orientation="in,out", update="takes")
    packed = pack(network, weights, how)
    # the places are numbered 0 to 2 (reset), 3 to 5 (update), and 6 to 9 (candidate)
    assert packed.input.tolist() == [[-31.0, 1.0, 61.0], [-32.0, 2.0, 62.0]]
    assert packed.recurrent.tolist() == [[-41.0, 11.0, 71.0]]
    assert packed.input_bias is not None
    assert packed.input_bias.tolist() == [-51.0, 21.0, 81.0]
    assert packed.recurrent_bias is not None
    assert packed.recurrent_bias.tolist() == [91.0]


def test_each_layer_and_direction_is_packed_by_itself() -> None:
    network = Network("rnn", INPUTS, UNITS, 2, "both", "none")
    weights = numbered(network)
    packed = pack(network, weights, Conventions(("hidden",)), 1, "backward")
    assert np.array_equal(packed.input, weights[Place(1, "backward", "hidden", "input")])
    assert packed.input.shape == (UNITS, 2 * UNITS)
    assert packed.input_bias is packed.recurrent_bias is None


# ---- what is offered


@pytest.mark.parametrize(
    ("network", "told"),
    [
        (Network("lstm", 1, 1), None),
        (Network("lstm", 1, 1, biases="none"), None),
        (Network("lstm", 1, 1, biases="input"), "it offers no biases 'input', only none, both"),
        (Network("lstm", 1, 1, activation="relu"), "it offers no activation 'relu', only tanh"),
        (Network("lstm", 1, 1, reset="before"), "it offers no reset 'before', only after"),
        (Network("lstm", 1, 1, direction="both"), "it offers no direction 'both', only forward"),
        (Network("lstm", 1, 1, layers=2), "it offers no 2 layers, at most 1"),
    ],
    ids=str,
)
def test_what_is_not_offered_is_refused_in_a_sentence(network: Network, told: str | None) -> None:
    assert LSTM.refuses(network) == told


def test_an_offset_that_no_bias_can_take_out_is_refused() -> None:
    told = replace(LSTM, forget_offset=1.0).refuses(Network("lstm", 1, 1, biases="none"))
    assert told == "it adds 1.0 to the forget gate, and there is no bias to take that out of"


@pytest.mark.parametrize("biases", ["input", "recurrent", "both"])
def test_an_offset_is_taken_out_of_a_bias_on_either_side(biases: str) -> None:
    how = replace(LSTM, forget_offset=1.0, biases=tuple(BIASES))
    assert how.refuses(Network("lstm", 1, 1, biases=biases)) is None


def test_fewer_layers_than_may_be_are_offered() -> None:
    how = replace(LSTM, layers=2)
    assert [how.refuses(Network("lstm", 1, 1, layers)) for layers in (1, 2)] == [None, None]
    assert how.refuses(Network("lstm", 1, 1, 3)) == "it offers no 3 layers, at most 2"


@pytest.mark.parametrize("cell", BLOCKS)
def test_the_networks_are_all_that_is_offered(cell: str) -> None:
    how = ReferenceLayer.conventions[cell]
    networks = how.networks(cell)
    assert len(set(networks)) == len(networks)
    assert [how.refuses(network) for network in networks] == [None] * len(networks)
    options = (how.directions, how.biases, how.activations, how.resets)
    assert len(networks) == np.prod([len(each) for each in options])


def test_the_simplest_network_comes_first_however_it_is_declared() -> None:
    how = replace(GRU, biases=("both", "input", "none"), directions=("both", "forward"))
    networks = how.networks("gru")
    assert [n.direction for n in networks] == ["forward"] * 3 + ["both"] * 3
    assert [n.biases for n in networks] == ["none", "input", "both"] * 2
    assert {(n.inputs, n.units, n.layers) for n in networks} == {(1, 1, 1)}


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("orientation", "out, in"),
        ("update", "take"),
        ("biases", ("non",)),
        ("activations", ("Tanh",)),
        ("resets", ("afterwards",)),
        ("directions", ("reverse",)),
    ],
)
def test_a_convention_that_is_misspelt_is_refused(field: str, word: Any) -> None:
    said = word if isinstance(word, str) else word[0]
    with pytest.raises(ValueError, match=rf"^conventions\.{field} has '{said}': use one of '"):
        replace(LSTM, **{field: word})
