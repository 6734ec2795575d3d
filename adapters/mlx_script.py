"""A case as code of MLX alone, for those who maintain it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array


def script(case: Case, kind: str, weights: Mapping[str, Array]) -> str:
    """Code that builds a layer of a kind, loads weights by MLX's names, and calls it."""
    network = case.network
    options = "" if network.biases != "none" else ", bias=False"
    options += ", nonlinearity=nn.relu" if network.activation == "relu" else ""

    def given(array: Array) -> str:
        return f"given({literal(array.astype(np.float32), 'float32')})"

    states = "".join(f", {name}={given(state[0])}" for name, state in case.states.items())
    every = ", ".join(network.states)
    lines = [
        "import mlx.core as mx",
        "import mlx.nn as nn",
        "import numpy as np",
        "",
        "def given(numbers):",
        f"    return mx.array(numbers).astype(mx.{case.dtype})",
        "",
        "with mx.stream(mx.cpu):",
        f"    layer = nn.{kind}({network.inputs}, {network.units}{options})",
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
