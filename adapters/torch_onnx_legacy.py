"""PyTorch's layers, exported to ONNX by the legacy exporter, that of ``torch.jit.trace``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from typing import Any

from rnnspec.adapters.torch_onnx import Exported, arguments, opened, unwarned
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network

OPEN = "open axes"
"""The way in which steps and rows are left open: what is exported is a call of more of both."""
FROM_ONE = "open axes, from one"
"""The same; what is exported is a call of one step and one row."""
OPEN_AXES = (OPEN, FROM_ONE)
FOLDED = "folded"
"""The way in which what depends on the weights alone is computed in advance: the default."""
STANDARD_ERROR = 2


class TorchOnnxLegacy(Exported):
    """It follows one call of the module (``torch.jit.trace``), which takes some hundredths of a
    second. Here a packed sequence can be followed, too.
    """

    name = "torch-onnx-legacy"
    exporter = "dynamo=False, do_constant_folding=False"
    ways: Mapping[str, str] = {
        OPEN: "path",
        FROM_ONE: "path",
        FOLDED: "path",
        "packed": "path",
        "batch first": "layout",
        "row by row": "layout",
    }

    def forward(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """With lengths, what is exported packs, calls the layer, and pads."""
        if case.way == "row by row" or (case.lengths is None and case.way != "packed"):
            return super().forward(module, case, inputs, given)
        lengths = [case.steps] * case.rows if case.lengths is None else case.lengths.tolist()
        tensors = [inputs, *(self.completed(case, given) or ()), self.torch.tensor(lengths)]
        if case.way == "batch first":
            tensors[0] = inputs.transpose(0, 1)
        model = self.exported(module, case, tensors)
        outputs, finals = self.ran(model, tensors, case.network.states)
        return {"outputs": outputs.transpose(0, 1) if module.batch_first else outputs, **finals}

    def exported(self, module: Any, case: Case, tensors: Sequence[Any]) -> bytes:
        """The model of such calls, with the module's weights in place of those it was made with."""
        if case.way == FOLDED:
            return self._traced(module, tensors, folded=True)
        shapes = [tuple(tensor.shape) for tensor in tensors]
        if case.way in OPEN_AXES:
            one = case.way == FROM_ONE
            shapes = opened(shapes, *(1, 1) if one else (case.steps + 1, case.rows + 1))
        model = self.program(case.network, case.dtype, case.way, *shapes)
        weights = module.state_dict()
        for constant in model.graph.initializer:
            name = constant.name.removeprefix("layer.")
            if name in weights:
                constant.raw_data = weights[name].numpy().tobytes()
        return bytes(model.SerializeToString())

    def _program(self, network: Network, dtype: str, way: str, *shapes: tuple[int, ...]) -> Any:
        import onnx

        torch, steps = self.torch, shapes[0][1 if way == "batch first" else 0]
        module = self.built(network, dtype, batch_first=way == "batch first")
        tensors = [
            torch.full(shape, steps)
            if len(shape) == 1
            else torch.zeros(shape).to(getattr(torch, dtype))
            for shape in shapes
        ]
        return onnx.load_from_string(self._traced(module, tensors, axes=way in OPEN_AXES))

    def _traced(
        self, module: Any, tensors: Sequence[Any], *, axes: bool = False, folded: bool = False
    ) -> bytes:
        """What the exporter writes. The last tensor, if it has one axis only, is of lengths."""
        lengths = tensors[-1].ndim == 1
        names = [f"input{k}" for k in range(len(tensors))]
        rows = [{0 if tensor.ndim == 1 else 1: "rows"} for tensor in tensors]
        open_axes = dict(zip(names, rows, strict=True)) | {names[0]: {0: "steps", 1: "rows"}}
        file = BytesIO()
        with unwarned(), _silenced():
            self.torch.onnx.export(
                (self.packing(module) if lengths else module).eval(),
                tuple(tensors) if lengths else arguments(tensors),
                file,
                dynamo=False,
                input_names=names,
                dynamic_axes=open_axes if axes else None,
                do_constant_folding=folded,
            )
        return file.getvalue()

    @cached_property
    def packing(self) -> Any:
        """A module around a layer, which packs, and pads."""
        torch, sequences = self.torch, self.torch.nn.utils.rnn

        class Packing(torch.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self, layer: Any) -> None:
                super().__init__()
                self.layer = layer

            def forward(self, inputs: Any, *others: Any) -> Any:
                *states, lengths = others
                first = self.layer.batch_first
                packed = sequences.pack_padded_sequence(
                    inputs, lengths, batch_first=first, enforce_sorted=False
                )
                outputs, finals = self.layer(*arguments([packed, *states]))
                steps = inputs.shape[1 if first else 0]
                outputs, _ = sequences.pad_packed_sequence(
                    outputs, batch_first=first, total_length=steps
                )
                return outputs, finals

        return Packing


@contextmanager
def _silenced() -> Iterator[None]:
    """Nothing reaches the standard error: C++ warns there of every packed sequence."""
    kept, nowhere = os.dup(STANDARD_ERROR), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        os.close(nowhere)
