"""The operators of ONNX, ``RNN``, ``LSTM`` and ``GRU``, as OpenVINO reads them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from rnnspec.adapters.onnx_ import OnnxReference, conventions
from rnnspec.adapters.onnx_model import AS_INPUTS, BATCH_FIRST, NO_Y, Y_ALONE, Model
from rnnspec.adapters.openvino_ import DYNAMIC, OpenVino, settings
from rnnspec.adapters.openvino_model import numbers, tensor
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.precision import RELATIVE, Level


class OpenVinoOnnx(OnnxReference):
    """A model of ONNX, compiled for the sizes of its arguments unless its shapes are left open."""

    name = "openvino-onnx"
    requires = ("openvino", "onnx")
    extra = "openvino"
    levels: Mapping[str, Level] = {"float32": RELATIVE, "float16": RELATIVE}
    conventions: Mapping[str, Conventions] = conventions("zero", ("tanh", "relu"))
    ways: Mapping[str, str] = {
        AS_INPUTS: "path",
        DYNAMIC: "path",
        Y_ALONE: "path",
        NO_Y: "path",
        BATCH_FIRST: "layout",
    }

    def __init__(self) -> None:
        self.native = OpenVino()
        self.compiled = lru_cache(maxsize=256)(self._compiled)

    def versions(self) -> dict[str, str]:
        """OpenVINO's: onnx only writes the models."""
        return self.native.versions()

    def session(self) -> AbstractContextManager[object]:
        """Nothing is set for all: threads are an option of each model that is compiled."""
        return nullcontext()

    def called(self, model: Model) -> Any:
        """What one thread puts out."""
        dtype, made = model.case.dtype, model.made()
        if model.case.way != DYNAMIC:
            for told in made.graph.input:
                sizes = model.feeds[told.name].shape
                for dimension, size in zip(told.type.tensor_type.shape.dim, sizes, strict=True):
                    dimension.dim_value = size
        request = self.compiled(made.SerializeToString(), dtype).create_infer_request()
        feeds = {n: tensor(self.native.openvino, a, dtype) for n, a in model.feeds.items()}
        request.infer(feeds)
        return [numbers(request.get_tensor(name), dtype) for name in model.outputs]

    def _compiled(self, made: bytes, dtype: str) -> Any:
        core = self.native.core
        return core.compile_model(core.read_model(made), "CPU", settings(dtype))
