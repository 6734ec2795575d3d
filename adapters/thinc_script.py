"""A case as code of Thinc alone, for those who maintain it."""

from __future__ import annotations

from collections.abc import Mapping

from rnnspec.adapters.script_ import literal
from rnnspec.adapters.thinc_rows import Floats
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array


def counting(network: Network) -> str:
    """A layer, and the elements of its weights counted."""
    return (
        "from thinc.api import LSTM, use_ops\n\n"
        f'with use_ops("numpy"):\n    layer = {_layer(network)}.initialize()\n'
        'count = layer.get_param("LSTM").size  # beside the initial state, HC0\n'
    )


def _layer(network: Network) -> str:
    directions = len(network.directions)
    sizes = f"nO={network.units * directions}, nI={network.inputs}, depth={network.layers}"
    return f"LSTM({sizes}, bi={directions == 2})"


def script(
    case: Case, weights: Floats, begin: Floats, cotangents: Mapping[str, Array] | None = None
) -> str:
    """Code that builds a layer, gives it Thinc's flat weights, and calls it and its operation; or
    goes back through the layer, from a cotangent of the outputs.
    """
    network, directions = case.network, len(case.network.directions)
    rows = literal(case.inputs.swapaxes(0, 1), "float32")
    shape = f"{network.layers}, {directions}, {case.steps}, {case.rows}, {network.units}"
    made = [
        "import numpy as np",
        "from thinc.api import LSTM, use_ops",
        "",
        'with use_ops("numpy"):',
        f"    layer = {_layer(network)}.initialize()",
        f"    weights = {literal(weights, 'float32')}",
        f"    begin = {literal(begin, 'float32')}",
        '    layer.set_param("LSTM", weights)',
        '    layer.set_param("HC0", begin)',
        f"    padded = layer.ops.list2padded(list({rows}))",
    ]
    if cotangents is not None:
        seed = literal(cotangents["outputs"].swapaxes(0, 1), "float32")
        lines = [
            *made,
            "    _, back = layer(padded, is_train=True)",
            f"    d_rows = layer.ops.padded2list(back(layer.ops.list2padded(list({seed}))))",
            'd_weights = layer.get_grad("LSTM")',
            "# the initial state is a parameter, too",
            'd_begin = layer.get_grad("HC0") if layer.has_grad("HC0") else np.zeros_like(begin)',
        ]
        return "\n".join(lines) + "\n"
    lines = [
        *made,
        "    rows = layer.ops.padded2list(layer.predict(padded))",
        f"    steps = padded.data.reshape(-1, {network.inputs})",
        "    _, (hidden, _, cell, _) = layer.ops.lstm_forward_training(",
        "        weights, *begin, steps, padded.size_at_t",
        "    )",
        "outputs = np.stack(rows, 1)",
        "order = np.argsort(padded.indices)",
        "",
        "def final(every):",
        f"    every = every.reshape({shape})[..., order, :]",
        f"    ends = [every[:, d, (-1, 0)[d]] for d in range({directions})]",
        f"    return np.stack(ends, 1).reshape(-1, {case.rows}, {network.units})",
        "",
        "hidden, cell = final(hidden), final(cell)",
    ]
    return "\n".join(lines) + "\n"
