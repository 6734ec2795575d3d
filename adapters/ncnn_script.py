"""Cases as scripts of ncnn alone."""

from __future__ import annotations

from rnnspec.adapters.ncnn_model import LESSER, entering, model
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.operations import Array


def script(case: Case, conventions: Conventions) -> str:
    """A case that has rows."""
    made, network = model(case, conventions), case.network
    given = zip(made.inputs, entering(case), strict=False)
    each = len(made.weights) // network.layers
    layers = [made.weights[k : k + each] for k in range(0, len(made.weights), each)]
    weights = [f"    {', '.join(map(_literal, arrays))}," for arrays in layers]
    last = [
        f"{name} = np.concatenate([parts[f'{name}{{k}}'] for k in range({network.layers})])"
        for name in network.states
    ]
    return "\n".join(
        [
            "import ncnn",
            "import numpy as np",
            "",
            f"model = {made.parameters!r}",
            "weights = [",
            *weights,
            "]",
            "net = ncnn.Net()",
            "net.opt.num_threads = 1",
            f"for option in {LESSER!r}:",
            "    setattr(net.opt, option, False)",
            "net.load_param_mem(model)",
            "net.load_model_mem(b''.join(bytes(4) + array.tobytes() for array in weights))",
            f"given = {{{', '.join(f'{n!r}: {_literal(a)}' for n, a in given)}}}",
            f"names, rows = {made.outputs!r}, []",
            f"for row in range({case.rows}):",
            "    extractor = net.create_extractor()",
            "    held = {n: np.ascontiguousarray(array[:, row]) for n, array in given.items()}",
            "    for name, array in held.items():",
            "        extractor.input(name, ncnn.Mat(array))",
            "    rows.append([np.array(extractor.extract(name)[1]) for name in names])",
            "parts = {n: np.stack(p, axis=1) for n, p in zip(names, zip(*rows))}",
            f"outputs = parts[{made.outputs[0]!r}]",
            *last,
            "",
        ]
    )


def _literal(array: Array) -> str:
    return literal(array.astype("float32"), "float32")
