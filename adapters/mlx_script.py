"""A case as code of MLX alone, for those who maintain it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array


def counting(network: Network, kind: str) -> str:
    """A layer, and its parameters counted."""
    return (
        f"import mlx.nn as nn\n\nlayer = {_layer(network, kind)}\n"
        "count = sum(each.size for each in layer.parameters().values())\n"
    )


def _layer(network: Network, kind: str) -> str:
    options = "" if network.biases != "none" else ", bias=False"
    options += ", nonlinearity=nn.relu" if network.activation == "relu" else ""
    return f"nn.{kind}({network.inputs}, {network.units}{options})"


def script(
    case: Case,
    kind: str,
    weights: Mapping[str, Array],
    cotangents: Mapping[str, Array] | None = None,
) -> str:
    """Code that builds a layer of a kind, loads weights by MLX's names, and calls it; or goes back
    through that call, from cotangents.
    """
    network = case.network

    def given(array: Array) -> str:
        return f"given({literal(array.astype(np.float32), 'float32')})"

    states = "".join(f", {name}={given(state[0])}" for name, state in case.states.items())
    every = ", ".join(network.states)
    begin = [
        "import mlx.core as mx",
        "import mlx.nn as nn",
        "import numpy as np",
        "",
        "def given(numbers):",
        f"    return mx.array(numbers).astype(mx.{case.dtype})",
        "",
        "with mx.stream(mx.cpu):",
        f"    layer = {_layer(network, kind)}",
    ]
    if cotangents is not None:
        seeds = [cotangents.get("outputs", np.zeros(case.output_shape)).swapaxes(0, 1)]
        seeds += [cotangents.get(n, np.zeros(case.state_shape))[0] for n in network.states]
        passed = "".join(f", {name}=held[{name!r}]" for name in case.states)
        lines = [
            *begin,
            "    leaves = {",
            *(f"        {name!r}: {given(array)}," for name, array in weights.items()),
            f"        'inputs': {given(case.inputs.swapaxes(0, 1))},",
            *(f"        {name!r}: {given(state[0])}," for name, state in case.states.items()),
            "    }",
            "    def call(*arrays):",
            "        held = dict(zip(leaves, arrays))",
            f"        layer.update({{name: held[name] for name in {[*weights]}}})",
            f"        {every} = layer(held['inputs']{passed})",
            f"        return hidden, {', '.join(f'{name}[:, -1]' for name in network.states)}",
            f"    seeds = [{', '.join(map(given, seeds))}]",
            "    _, found = mx.vjp(call, list(leaves.values()), seeds)",
            "    found = [np.array(each.astype(mx.float32)) for each in found]",
            "    gradients = dict(zip(leaves, found))",
        ]
        return "\n".join(lines) + "\n"
    lines = [
        *begin,
        "    layer.load_weights([",
        *(f"        ({name!r}, {given(array)})," for name, array in weights.items()),
        "    ])",
        f"    inputs = {given(case.inputs.swapaxes(0, 1))}",
        f"    {every} = layer(inputs{states})",
        f"    {every} = (np.array(part.astype(mx.float32)) for part in ({every}))"
        if len(network.states) > 1
        else f"    {every} = np.array({every}.astype(mx.float32))",
        "outputs = hidden.swapaxes(0, 1)",
        *(f"{name} = {name}[None, :, -1]" for name in network.states),
    ]
    return "\n".join(lines) + "\n"
