"""The operators of ONNX, ``RNN``, ``LSTM`` and ``GRU``, as ONNX Runtime runs them on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from importlib.metadata import version
from typing import Any

from rnnspec.adapters import onnx_script
from rnnspec.adapters.onnx_ import OnnxReference, conventions
from rnnspec.adapters.onnx_model import AS_INPUTS, NO_Y, Y_ALONE, Model
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, Level

UNOPTIMIZED = "unoptimized"
"""The way without any change of the graph."""
FATAL = 4
"""The logger's level: what fails is raised as well."""
FLOAT32S = Level(
    ABSOLUTE.name,
    relative=1.0,
    absolute=ABSOLUTE.absolute * PRECISIONS["float32"].unit / PRECISIONS["float16"].unit,
)
"""Of float16: it computes in float32, whose share this is in units of float16, and then rounds."""


class OnnxRuntime(OnnxReference):
    """ONNX Runtime. It has no kernels for float64, and none with rows first (``layout`` 1).

    Past the end of a row it puts 0: https://github.com/microsoft/onnxruntime/pull/1193.
    """

    name = "onnxruntime"
    requires = ("onnxruntime", "onnx")
    extra = "onnxruntime"
    levels: Mapping[str, Level] = {
        "float32": ABSOLUTE,  # its sigmoid is a rational function, which ends at 18
        "float16": FLOAT32S,
    }
    conventions: Mapping[str, Conventions] = conventions("zero", ("tanh", "relu"))
    ways: Mapping[str, str] = {
        AS_INPUTS: "path",
        UNOPTIMIZED: "path",
        Y_ALONE: "path",
        NO_Y: "path",
    }

    @cached_property
    def runtime(self) -> Any:
        """The framework, imported when it is first needed."""
        import onnxruntime

        return onnxruntime

    def versions(self) -> dict[str, str]:
        """The package's own."""
        return {"onnxruntime": version("onnxruntime")}

    def session(self) -> AbstractContextManager[object]:
        """Nothing is set for all: threads are an option of each model that is loaded."""
        return nullcontext()

    def called(self, model: Model) -> Any:
        """What one thread puts out."""
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = FATAL
        if model.case.way == UNOPTIMIZED:
            level = self.runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.graph_optimization_level = level
        loaded = self.runtime.InferenceSession(
            model.made().SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return loaded.run(model.outputs, model.feeds)

    def script(self, case: Case) -> str | None:
        """The case as a model's text, and a session."""
        model = Model(self.onnx, case, self.conventions[case.network.cell])
        level = "onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL"
        made = 'model.SerializeToString(), options, providers=["CPUExecutionProvider"]'
        run = (
            "options = onnxruntime.SessionOptions()",
            "options.intra_op_num_threads = 1",
            *([f"options.graph_optimization_level = {level}"] if case.way == UNOPTIMIZED else []),
            f"session = onnxruntime.InferenceSession({made})",
            f"found = dict(zip({model.outputs}, session.run(None, given)))",
        )
        return onnx_script.script(case, model, ("import onnx", "import onnxruntime"), run)
