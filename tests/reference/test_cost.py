"""The interpretation *cost*, against operations counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.cost import Counting, cost
from rnnspec.reference.network import Network
from rnnspec.reference.operations import join, stack
from rnnspec.reference.unroll import unroll
from tests.reference.adversary import NET

I, H = 3, 5  # noqa: E741 - as the equations have it
SIZED = {cell: replace(network, inputs=I, units=H) for cell, network in NET.items()}
DIRECTIONS = ("forward", "backward")

WITHOUT_BIASES: dict[str, Mapping[str, int]] = {
    # W x + U h, and one function of it
    "rnn-tanh": {"matmul": H * (I + H), "add": H, "tanh": H},
    "rnn-relu": {"matmul": H * (I + H), "add": H, "maximum": H},
    # four sums; f * c + i * n, then o * tanh(c)
    "lstm": {
        "matmul": 4 * H * (I + H),
        "add": 4 * H + H,
        "expit": 3 * H,
        "multiply": 2 * H + H,
        "tanh": H + H,
    },
    # three sums, the candidate's with r * (U h); (1 - z) * n + z * h
    "gru-after": {
        "matmul": 3 * H * (I + H),
        "add": 3 * H + H,
        "subtract": H,
        "expit": 2 * H,
        "multiply": H + 2 * H,
        "tanh": H,
    },
    # the same, with U (r * h)
    "gru-before": {
        "matmul": 3 * H * (I + H),
        "add": 3 * H + H,
        "subtract": H,
        "expit": 2 * H,
        "multiply": H + 2 * H,
        "tanh": H,
    },
}
BLOCKS = {"rnn-tanh": 1, "rnn-relu": 1, "lstm": 4, "gru-after": 3, "gru-before": 3}


@pytest.mark.parametrize("cell", NET)
def test_one_step_is_what_the_equations_name(cell: str) -> None:
    assert cost(replace(SIZED[cell], biases="none")) == WITHOUT_BIASES[cell]


@pytest.mark.parametrize("cell", NET)
@pytest.mark.parametrize(("biases", "vectors"), [("input", 1), ("recurrent", 1), ("both", 2)])
def test_every_bias_is_one_addition_a_unit(cell: str, biases: str, vectors: int) -> None:
    wanted = Counter(WITHOUT_BIASES[cell]) + Counter(add=vectors * BLOCKS[cell] * H)
    assert cost(replace(SIZED[cell], biases=biases)) == wanted


@pytest.mark.parametrize("cell", ["gru-after", "gru-before"])
def test_the_candidate_s_bias_is_one_more(cell: str) -> None:
    found = cost(replace(SIZED[cell], biases="candidate"))
    assert found["add"] == WITHOUT_BIASES[cell]["add"] + 3 * H + H


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize(("inputs", "units"), [(1, 1), (2, 7), (I, H)])
def test_a_gru_has_three_quarters_of_an_lstm_s_matrices(
    reset: str, inputs: int, units: int
) -> None:
    gru = cost(Network("gru", inputs, units, reset=reset))
    assert 4 * gru["matmul"] == 3 * cost(Network("lstm", inputs, units))["matmul"]


@pytest.mark.parametrize("cell", NET)
def test_two_directions_cost_twice_what_one_does(cell: str) -> None:
    one, other = (cost(replace(SIZED[cell], direction=each)) for each in DIRECTIONS)
    assert one == other
    assert cost(replace(SIZED[cell], direction="both")) == one + other


@pytest.mark.parametrize("direction", [*DIRECTIONS, "both"])
@pytest.mark.parametrize("cell", NET)
def test_layers_add_up(cell: str, direction: str) -> None:
    """The second reads what the first puts out, of all its directions."""
    network = replace(SIZED[cell], direction=direction)
    width = 2 * H if direction == "both" else H
    upper = cost(replace(network, inputs=width))
    assert cost(replace(network, layers=3)) == cost(network) + upper + upper


def test_operations_are_counted_in_arrays_of_any_shape() -> None:
    read = Counting()
    a, b, matrix = (read.given(np.zeros(shape)) for shape in [(2, 3, 4), (3, 4), (4, 5)])
    assert (a + b).shape == (2, 3, 4)
    assert (a @ matrix).shape == (2, 3, 5)
    assert read.tally == {"add": 24, "matmul": 2 * 3 * 5 * 4}
    assert join([a, a @ matrix]).shape == (2, 3, 9)
    assert stack([b, b]).shape == (2, 3, 4)


@pytest.mark.parametrize("cell", NET)
def test_what_is_selected_costs_nothing(drawn: Callable[..., Case], cell: str) -> None:
    """Every step of every row is counted, valid or not."""
    case = drawn(replace(SIZED[cell], direction="both"), 2, 3, seed=0)
    tallies = []
    for lengths in (None, np.array([2, 0, 1])):
        read = Counting()
        unroll(case.changed(lengths=lengths), read)
        tallies.append(read.tally)
    assert tallies[0] == tallies[1]
    one = cost(case.network)
    assert tallies[0] == {name: 2 * 3 * count for name, count in one.items()}
