"""Cases as scripts of PaddlePaddle alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def layer_of(network: Network) -> str:
    """A layer of a network."""
    direction = "bidirect" if network.direction == "both" else "forward"
    return _call(KINDS[network.cell], network, num_layers=network.layers, direction=direction)


def cells_of(network: Network) -> str:
    """A cell in an RNN, or two in a BiRNN."""
    cells = ", ".join([_call(f"{KINDS[network.cell]}Cell", network)] * len(network.directions))
    reverse = ", is_reverse=True" if network.direction == "backward" else ""
    return f"paddle.nn.{'BiRNN' if network.direction == 'both' else 'RNN'}({cells}{reverse})"


def counting(made: str) -> str:
    """What is made, and its parameters counted."""
    return (
        f"import paddle\n\nlayer = {made}\n"
        "count = sum(int(p.size) for p in layer.parameters() if not p.stop_gradient)\n"
    )


def of_layer(
    case: Case, conventions: Conventions, cotangents: Mapping[str, Array] | None = None
) -> str:
    """A case of a layer; from cotangents, gone back through."""
    network = case.network
    if cotangents is not None:
        finals = ["final"] if len(network.states) == 1 else ["final[0]", "final[1]"]
        parts = dict(zip(network.states, finals, strict=True))
        last = _back(case, cotangents, {n: [(parts[n], ...)] for n in network.states})
    elif network.cell == "lstm":
        last = ["hidden, cell = (state.numpy() for state in final)"]
    else:
        last = ["hidden = final.numpy()"]
    back = cotangents is not None
    return _script(case, conventions, layer_of(network), last, cells=False, back=back)


def of_cells(
    case: Case, conventions: Conventions, cotangents: Mapping[str, Array] | None = None
) -> str:
    """A case of a cell in an RNN, or of two in a BiRNN; from cotangents, gone back through."""
    network = case.network
    both = network.direction == "both"
    finals = "final" if both else "[final]"
    if cotangents is not None:
        each = [f"final[{k}]" for k in range(2)] if both else ["final"]
        ends = [""] if len(network.states) == 1 else ["[0]", "[1]"]
        parts = {
            name: [(f"{final}{end}", k) for k, final in enumerate(each)]
            for name, end in zip(network.states, ends, strict=True)
        }
        last = _back(case, cotangents, parts)
    elif network.cell == "lstm":
        last = [
            f"hidden = np.stack([state.numpy() for state, _ in {finals}])",
            f"cell = np.stack([state.numpy() for _, state in {finals}])",
        ]
    else:
        last = [f"hidden = np.stack([state.numpy() for state in {finals}])"]
    back = cotangents is not None
    return _script(case, conventions, cells_of(network), last, cells=True, back=back)


def leaves(case: Case, conventions: Conventions, *, cells: bool = False) -> dict[str, Array]:
    """What a script goes back to, of a layer or of cells: by the gradient's name in it."""
    held = {f"states{end}.grad": state for end, state in _ended(_states(case, cells))}
    for owner, parameters in _owned(case, conventions, cells):
        held |= {f"{owner}.{name}.grad": array for name, array in parameters.items()}
    return {"inputs.grad": case.inputs.swapaxes(0, 1), **held}


def _states(case: Case, cells: bool) -> Any:
    """The initial states, as a layer or as cells take them: in tuples. None where none are given.

    A cell's have no axis of layers; there is one cell's after the other.
    """
    if not case.states:
        return None
    names = case.network.states

    def each(*index: int) -> Any:
        held = tuple(case.state(name)[index] for name in names)
        return held if len(held) > 1 else held[0]

    if not cells:
        return each()
    every = tuple(each(k) for k in range(len(case.network.directions)))
    return every if len(every) > 1 else every[0]


def _ended(states: Any, end: str = "") -> Iterator[tuple[str, Array]]:
    """Every state in tuples, with the indices that lead to it."""
    if isinstance(states, tuple):
        for k, each in enumerate(states):
            yield from _ended(each, f"{end}[{k}]")
    elif states is not None:
        yield end, states


def _owned(
    case: Case, conventions: Conventions, cells: bool
) -> Iterator[tuple[str, dict[str, Array]]]:
    """The cells by name, with their parameters."""
    network = case.network
    ends = ("cell_fw", "cell_bw") if network.direction == "both" else ("cell",)
    for k in range(network.layers):
        for direction, end in zip(network.directions, ends, strict=True):
            packed = pack(network, case.weights, conventions, k, direction)
            yield f"{'layer' if cells else f'layer[{k}]'}.{end}", of_cell(packed)


def _back(
    case: Case, cotangents: Mapping[str, Array], parts: Mapping[str, list[tuple[str, Any]]]
) -> list[str]:
    """Backwards from cotangents. ``parts`` says by state which tensors it is, and where each of
    them stands in the cotangent.
    """
    found = [
        (tensor, cotangents[name][at])
        for name, tensors in parts.items()
        if name in cotangents
        for tensor, at in tensors
    ]
    if "outputs" in cotangents:
        found.insert(0, ("outputs", cotangents["outputs"].swapaxes(0, 1)))
    return [
        f"seeds = [{', '.join(_tensor(case, seed) for _, seed in found)}]",
        f"paddle.autograd.backward([{', '.join(tensor for tensor, _ in found)}], seeds)",
    ]


def _script(
    case: Case, conventions: Conventions, made: str, last: list[str], *, cells: bool, back: bool
) -> str:
    """What is made, called; and what is done ``last``."""
    weights, names = [], ""
    for owner, parameters in _owned(case, conventions, cells):
        held = [_array(case, w) for w in parameters.values()]
        weights.append(f"    ({owner}, [{', '.join(held)}]),")
        names = repr(tuple(parameters))
    leaf = ", stop_gradient=False" if back else ""
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
            f"    for name, array in zip({names}, arrays):",
            "        getattr(held, name).set_value(array)",
            f"inputs = {_tensor(case, case.inputs.swapaxes(0, 1), leaf)}  # rows, steps, inputs",
            f"states = {_nested(case, _states(case, cells), leaf)}",
            f"lengths = {lengths}",
            "outputs, final = layer(inputs, states, lengths)",
            *([] if back else ["outputs = outputs.numpy().swapaxes(0, 1)"]),
            *last,
            "",
        ]
    )


def _call(kind: str, network: Network, **more: Any) -> str:
    chosen = {**options(network), **more}
    words = [str(network.inputs), str(network.units)]
    words += [f"{name}={value!r}" for name, value in chosen.items()]
    return f"paddle.nn.{kind}({', '.join(words)})"


def _nested(case: Case, states: Any, leaf: str) -> str:
    if isinstance(states, tuple):
        return f"({', '.join(_nested(case, each, leaf) for each in states)})"
    return "None" if states is None else _tensor(case, states, leaf)


def _array(case: Case, values: Array) -> str:
    return literal(values.astype(case.dtype), case.dtype)


def _tensor(case: Case, values: Array, leaf: str = "") -> str:
    return f"paddle.to_tensor({_array(case, values)}{leaf})"
