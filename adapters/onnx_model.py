"""A network as a model of ONNX: one node a layer, and what goes into it and comes out, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions, Packed, pack
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

OPSET, IR = 14, 8
"""The oldest that have all of the operators' options: older runtimes read the models, too."""
DIRECTIONS = {"forward": "forward", "backward": "reverse", "both": "bidirectional"}
"""The operators' words for ours."""

AS_INPUTS = "weights as inputs"
"""The way in which the weights are not in the model, but given with each call."""
Y_ALONE, NO_Y = "outputs alone", "states alone"
"""The ways in which a node is asked for some of its outputs only; all of them are optional."""
BATCH_FIRST = "layout 1"
"""The way to an operator whose rows are first."""


class Model:
    """A case as a model and its feeds."""

    def __init__(self, onnx: Any, case: Case, conventions: Conventions) -> None:
        self.onnx, self.case = onnx, case
        self.first = case.way == BATCH_FIRST
        self.feeds: dict[str, Any] = {"X": self._turned(self._held(case.inputs))}
        self.outputs: list[str] = []
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        if case.lengths is not None:
            self.feeds["lengths"] = case.lengths.astype(np.int32)
        below = "X"
        for layer in range(case.network.layers):
            below = self._layer(layer, below, conventions)
        if case.way == AS_INPUTS:
            self.feeds |= self.constants
            self.constants = {}

    def _layer(self, layer: int, below: str, conventions: Conventions) -> str:
        """One node, which reads ``below``. The name of what the next layer reads."""
        case, network = self.case, self.case.network
        inputs = [below, *self._weights(layer, conventions)]
        inputs.append("lengths" if case.lengths is not None else "")
        wide = len(network.directions)
        for name in network.states:
            given = case.states.get(name)
            inputs.append("" if given is None else f"initial_{name}{layer}")
            if given is not None:
                state = given[layer * wide : (layer + 1) * wide]
                self.feeds[inputs[-1]] = self._turned(self._held(state))
        top = layer == network.layers - 1
        y = "" if top and case.way == NO_Y else f"Y{layer}"
        states = [] if case.way == Y_ALONE else [f"{name}{layer}" for name in network.states]
        self.outputs += [y] * bool(top and y) + states
        if network.peepholes:
            inputs.append(self._peepholes(layer, conventions))
        options = _options(network) | ({"layout": 1} if self.first else {})
        self._node(network.cell.upper(), inputs, [y, *states], **options)
        return "" if top else self._joined(layer, y)

    def _joined(self, layer: int, y: str) -> str:
        """Both directions of a layer side by side, for the next."""
        network = self.case.network
        if not self.first:  # (T, D, B, H)
            self._node("Transpose", [y], [f"turned{layer}"], perm=[0, 2, 1, 3])
            y = f"turned{layer}"
        shape = [0, 0, network.width(layer + 1)]  # 0: as it is
        self._node("Constant", [], [f"shape{layer}"], value_ints=shape)
        self._node("Reshape", [y, f"shape{layer}"], [f"X{layer + 1}"])
        return f"X{layer + 1}"

    def _weights(self, layer: int, conventions: Conventions) -> list[str]:
        """The names of W, R and B of a layer, the last one empty where there are no biases. A
        direction's biases stand in one row: all of the input, then all of the past.
        """
        network = self.case.network
        packed = self._packed(layer, conventions)
        held = {"W": [p.input for p in packed], "R": [p.recurrent for p in packed]}
        if network.biases == "both":
            held["B"] = [np.concatenate([p.input_bias, p.recurrent_bias]) for p in packed]
        self.constants |= {f"{n}{layer}": self._held(np.stack(of)) for n, of in held.items()}
        return [f"{name}{layer}" if name in held else "" for name in "WRB"]

    def _peepholes(self, layer: int, conventions: Conventions) -> str:
        """The name of P of a layer."""
        packed = self._packed(layer, conventions)
        self.constants[f"P{layer}"] = self._held(
            np.stack([np.asarray(p.peepholes) for p in packed])
        )
        return f"P{layer}"

    def _packed(self, layer: int, conventions: Conventions) -> list[Packed]:
        """Of each direction. Where gates are coupled the operator is given weights of a forget gate
        as well, and told to take no notice of them: they are those of the output gate.
        """
        network, weights = self.case.network, dict(self.case.weights)
        if network.coupled:
            output = {at: w for at, w in weights.items() if at.block == "output"}
            weights |= {at._replace(block="forget"): w for at, w in output.items()}
            network = replace(network, coupled=False)
        return [pack(network, weights, conventions, layer, each) for each in network.directions]

    def _node(self, kind: str, inputs: list[str], outputs: list[str], **options: Any) -> None:
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, outputs, **options))

    def _held(self, array: Array) -> Any:
        """Of the case's dtype, in which it is exact."""
        return np.ascontiguousarray(array, dtype=self.case.dtype)

    def _turned(self, array: Any) -> Any:
        return np.ascontiguousarray(array.swapaxes(0, 1)) if self.first else array

    def made(self) -> Any:
        """The model itself."""
        helper = self.onnx.helper

        def told(name: str, dtype: Any, rank: int) -> Any:
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            return helper.make_tensor_value_info(name, kind, [None] * rank)

        graph = helper.make_graph(
            self.nodes,
            "network",
            [told(name, array.dtype, array.ndim) for name, array in self.feeds.items()],
            [told(name, self.case.dtype, 4 if name[0] == "Y" else 3) for name in self.outputs],
            [self.onnx.numpy_helper.from_array(w, name) for name, w in self.constants.items()],
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR)

    def answer(self, results: Sequence[Any]) -> Answer:
        """What the model put out, in the order of ``outputs``."""
        found = {n: np.asarray(a, np.float64) for n, a in zip(self.outputs, results, strict=True)}
        network = self.case.network
        top = found.get(f"Y{network.layers - 1}")
        if top is not None:
            top = top if self.first else top.transpose(0, 2, 1, 3)
            steps, rows, directions, units = top.shape
            top = self._turned(top.reshape(steps, rows, directions * units))
        return Answer(top, self._states(found))

    def _states(self, found: Mapping[str, Array]) -> dict[str, Array]:
        network = self.case.network
        layers = range(network.layers)
        return {
            name: np.concatenate([self._turned(found[f"{name}{layer}"]) for layer in layers])
            for name in network.states
            if f"{name}0" in found
        }


def _options(network: Network) -> dict[str, Any]:
    """A node's attributes: those that every user sets, and those that are not the default."""
    options: dict[str, Any] = {
        "hidden_size": network.units,
        "direction": DIRECTIONS[network.direction],
    }
    if network.cell == "rnn" and network.activation != "tanh":
        options["activations"] = [network.activation.capitalize()] * len(network.directions)
    if network.cell == "gru" and network.reset == "after":
        options["linear_before_reset"] = 1
    if network.coupled:
        options["input_forget"] = 1
    if network.clip:
        options["clip"] = network.clip
    return options
