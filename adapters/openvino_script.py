"""A case as code of OpenVINO alone."""

from __future__ import annotations

from rnnspec.adapters.openvino_model import (
    DIRECTIONS,
    OPERATORS,
    TYPES,
    Arrays,
    arguments,
    weights,
)
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions

SCRIPT = """\
import numpy as np
import openvino
import openvino.opset13 as ops

arrays = {{{arrays}}}
given = {{name: ops.parameter(a.shape, a.dtype) for name, a in arrays.items()}}
held = {{{held}}}
nodes = given | {{name: ops.constant(a) for name, a in held.items()}}
below, finals = nodes["X"], []
for layer in range({layers}):
    states = [nodes[f"{{name}}{{layer}}"] for name in {states!r}]
    weights = [nodes[f"{{name}}{{layer}}"] for name in "WRB"]
    node = ops.{operator}(below, *states, nodes["lengths"], *weights, {units}, {options})
    y, *after = node.outputs()
    finals += after
    below = ops.reshape(ops.transpose(y, [0, 2, 1, 3]), [0, 0, {width}], special_zero=True)
model = openvino.Model([y, *finals], list(given.values()))
settings = {{"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}}
y, *finals = openvino.compile_model(model, "CPU", settings)(list(arrays.values())).to_tuple()
outputs = y.transpose(2, 0, 1, 3).reshape({shape})
{answer}
"""


def script(case: Case, conventions: Conventions) -> str | None:
    """None for other ways than the ordinary one, and in bfloat16, which NumPy has not."""
    if case.way or case.dtype not in TYPES or case.dtype == "bfloat16":
        return None
    network, arrays, held = case.network, arguments(case), weights(case, conventions)
    if case.lengths is None:
        held["lengths"] = arrays.pop("lengths")
    options = [f"direction={DIRECTIONS[network.direction]!r}"]
    if network.cell == "rnn":
        options.append(f"activations=[{network.activation!r}]")
    if network.cell == "gru":
        options.append(f"linear_before_reset={network.reset == 'after'}")
    if network.clip:
        options.append(f"clip={network.clip!r}")
    count = len(network.states)

    def said(arrays: Arrays) -> str:
        kinds = {name: "int32" if name == "lengths" else case.dtype for name in arrays}
        return ", ".join(f"{name!r}: {literal(a, kinds[name])}" for name, a in arrays.items())

    return SCRIPT.format(
        arrays=said(arrays),
        held=said(held),
        layers=network.layers,
        states=network.states,
        operator=OPERATORS[network.cell],
        units=network.units,
        options=", ".join(options),
        width=network.width(1),
        shape=case.output_shape,
        answer="\n".join(
            f"{name} = np.concatenate([state.swapaxes(0, 1) for state in finals[{k}::{count}]])"
            for k, name in enumerate(network.states)
        ),
    )
