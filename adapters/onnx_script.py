"""The operators of ONNX: cases as scripts of onnx alone, or of it and ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnspec.adapters.onnx_model import IR, OPSET, Model
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case

TYPES = {"float64": "double", "float32": "float", "float16": "float16", "int32": "int32"}
"""What a model's text calls NumPy's types."""


def script(case: Case, model: Model, imports: Sequence[str], run: Sequence[str]) -> str:
    """A model of a case as text, and what runs it: lines that read ``model`` and ``given``, and
    leave all that it puts out in ``found``, by name.
    """
    read = ", ".join(f"{_typed(a.dtype, a.ndim)} {name}" for name, a in model.feeds.items())
    put = ", ".join(
        f"{_typed(case.dtype, 4 if name[0] == 'Y' else 3)} {name}" for name in model.outputs
    )
    held = "onnx.numpy_helper.from_array(w, n) for n, w in weights.items()"
    return "\n".join(
        [
            "import numpy as np",
            *imports,
            "",
            *(_held("weights", model.constants) if model.constants else []),
            f'model = onnx.parser.parse_model("""<ir_version: {IR}, opset_import: ["": {OPSET}]>',
            f"    network ({read}) => ({put}) {{",
            *(f"    {line}" for line in _layers(model.nodes)),
            '}""")',
            *([f"model.graph.initializer.extend({held})"] if model.constants else []),
            *_held("given", model.feeds),
            *run,
            *_parts(case, model),
            "",
        ]
    )


def _typed(dtype: Any, rank: int) -> str:
    """A tensor's type, its sizes left open."""
    return f"{TYPES[str(dtype)]}[{', '.join('?' * rank)}]"


def _layers(nodes: Sequence[Any]) -> list[str]:
    """The text of the nodes, one layer a line: each begins with the only node that has states."""
    lines: list[str] = []
    for node in nodes:
        if node.op_type in ("RNN", "LSTM", "GRU"):
            lines.append(_text(node))
        else:
            lines[-1] += f"  {_text(node)}"
    return lines


def _text(node: Any) -> str:
    """The text of a node; what is left out has no name."""
    options = ", ".join(f"{each.name} = {_value(each)}" for each in node.attribute)
    inputs = list(node.input)
    while inputs and not inputs[-1]:
        inputs.pop()
    options = f" <{options}>" if options else ""
    return f"{', '.join(node.output)} = {node.op_type}{options} ({', '.join(inputs)})"


def _value(attribute: Any) -> str:
    """What an attribute holds, as text; numbers as they are in float32."""
    if attribute.strings:
        return f"[{', '.join(_quoted(each) for each in attribute.strings)}]"
    if attribute.ints:
        return str(list(attribute.ints))
    return _quoted(attribute.s) if attribute.s else str(attribute.f or attribute.i)


def _quoted(text: bytes) -> str:
    return f'"{text.decode()}"'


def _held(name: str, arrays: Mapping[str, Any]) -> list[str]:
    """A dictionary of arrays, with a line for those of each layer."""
    lines: dict[str, str] = {}
    for each, values in arrays.items():
        layer = each[-1] if each[-1].isdigit() else ""
        text = f'"{each}": {literal(values, str(values.dtype))},'
        lines[layer] = f"{lines[layer]} {text}" if layer in lines else f"    {text}"
    return [f"{name} = {{", *lines.values(), "}"]


def _parts(case: Case, model: Model) -> list[str]:
    """The parts of the answer, in the shapes of ours."""
    steps, rows, wide = case.output_shape
    top, lines = f"Y{case.network.layers - 1}", []
    turned = ".swapaxes(0, 1)" if model.first else ""
    if top in model.outputs:
        shape = f"({rows}, {steps}, {wide})" if model.first else f"({steps}, {rows}, {wide})"
        across = "" if model.first else ".transpose(0, 2, 1, 3)"
        lines.append(f'outputs = found["{top}"]{across}.reshape({shape}){turned}')
    for name in case.network.states:
        each = [f'found["{n}"]{turned}' for n in model.outputs if n.startswith(name)]
        if each:
            whole = each[0] if len(each) == 1 else f"np.concatenate([{', '.join(each)}])"
            lines.append(f"{name} = {whole}")
    return lines
