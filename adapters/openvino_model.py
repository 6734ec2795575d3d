"""A network as a model of OpenVINO: one operator a layer; and arrays as its tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions, pack
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

OPERATORS = {"rnn": "rnn_sequence", "lstm": "lstm_sequence", "gru": "gru_sequence"}
DIRECTIONS = {"forward": "forward", "backward": "reverse", "both": "bidirectional"}
"""The operators' words for ours."""
TYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "int32": "i32"}
"""OpenVINO's words for the dtypes."""

Arrays = dict[str, npt.NDArray[Any]]
"""What the operators read, by name: X, lengths, and for each layer its states, W, R and B."""
Shapes = tuple[tuple[str, tuple[int, ...]], ...]
"""The shapes of some of it; -1 is any size."""


def weights(case: Case, conventions: Conventions) -> Arrays:
    """W, R and B of every layer. What stands on the side of the past comes last in B."""
    network = case.network
    found: Arrays = {}
    for layer in range(network.layers):
        packed = [pack(network, case.weights, conventions, layer, d) for d in network.directions]
        found[f"W{layer}"] = np.stack([p.input for p in packed])
        found[f"R{layer}"] = np.stack([p.recurrent for p in packed])
        sides = [[p.input_bias, p.recurrent_bias] for p in packed]
        biases = [np.concatenate([side for side in of if side is not None]) for of in sides]
        found[f"B{layer}"] = np.stack(biases)
    return found


def arguments(case: Case) -> Arrays:
    """X, lengths and states: rows come first. The operators need all of it."""
    lengths = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
    found: Arrays = {"X": case.inputs.swapaxes(0, 1), "lengths": lengths.astype(np.int32)}
    wide = len(case.network.directions)
    for name in case.network.states:
        state = case.state(name).swapaxes(0, 1)
        for layer in range(case.network.layers):
            found[f"{name}{layer}"] = state[:, layer * wide : (layer + 1) * wide]
    return found


def shapes(arrays: Arrays, *, dynamic: bool) -> Shapes:
    """Of parameters for these arrays; where dynamic, for any number of rows and steps."""

    def free(name: str) -> int:
        return {"X": 2, "W": 0, "R": 0, "B": 0}.get(name[0], 1) if dynamic else 0

    return tuple((n, (-1,) * free(n) + a.shape[free(n) :]) for n, a in arrays.items())


def tensor(openvino: Any, array: npt.NDArray[Any], dtype: str) -> Any:
    """An array as a tensor of a dtype, in which it is exact; whole numbers stay what they are."""
    kind = str(array.dtype) if array.dtype == np.int32 else dtype
    if kind != "bfloat16":
        return openvino.Tensor(np.array(array, dtype=kind, order="C"))
    # NumPy has no such type: its numbers are the upper halves of float32
    made = openvino.Tensor(openvino.Type.bf16, openvino.Shape(array.shape))
    made.data.view(np.uint16)[...] = np.array(array, np.float32, order="C").view(np.uint32) >> 16
    return made


def numbers(tensor: Any, dtype: str) -> Array:
    """What a tensor holds, as float64."""
    held = np.array(tensor.data)
    if dtype == "bfloat16":
        held = (held.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return held.astype(np.float64)


def model(
    openvino: Any, network: Network, dtype: str, shapes: Shapes, held: Mapping[str, Any]
) -> Any:
    """The operators of all layers: what they read is a parameter of these shapes, or is held by
    the model, as a tensor. It puts out Y of the top layer, and then every layer's states.
    """
    opset = openvino.opset13
    nodes = {name: opset.constant(tensor) for name, tensor in held.items()}
    parameters = []
    for name, shape in shapes:
        kind = getattr(openvino.Type, TYPES["int32" if name == "lengths" else dtype])
        nodes[name] = opset.parameter(openvino.PartialShape(list(shape)), kind)
        nodes[name].output(0).set_names({name})
        parameters.append(nodes[name])
    options: dict[str, Any] = {"direction": DIRECTIONS[network.direction]}
    if network.cell == "rnn":
        options["activations"] = [network.activation]
    if network.cell == "gru":
        options["linear_before_reset"] = network.reset == "after"
    if network.clip:
        options["clip"] = network.clip
    operator, finals = getattr(opset, OPERATORS[network.cell]), []
    below = nodes["X"]
    for layer in range(network.layers):
        states = [nodes[f"{name}{layer}"] for name in network.states]
        wrb = [nodes[f"{name}{layer}"] for name in "WRB"]
        node = operator(below, *states, nodes["lengths"], *wrb, network.units, **options)
        y, *after = node.outputs()
        finals += after
        # for the next layer, both directions side by side: (B, D, T, H) to (B, T, D * H)
        turned = opset.transpose(y, [0, 2, 1, 3])
        below = opset.reshape(turned, [0, 0, network.width(1)], special_zero=True)
    return openvino.Model([y, *finals], parameters)


def answer(network: Network, results: Sequence[Array]) -> Answer:
    """What the model puts out."""
    y, *finals = results
    rows, directions, steps, units = y.shape
    names = network.states
    states = {
        name: np.concatenate([state.swapaxes(0, 1) for state in finals[k :: len(names)]])
        for k, name in enumerate(names)
    }
    return Answer(y.transpose(2, 0, 1, 3).reshape(steps, rows, directions * units), states)
