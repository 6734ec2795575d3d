"""Cases as scripts of PaddlePaddle alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions, Packed, pack
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

KINDS = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
"""Paddle's names of the layers."""
PACKED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_ho")
"""A cell's names of what ``Packed`` holds, in its order; it has no peepholes."""
SIDES = {"none": "", "input": "ih", "recurrent": "hh", "both": "ih hh"}
"""The biases that a network has, by Paddle's letters for the sides."""


def options(network: Network) -> dict[str, Any]:
    """What a layer or a cell is made with, beside its sizes."""
    chosen: dict[str, Any] = {}
    if network.cell == "rnn":
        chosen["activation"] = network.activation
    if network.projection:
        chosen["proj_size"] = network.projection
    for side in ("ih", "hh"):
        if side not in SIDES[network.biases]:
            chosen[f"bias_{side}_attr"] = False
    return chosen


def of_cell(packed: Packed) -> dict[str, Array]:
    """The parameters of a cell by their names; of the projection alone, units are columns."""
    held = dict(zip(PACKED, vars(packed).values(), strict=False))
    if packed.projection is not None:
        held["weight_ho"] = packed.projection.T
    return {name: array for name, array in held.items() if array is not None}


def of_layer(case: Case, conventions: Conventions) -> str:
    """A case of a layer."""
    network = case.network
    direction = "bidirect" if network.direction == "both" else "forward"
    made = _call(KINDS[network.cell], network, num_layers=network.layers, direction=direction)
    states = _nested([_tensor(case, case.state(name)) for name in network.states])
    last = ["hidden = final.numpy()"]
    if network.cell == "lstm":
        last = ["hidden, cell = (state.numpy() for state in final)"]
    return _script(case, conventions, made, "layer[{}]", states, last)


def of_cells(case: Case, conventions: Conventions) -> str:
    """A case of a cell in an RNN, or of two in a BiRNN."""
    network = case.network
    both = network.direction == "both"
    cells = ", ".join([_call(f"{KINDS[network.cell]}Cell", network)] * len(network.directions))
    reverse = ", is_reverse=True" if network.direction == "backward" else ""
    given = [
        _nested([_tensor(case, case.state(name)[k]) for name in network.states])
        for k in range(len(network.directions))
    ]
    finals = "final" if both else "[final]"
    last = [f"hidden = np.stack([state.numpy() for state in {finals}])"]
    if network.cell == "lstm":
        last = [
            f"hidden = np.stack([state.numpy() for state, _ in {finals}])",
            f"cell = np.stack([state.numpy() for _, state in {finals}])",
        ]
    made = f"paddle.nn.{'BiRNN' if both else 'RNN'}({cells}{reverse})"
    return _script(case, conventions, made, "layer", _nested(given), last)


def _script(
    case: Case, conventions: Conventions, made: str, owner: str, states: str, last: list[str]
) -> str:
    """``owner`` is what holds the cells of a layer, by its number."""
    network = case.network
    ends = ("cell_fw", "cell_bw") if network.direction == "both" else ("cell",)
    weights = []
    for k in range(network.layers):
        for direction, end in zip(network.directions, ends, strict=True):
            packed = pack(network, case.weights, conventions, k, direction)
            held = [_array(case, w) for w in of_cell(packed).values()]
            weights.append(f"    ({owner.format(k)}.{end}, [{', '.join(held)}]),")
    names = tuple(of_cell(pack(network, case.weights, conventions, 0, network.directions[0])))
    lengths = "None" if case.lengths is None else f"paddle.to_tensor({literal(case.lengths)})"
    return "\n".join(
        [
            "import numpy as np",
            "import paddle",
            "",
            f"paddle.set_default_dtype({case.dtype!r})",
            f"layer = {made}",
            "weights = [",
            *weights,
            "]",
            "for held, arrays in weights:",
            f"    for name, array in zip({names!r}, arrays):",
            "        getattr(held, name).set_value(array)",
            f"inputs = {_tensor(case, case.inputs.swapaxes(0, 1))}  # rows, steps, inputs",
            f"states = {states if case.states else None}",
            f"lengths = {lengths}",
            "outputs, final = layer(inputs, states, lengths)",
            "outputs = outputs.numpy().swapaxes(0, 1)",
            *last,
            "",
        ]
    )


def _call(kind: str, network: Network, **more: Any) -> str:
    chosen = {**options(network), **more}
    words = [str(network.inputs), str(network.units)]
    words += [f"{name}={value!r}" for name, value in chosen.items()]
    return f"paddle.nn.{kind}({', '.join(words)})"


def _nested(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _array(case: Case, values: Array) -> str:
    return literal(values.astype(case.dtype), case.dtype)


def _tensor(case: Case, values: Array) -> str:
    return f"paddle.to_tensor({_array(case, values)})"
