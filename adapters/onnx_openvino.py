"""The operators of ONNX, ``RNN``, ``LSTM`` and ``GRU``, as OpenVINO runs them on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

from rnnspec.adapters import onnx_script
from rnnspec.adapters.onnx_ import OnnxReference, conventions
from rnnspec.adapters.onnx_model import AS_INPUTS, BATCH_FIRST, NO_Y, Y_ALONE, Model
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.precision import RELATIVE, Level

DYNAMIC = "dynamic shapes"
"""The way in which a model says nothing of its sizes."""
SETTINGS: Mapping[str, Any] = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
"""Left alone, it computes in bfloat16 wherever the machine can."""


class OnnxOpenVino(OnnxReference):
    """A model with the sizes of its arguments, unless its shapes are left open. float16 is computed
    in float32, and rounded.
    """

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
        self.compiled = lru_cache(maxsize=256)(self._compiled)

    @cached_property
    def core(self) -> Any:
        """What reads and compiles; the framework is imported when it is first needed."""
        return import_module("openvino").Core()

    def versions(self) -> dict[str, str]:
        """OpenVINO's: onnx only writes the models."""
        return {"openvino": version("openvino")}

    def session(self) -> AbstractContextManager[object]:
        """Nothing is set for all: threads are an option of each model that is compiled."""
        return nullcontext()

    def script(self, case: Case) -> str | None:
        """The case as a model's text, its sizes put in unless they are left open, and OpenVINO."""
        model = Model(self.onnx, case, self.conventions[case.network.cell])
        sizes = (
            "for told in model.graph.input:",
            "    for axis, size in zip(told.type.tensor_type.shape.dim, given[told.name].shape):",
            "        axis.dim_value = size",
        )
        run = (
            *(sizes if case.way != DYNAMIC else ()),
            "read = (core := openvino.Core()).read_model(model.SerializeToString())",
            f'made = core.compile_model(read, "CPU", {dict(SETTINGS)})',
            "(request := made.create_infer_request()).infer(given)",
            f"found = {{n: request.get_tensor(n).data.copy() for n in {model.outputs}}}",
        )
        return onnx_script.script(case, model, ("import onnx", "import openvino"), run)

    def called(self, model: Model) -> Any:
        """What one thread puts out."""
        made = model.made()
        if model.case.way != DYNAMIC:
            for told in made.graph.input:
                sizes = model.feeds[told.name].shape
                for dimension, size in zip(told.type.tensor_type.shape.dim, sizes, strict=True):
                    dimension.dim_value = size
        request = self.compiled(made.SerializeToString()).create_infer_request()
        request.infer(model.feeds)
        return [request.get_tensor(name).data.copy() for name in model.outputs]

    def _compiled(self, made: bytes) -> Any:
        return self.core.compile_model(self.core.read_model(made), "CPU", dict(SETTINGS))
