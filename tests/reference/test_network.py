"""What a network refuses, and how it is described."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rnnspec.reference.network import InvalidCase, Network, Place, plural

LARGEST = {"inputs": 2**20, "units": 2**20, "layers": 2**10}


def network(**fields: Any) -> Network:
    return Network(**{"cell": "lstm", "inputs": 1, "units": 1, **fields})


@pytest.mark.parametrize("size", LARGEST)
def test_a_size_lies_within_its_limits(size: str) -> None:
    for fits in (1, LARGEST[size]):
        assert getattr(network(**{size: fits}), size) == fits
    for wrong in (0, -1, LARGEST[size] + 1, 1.0, True, "1"):
        told = f"case.network.{size} is {wrong!r}: use a whole number from 1 to {LARGEST[size]}"
        with pytest.raises(InvalidCase, match=f"^{re.escape(told)}$"):
            network(**{size: wrong})


@pytest.mark.parametrize(
    ("option", "fits"),
    [
        ("cell", "rnn, lstm, gru"),
        ("direction", "forward, backward, both"),
        ("biases", "none, input, recurrent, both, candidate"),
        ("activation", "tanh, relu"),
        ("reset", "after, before"),
    ],
)
def test_an_option_that_is_misspelt_is_told_with_what_fits(option: str, fits: str) -> None:
    told = f"case.network.{option} is 'Both': use one of {fits}"
    with pytest.raises(InvalidCase, match=f"^{told}$"):
        network(**{option: "Both"})


def test_upper_layers_read_what_all_directions_of_the_layer_below_put_out() -> None:
    deep = network(inputs=3, units=5, layers=3)
    assert [deep.width(layer) for layer in range(3)] == [3, 5, 5]
    both = network(inputs=3, units=5, layers=3, direction="both")
    assert [both.width(layer) for layer in range(3)] == [3, 10, 10]


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (network(), "LSTM, 1 input, 1 unit, forward, two bias vectors"),
        (network(inputs=2, units=3, layers=2, direction="both", biases="none"),
         "LSTM, 2 inputs, 3 units, 2 layers, both directions, no bias"),
        (network(cell="rnn", activation="relu", direction="backward"),
         "RNN, 1 input, 1 unit, relu, backward, two bias vectors"),
        (network(cell="gru", reset="before"),
         "GRU, 1 input, 1 unit, reset before, forward, two bias vectors"),
    ],
)  # fmt: skip
def test_a_network_is_described_in_a_few_words(described: Network, text: str) -> None:
    assert str(described) == text


def test_a_place_is_named_from_its_layer_to_its_part() -> None:
    assert str(Place(1, "backward", "reset", "input_bias")) == "1.backward.reset.input_bias"
    assert [plural(n, "unit") for n in (0, 1, 2)] == ["0 units", "1 unit", "2 units"]
