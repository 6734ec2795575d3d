"""Cases of layers that are exported or compiled, as code of the frameworks alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array

MOST_DIRECTIONS = 4
"""Of all layers: a script of more is too long to read."""
PACKING = """\
class Packing(torch.nn.Module):
    def forward(self, inputs, lengths, *states):
        rnn, states = torch.nn.utils.rnn, (tuple(states) if len(states) > 1 else states[0])
        packed = rnn.pack_padded_sequence(inputs, lengths, enforce_sorted=False)
        outputs, finals = self.layer(packed, states)
        return rnn.pad_packed_sequence(outputs, total_length=inputs.shape[0])[0], finals

packing = Packing()
packing.layer, layer = layer, packing
"""
RUN = """\
session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
given = {i.name: t.numpy() for i, t in zip(session.get_inputs(), tensors)}
"""


def layer_lines(
    case: Case,
    kind: str,
    options: Mapping[str, Any],
    weights: Mapping[str, Array],
    *,
    back: bool = False,
) -> list[str]:
    """A ``layer`` with its weights; and the ``tensors`` that it is called with. They are gone back
    to, or not.
    """
    network, entries = case.network, []
    words = [f"{network.inputs}, {network.units}", *(f"{k}={v!r}" for k, v in options.items())]
    for name, values in weights.items():
        entries += [f"{name!r}: torch.tensor({literal(values)}),"]
    each = len(entries) // (network.layers * len(network.directions))
    given = [case.inputs, *(case.state(name) for name in network.states if case.states)]
    how = f"dtype=torch.{case.dtype}{', requires_grad=True' if back else ''}"
    tensors = (f"torch.tensor({literal(values)}, {how})" for values in given)
    return [
        f"layer = torch.nn.{kind}({', '.join(words)}).to(torch.{case.dtype})",
        f"layer.eval().requires_grad_({back}).load_state_dict({{",
        *(f"    {' '.join(entries[k : k + each])}" for k in range(0, len(entries), each)),
        "})",
        f"tensors = [{', '.join(tensors)}]",
    ]


def told(case: Case) -> bool:
    """Whether such a case is told: in the ordinary way, and not too long."""
    return not case.way and case.network.layers * len(case.network.directions) <= MOST_DIRECTIONS


def compiled(case: Case, lines: list[str], cotangents: Mapping[str, Array] | None = None) -> str:
    """What ``torch.compile`` makes of it, called; or gone back through, from cotangents."""
    parts = ("outputs", *case.network.states)
    called = f"outputs, {_finals(case)} = compiled({_arguments(case)})"
    if cotangents is None:
        last = ["with torch.no_grad():", f"    {called}"]
        last += [f"{name} = {name}.double().numpy()" for name in parts]
    else:
        seeds = ", ".join(
            f"torch.tensor({literal(seed)}, dtype=torch.{case.dtype})"
            for seed in cotangents.values()
        )
        last = [called, f"torch.autograd.backward([{', '.join(cotangents)}], [{seeds}])"]
    return "\n".join(
        [
            "import numpy as np",
            "import torch",
            "",
            *lines,
            "torch._dynamo.config.allow_rnn = True",
            "compiled = torch.compile(layer, backend='aot_eager', fullgraph=True, dynamic=False)",
            *last,
            "",
        ]
    )


def exported(case: Case, lines: list[str], options: str) -> str:
    """What ``torch.onnx.export`` makes of it, run by ONNX Runtime."""
    if case.lengths is None:
        call = f"({_arguments(case)},)"
    else:
        zeros = f"torch.zeros({case.state_shape}, dtype=torch.{case.dtype})"
        missing = [] if case.states else [zeros] * len(case.network.states)
        lines = [*lines, f"tensors[1:1] = [torch.tensor({case.lengths.tolist()})]"]
        lines += [f"tensors += [{', '.join(missing)}]"] * bool(missing)
        lines += PACKING.splitlines()
        call = "tuple(tensors)"
    return "\n".join(
        [
            "import io",
            "import numpy as np",
            "import onnxruntime",
            "import torch",
            *lines,
            f"torch.onnx.export(layer, {call}, file := io.BytesIO(), {options})",
            *RUN.splitlines(),
            f"{', '.join(('outputs', *case.network.states))} = session.run(None, given)",
            "",
        ]
    )


def _arguments(case: Case) -> str:
    """Of the layer: inputs, and states if there are any."""
    if not case.states:
        return "tensors[0]"
    return f"tensors[0], {'tensors[1]' if len(case.network.states) == 1 else 'tuple(tensors[1:])'}"


def _finals(case: Case) -> str:
    names = case.network.states
    return names[0] if len(names) == 1 else f"({', '.join(names)})"
