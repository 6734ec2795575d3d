"""Models of ONNX: the weights of recurrent nodes where they are constants."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from rnnspec.adapters.onnx_model import Model
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import Contents, Laid, Tensor, shown
from rnnspec.reference.operations import Array

INPUTS = {"W": 1, "R": 2, "B": 3, "P": 7}
"""Where a node has its weights."""
CELLS = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}
LARGEST = 2**31 - 1
"""Bytes: no model can be longer, as protobuf has it."""


class File:
    """A model in a file of its own."""

    requires = extra = "onnx"

    def read(self, path: Path) -> Contents:
        """Weights may stand in a file beside the model, and nowhere else."""
        import onnx

        if path.stat().st_size > LARGEST:
            raise Malformed(f"it is longer than {LARGEST} bytes")
        with path.open("rb") as file:
            content = file.read()
        try:
            model = onnx.load_model_from_string(content)
            constants = dict(_constants(onnx, model.graph))
            tensors: dict[str, Tensor] = {}
            facts: dict[str, dict[str, Any]] = {}
            for prefix, node in _nodes(model.graph):
                if prefix in facts:
                    raise Malformed(f"two recurrent nodes are named {shown(prefix)}")
                facts[prefix] = {"cell": CELLS[node.op_type], **_attributes(onnx, node)}
                for part, index in INPUTS.items():
                    name = node.input[index] if index < len(node.input) else ""
                    if name:
                        own = f"{prefix}/{part}"
                        tensors[own] = _tensor(onnx, path, own, constants.get(name))
        except Malformed:
            raise
        except Exception as error:  # protobuf's own, and what onnx makes of what it is given
            raise Malformed(f"it is damaged: {type(error).__name__}") from None
        if not model.graph.node:
            raise Malformed("it has no nodes")
        return Contents(tensors, facts)

    def write(self, path: Path, laid: Laid) -> None:
        """A model of the layer alone: steps, rows and inputs in, its outputs and states out."""
        import onnx

        inputs = np.zeros((1, 1, laid.network.inputs))
        case = Case(laid.network, laid.weights, inputs, dtype=laid.dtype)
        path.write_bytes(Model(onnx, case, laid.conventions).made().SerializeToString())


def _nodes(graph: Any) -> Iterator[tuple[str, Any]]:
    """The recurrent ones, by their names, or by their kind and number."""
    count = 0
    for node in graph.node:
        if node.op_type in CELLS and node.domain in ("", "ai.onnx"):
            yield node.name or f"{node.op_type}_{count}", node
            count += 1


def _constants(onnx: Any, graph: Any) -> Iterator[tuple[str, Any]]:
    for tensor in graph.initializer:
        yield tensor.name, tensor
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Constant" else ():
            if attribute.name == "value":
                yield node.output[0], attribute.t


def _attributes(onnx: Any, node: Any) -> dict[str, Any]:
    """By name, texts as such."""
    found = {}
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, list):
            value = [each.decode() if isinstance(each, bytes) else each for each in value]
        found[attribute.name] = value.decode() if isinstance(value, bytes) else value
    return found


def _tensor(onnx: Any, path: Path, name: str, held: Any) -> Tensor:
    """A constant. Raises Malformed where it is none."""
    if held is None:
        raise Malformed(f"{shown(name)} is no constant of the model")
    kind = onnx.TensorProto.DataType.Name(held.data_type).lower()

    def read() -> Array:
        try:
            if held.data_location == onnx.TensorProto.EXTERNAL:
                return _beside(onnx, path, name, held)
            return np.asarray(onnx.numpy_helper.to_array(held), dtype=np.float64)
        except Malformed:
            raise
        except (ValueError, TypeError) as error:
            raise Malformed(f"{shown(name)} is damaged: {shown(str(error))}") from None

    dtype = {"float": "float32", "double": "float64"}.get(kind, kind)
    return Tensor(name, tuple(held.dims), dtype, read)


def _beside(onnx: Any, path: Path, name: str, held: Any) -> Array:
    """The numbers of a constant that stand in a file of the model's own folder."""
    told = {entry.key: entry.value for entry in held.external_data}
    location = told.get("location", "")
    other = path.parent / location
    if Path(location).name != location or other.is_symlink() or not other.is_file():
        raise Malformed(
            f"{shown(name)} stands in {shown(location) or 'no file'}, which is no file beside it"
        )
    kind = onnx.helper.tensor_dtype_to_np_dtype(held.data_type)
    count, at = prod(held.dims), int(told.get("offset") or 0)
    if at < 0 or at + count * kind.itemsize > other.stat().st_size:
        raise Malformed(f"{shown(location)} is cut: it does not hold all of {shown(name)}")
    bits = np.fromfile(other, kind.newbyteorder("<"), count, offset=at)
    return bits.astype(np.float64).reshape(held.dims)
