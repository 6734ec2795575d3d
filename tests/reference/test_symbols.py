"""The equations as text: what the cells compute, printed from the code that computes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.network import ACTIVATIONS, BIASES, BLOCKS, RESETS, Network
from rnnspec.reference.symbols import APPLIED, Symbol, equations, printed

RNN = Network("rnn", 1, 1)
LSTM = Network("lstm", 1, 1)
GRU = Network("gru", 1, 1)


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (RNN, {"h_t": "tanh(W x_t + b + U h_{t-1} + d)"}),
        (
            Network("rnn", 1, 1, activation="relu"),
            {"h_t": "max(W x_t + b + U h_{t-1} + d, 0)"},
        ),
        (
            LSTM,
            {
                "f_t": "sigmoid(W_f x_t + b_f + U_f h_{t-1} + d_f)",
                "i_t": "sigmoid(W_i x_t + b_i + U_i h_{t-1} + d_i)",
                "c~_t": "tanh(W_c~ x_t + b_c~ + U_c~ h_{t-1} + d_c~)",
                "o_t": "sigmoid(W_o x_t + b_o + U_o h_{t-1} + d_o)",
                "c_t": "f_t * c_{t-1} + i_t * c~_t",
                "h_t": "o_t * tanh(c_t)",
            },
        ),
        (
            GRU,
            {
                "r_t": "sigmoid(W_r x_t + b_r + U_r h_{t-1} + d_r)",
                "z_t": "sigmoid(W_z x_t + b_z + U_z h_{t-1} + d_z)",
                "n_t": "tanh(W_n x_t + b_n + r_t * (U_n h_{t-1} + d_n))",
                "h_t": "(1 - z_t) * n_t + z_t * h_{t-1}",
            },
        ),
        (
            Network("gru", 1, 1, reset="before"),
            {
                "r_t": "sigmoid(W_r x_t + b_r + U_r h_{t-1} + d_r)",
                "z_t": "sigmoid(W_z x_t + b_z + U_z h_{t-1} + d_z)",
                "n_t": "tanh(W_n x_t + b_n + U_n (r_t * h_{t-1}) + d_n)",
                "h_t": "(1 - z_t) * n_t + z_t * h_{t-1}",
            },
        ),
    ],
    ids=str,
)
def test_the_equations_are_those_of_the_cards(network: Network, expected: dict[str, str]) -> None:
    assert equations(network) == expected


@pytest.mark.parametrize(
    ("biases", "candidate"),
    [
        ("none", "tanh(W_n x_t + r_t * (U_n h_{t-1}))"),
        ("input", "tanh(W_n x_t + b_n + r_t * (U_n h_{t-1}))"),
        ("recurrent", "tanh(W_n x_t + r_t * (U_n h_{t-1} + d_n))"),
        ("both", "tanh(W_n x_t + b_n + r_t * (U_n h_{t-1} + d_n))"),
        ("candidate", "tanh(W_n x_t + b_n + r_t * (U_n h_{t-1} + d_n))"),
    ],
)
def test_a_bias_that_is_absent_is_not_printed(biases: str, candidate: str) -> None:
    assert equations(Network("gru", 1, 1, biases=biases))["n_t"] == candidate


def test_the_candidate_alone_may_have_a_second_bias() -> None:
    found = equations(Network("gru", 1, 1, biases="candidate"))
    assert found["r_t"] == "sigmoid(W_r x_t + b_r + U_r h_{t-1})"
    assert found["z_t"] == "sigmoid(W_z x_t + b_z + U_z h_{t-1})"
    assert "d_n" in found["n_t"]


@pytest.mark.parametrize("cell", BLOCKS)
@pytest.mark.parametrize("biases", BIASES)
def test_every_network_can_be_printed(cell: str, biases: str) -> None:
    for activation in ACTIVATIONS if cell == "rnn" else ACTIVATIONS[:1]:
        for reset in RESETS if cell == "gru" else RESETS[:1]:
            for formula in equations(
                Network(cell, 3, 2, biases=biases, activation=activation, reset=reset)
            ).values():
                assert formula.count("(") == formula.count(")")
                assert formula == formula.strip() != ""


def test_some_equations_are_printed_a_line_each() -> None:
    assert printed(LSTM, "c_t", "h_t") == "c_t = f_t * c_{t-1} + i_t * c~_t\nh_t = o_t * tanh(c_t)"


a: Any = Symbol("a")
b: Any = Symbol("b")
c: Any = Symbol("c")
applied: Any = Symbol("W x", APPLIED)


FORMULAS: dict[str, Symbol] = {
    "a + b * c": a + b * c,
    "(a + b) * c": (a + b) * c,
    "a * b * c": a * (b * c),
    "a - (b - c)": a - (b - c),
    "a - b - c": (a - b) - c,
    "a - (b + c)": a - (b + c),
    "1 - a": 1 - a,
    "a - W x": a - applied,
    "a * (W x)": a * applied,
    "tanh(a + b)": np.tanh(a + b),
    "max(a, 0) * b": np.maximum(a, 0) * b,
}


@pytest.mark.parametrize("text", FORMULAS)
def test_parentheses_stand_where_they_are_needed(text: str) -> None:
    assert FORMULAS[text].text == text


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: np.exp(x),
        lambda x: np.arctan(x),
        lambda x: x @ x,
        lambda x: x / 2,
        lambda x: x**2,
        lambda x: -x,
        lambda x: abs(x),
        lambda x: x < 1,
        lambda x: np.minimum(x, 0),
        lambda x: np.add.reduce(x),
        lambda x: np.multiply.outer(x, x),
        lambda x: np.add(x, x, where=True),
    ],
)
def test_an_operation_that_has_no_sign_is_an_error(operation: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        operation(Symbol("x"))
