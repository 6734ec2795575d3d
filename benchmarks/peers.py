"""The same layer by others, in float64 on one thread: PyTorch, onnx's evaluator, and nothing but
the matrix products that are in it. Weights and inputs are there before a call is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from benchmarks.onnx_tests import LAYOUTS
from rnnspec.adapters.torch_ import TorchLayer
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import pack
from rnnspec.reference.network import Network

OPSET = 22


def case_of(cell: str, units: int, steps: int, rows: int) -> Case:
    """A layer as it is initialised in practice, as wide as its input."""
    numbers = np.random.default_rng(0)
    network = Network(cell, units, units)
    weights = {at: numbers.uniform(-1, 1, s) / np.sqrt(units) for at, s in network.places()}
    states = {name: numbers.uniform(-1, 1, (1, rows, units)) for name in network.states}
    return Case(network, weights, numbers.standard_normal((steps, rows, units)), states)


def by_torch(case: Case) -> Callable[[], Any]:
    """A call of PyTorch's layer: outputs, and the states by name."""
    layer = TorchLayer()
    module, inputs = layer.loaded(case), layer.tensor(case.inputs, case.dtype)
    return partial(layer.called, module, case, inputs, layer.given(case))


def by_onnx(case: Case) -> Callable[[], Any]:
    """A call of onnx's evaluator: outputs and states, in a list."""
    network = case.network
    packed = pack(network, case.weights, LAYOUTS[network.cell.upper()])
    assert packed.input_bias is not None
    assert packed.recurrent_bias is not None
    given = {
        "X": case.inputs,
        "W": packed.input[None],
        "R": packed.recurrent[None],
        "B": np.concatenate([packed.input_bias, packed.recurrent_bias])[None],
        "": None,  # the lengths
        **{f"initial_{name[0]}": state for name, state in case.states.items()},
    }
    outputs = ["Y", *(f"Y_{name[0]}" for name in network.states)]
    options = {"linear_before_reset": 1} if network.cell == "gru" else {}
    node = helper.make_node(
        network.cell.upper(), [*given], outputs, hidden_size=network.units, **options
    )
    feeds = {name: array for name, array in given.items() if array is not None}

    def told(name: str, shape: tuple[int, ...] | None) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.DOUBLE, shape)

    graph = helper.make_graph(
        [node],
        "layer",
        [told(name, array.shape) for name, array in feeds.items()],
        [told(name, None) for name in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    return partial(ReferenceEvaluator(model).run, None, feeds)


def products(case: Case) -> Callable[[], Any]:
    """The input part in one product, the recurrent part in one a step."""
    units, blocks = case.network.units, len(case.network.blocks)
    own, past = np.random.default_rng(0).uniform(-1, 1, (2, units, blocks * units))
    flat, hidden = case.inputs.reshape(-1, units), case.state("hidden")[0]

    def multiplied() -> None:
        flat @ own
        for _ in range(case.steps):
            hidden @ past

    return multiplied
