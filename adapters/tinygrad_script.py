"""A case as code of tinygrad alone, for those who maintain it."""

from __future__ import annotations

from collections.abc import Mapping

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array


def counting(network: Network) -> str:
    """A cell, and its parameters counted."""
    return (
        "from tinygrad.nn import LSTMCell\nfrom tinygrad.nn.state import get_parameters\n\n"
        f"layer = {_cell(network)}\n"
        "count = sum(each.numel() for each in get_parameters(layer))\n"
    )


def _cell(network: Network) -> str:
    options = "" if network.biases != "none" else ", bias=False"
    return f"LSTMCell({network.inputs}, {network.units}{options})"


def script(
    case: Case, weights: Mapping[str, Array], cotangents: Mapping[str, Array] | None = None
) -> str:
    """Code that builds a cell, gives it weights by tinygrad's names, and calls it step by step; or
    goes back through that, from cotangents.
    """
    network = case.network

    def tensor(array: Array) -> str:
        return f'Tensor({literal(array, case.dtype)}, device="CPU")'

    if cotangents is not None:
        given = {name: state[0] for name, state in case.states.items()}
        leaves = {**weights, "inputs": case.inputs, **given}
        states = (
            f"leaves['{n}']" if n in given else tensor(case.state(n)[0]) for n in network.states
        )
        state = f"({', '.join(states)})" if given else "None"
        parts = {"outputs": "Tensor.stack(*outputs)", "hidden": "state[0]", "cell": "state[1]"}
        seeds = {n: each if n == "outputs" else each[0] for n, each in cotangents.items()}
        terms = (f"({parts[name]} * {tensor(seed)}).sum()" for name, seed in seeds.items())
        lines = [
            "import numpy as np",
            "from tinygrad import Tensor",
            "from tinygrad.nn import LSTMCell",
            "",
            f"layer = {_cell(network)}",
            "leaves = {",
            *(f"    {name!r}: {tensor(array)}," for name, array in leaves.items()),
            "}",
            f"for name in {[*weights]}:",
            "    setattr(layer, name, leaves[name])",
            f"state = {state}",
            "outputs = []",
            "for x in leaves['inputs']:",
            "    state = layer(x, state)",
            "    outputs.append(state[0])",
            f"loss = {' + '.join(terms)}",
            "found = loss.gradient(*leaves.values())",
            "gradients = {name: each.numpy() for name, each in zip(leaves, found)}",
        ]
        return "\n".join(lines) + "\n"
    state = "None"
    if case.states:
        state = f"({', '.join(tensor(case.state(name)[0]) for name in network.states)})"
    lines = [
        "import numpy as np",
        "from tinygrad import Tensor",
        "from tinygrad.nn import LSTMCell",
        "",
        f"layer = {_cell(network)}",
        *(f"layer.{name} = {tensor(array)}" for name, array in weights.items()),
        f"state = {state}",
        "outputs = []",
        f"for x in {tensor(case.inputs)}:",
        "    state = layer(x, state)",
        "    Tensor.realize(*state)",
        "    outputs.append(state[0])",
        "outputs = Tensor.stack(*outputs).numpy()",
        "hidden, cell = (part.numpy()[None] for part in state)",
    ]
    return "\n".join(lines) + "\n"
