"""ONNX's node tests of its operators LSTM, GRU and RNN, told in this project's words."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import helper
from onnx.backend.test.case.node import collect_testcases

from benchmarks.examples import Example
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions, Packed, unpack
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array

LAYOUTS = {
    "LSTM": Conventions(("input", "output", "forget", "candidate")),
    "GRU": Conventions(("update", "reset", "candidate")),
    "RNN": Conventions(("hidden",)),
}
"""How the operators lay their weights out: https://onnx.ai/onnx/operators/"""
DIRECTIONS = {"forward": "forward", "reverse": "backward", "bidirectional": "both"}
INPUTS = {"X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c"}
ATTRIBUTES = {"hidden_size", "direction", "layout", "linear_before_reset"}
BATCH_FIRST = "batch first"
"""The way of a layer that is asked for where the operator's layout is 1."""


def onnx_tests() -> tuple[list[Example], list[str]]:
    """The tests, and the names of those that no layer here can be asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tests of other operators, collected too
        collected = collect_testcases()
    tests, left_out = [], []
    for test in collected:
        node = test.model.graph.node[0]
        if node.op_type in LAYOUTS and test.data_sets is not None:
            for inputs, outputs in test.data_sets:
                made = _told(node, inputs, outputs, float(test.rtol), float(test.atol))
                if made is None:
                    left_out.append(test.name)
                else:
                    tests.append(made)
    return tests, left_out


def _told(node: Any, inputs: Any, outputs: Any, rtol: float, atol: float) -> Example | None:
    """One test as a case; None where there is something in it that we have no word for."""
    given = dict(zip(filter(None, node.input), map(_array, inputs), strict=True))
    options = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if given.keys() - INPUTS or options.keys() - ATTRIBUTES:
        return None
    first = options.get("layout", 0) == 1
    after = node.op_type != "GRU" or options.get("linear_before_reset") == 1
    network = Network(
        node.op_type.lower(),
        inputs=given["X"].shape[-1],
        units=options["hidden_size"],
        direction=DIRECTIONS[options.get("direction", b"forward").decode()],
        biases="both" if "B" in given else "none",
        reset="after" if after else "before",
    )
    weights: dict[Place, Array] = {}
    for k, direction in enumerate(network.directions):
        biases = np.split(given["B"][k], 2) if "B" in given else (None, None)
        packed = Packed(given["W"][k], given["R"][k], *biases)
        weights |= unpack(network, packed, LAYOUTS[node.op_type], direction=direction)
    lengths = given.get("sequence_lens")
    parts = {name: f"_{name[0]}" for name in network.states}
    states = {
        name: _turned(given[f"initial{end}"], first)
        for name, end in parts.items()
        if f"initial{end}" in given
    }
    case = Case(
        network,
        weights,
        _turned(given["X"], first),
        states,
        None if lengths is None else lengths.astype(np.int64),
        "float32",
        way=BATCH_FIRST if first else "",
    )
    named = dict(zip(filter(None, node.output), map(_array, outputs), strict=True))
    expected = {
        name: _turned(named[f"Y{end}"], first) for name, end in parts.items() if f"Y{end}" in named
    }
    if "Y" in named:
        expected["outputs"] = _joined(np.moveaxis(named["Y"], 0, 2) if first else named["Y"])
    return Example(case, expected, rtol, atol)


def answer_of(network: Network, outputs: Sequence[Any]) -> Answer:
    """All outputs of an operator in its layout 0, as an answer."""
    whole, *states = outputs
    return Answer(_joined(whole), dict(zip(network.states, states, strict=True)))


def _array(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64)


def _turned(array: Array, first: bool) -> Array:
    """Rows and what comes before them, exchanged where the rows are first."""
    return np.swapaxes(array, 0, 1) if first else array


def _joined(outputs: Array) -> Array:
    """``(T, D, B, H)`` to ``(T, B, D * H)``."""
    steps, directions, rows, units = outputs.shape
    return outputs.transpose(0, 2, 1, 3).reshape(steps, rows, directions * units)
