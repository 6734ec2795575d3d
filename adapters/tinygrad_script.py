"""A case as code of tinygrad alone, for those who maintain it."""

from __future__ import annotations

from collections.abc import Mapping

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array


def script(case: Case, weights: Mapping[str, Array]) -> str:
    """Code that builds a cell, gives it weights by tinygrad's names, and calls it step by step."""
    network = case.network
    options = "" if network.biases != "none" else ", bias=False"

    def tensor(array: Array) -> str:
        return f'Tensor({literal(array, case.dtype)}, device="CPU")'

    state = "None"
    if case.states:
        state = f"({', '.join(tensor(case.state(name)[0]) for name in network.states)})"
    lines = [
        "import numpy as np",
        "from tinygrad import Tensor",
        "from tinygrad.nn import LSTMCell",
        "",
        f"layer = LSTMCell({network.inputs}, {network.units}{options})",
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
