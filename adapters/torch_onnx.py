"""PyTorch's layers, exported to ONNX by ``torch.onnx.export``, and run by ONNX Runtime."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any

from rnnspec.adapters.torch_ import TorchLayer, answer
from rnnspec.adapters.torch_export_script import exported, layer_lines, told
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, Level

ANY_ROWS = "any rows"
"""The way in which the rows are left open: what is exported is a call of other rows."""
ANY_STEPS = "any steps"
"""The way in which PyTorch finds out whether the steps can be left open (``Dim.AUTO``)."""
OPTIMIZED = "optimized"
"""The way in which what is exported is optimised after that, which is the default."""
FATAL = 4
"""The logger's level of ONNX Runtime: what fails is raised as well."""


class Exported(TorchLayer):
    """What both exporters have in common: a module goes into a model, and its numbers come out.

    What is exported keeps a module's parameters by name, as long as nothing is computed of them in
    advance: so a model is kept for every kind of call, and gets the weights of each case.

    There is no ``count``, and nothing goes back: a model has neither.
    """

    requires: str | tuple[str, ...] = ("torch", "onnx", "onnxruntime")
    extra = "torch-onnx"
    exporter: str
    """Of the exporter in its ordinary way, as a script has them."""
    # those of ONNX Runtime's CPU: its sigmoid is a rational function, which ends at 18
    levels: Mapping[str, Level] = {"float32": ABSOLUTE, "float16": ABSOLUTE}
    # ONNX's operators have no projection
    conventions: Mapping[str, Conventions] = {
        cell: replace(how, extras=()) for cell, how in TorchLayer.conventions.items()
    }
    palette: Sequence[Mapping[str, int]] = (
        {"steps": 3, "rows": 2, "inputs": 2, "units": 3},
        {"steps": 2, "rows": 3, "inputs": 3, "units": 2},
    )

    def __init__(self) -> None:
        self.program = lru_cache(maxsize=1024)(self._program)

    @cached_property
    def runtime(self) -> Any:
        """What runs the models, imported when it is first needed."""
        import onnxruntime

        return onnxruntime

    def versions(self) -> dict[str, str]:
        """Of what exports, and of what runs."""
        return {**super().versions(), "onnxruntime": version("onnxruntime")}

    @contextmanager
    def session(self) -> Iterator[None]:
        """One thread, and what is logged at every export, whatever is exported, is not."""
        logger = logging.getLogger("torch.onnx")
        level = logger.level
        try:
            logger.setLevel(logging.ERROR)
            with super().session():
                yield
        finally:
            logger.setLevel(level)

    def run(self, case: Case) -> Answer:
        """Export a module that has the case's weights, and call the model."""
        inputs = self.tensor(case.inputs, case.dtype)
        return answer(self.forward(self.loaded(case), case, inputs, self.given(case)))

    def gradients(self, case: Case, cotangents: Mapping[str, Any]) -> Gradients | None:
        """A model has no backward pass."""
        return None

    def count(self, network: Network) -> int | None:
        """A model has constants, which are no longer the module's parameters."""
        return None

    def counting(self, network: Network) -> str | None:
        """Nothing is counted."""
        return None

    def called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """One call of a model, which is fed in the order of the module's arguments."""
        tensors = [inputs, *(self.completed(case, given) or ())]
        return self.ran(self.exported(module, case, tensors), tensors, case.network.states)

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The ordinary way, with PyTorch and ONNX Runtime alone."""
        if not told(case) or cotangents is not None:
            return None
        kind, options = self.modules[case.network.cell], self.options(case.network)
        lines = layer_lines(case, kind, options, self.named(case))
        return exported(case, lines, self.exporter)

    def exported(self, module: Any, case: Case, tensors: Sequence[Any]) -> bytes:
        """A model for calls with such tensors: inputs, and states if there are any."""
        raise NotImplementedError

    def _program(self, network: Network, dtype: str, way: str, *shapes: tuple[int, ...]) -> Any:
        """What is kept: what is exported of a call with tensors of these shapes."""
        raise NotImplementedError

    def ran(
        self, model: bytes, tensors: Sequence[Any], names: Sequence[str]
    ) -> tuple[Any, dict[str, Any]]:
        """What one thread puts out: outputs, and states by these names."""
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = FATAL
        loaded = self.runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        fed = {i.name: t.numpy() for i, t in zip(loaded.get_inputs(), tensors, strict=True)}
        outputs, *finals = map(self.torch.from_numpy, loaded.run(None, fed))
        return outputs, dict(zip(names, finals, strict=True))


class TorchOnnx(Exported):
    """The exporter that reads what ``torch.export`` traces (``dynamo=True``, the default).

    An export takes seconds: so there is one dtype. What is exported has as many steps as what was
    traced. Packed sequences can't be traced, so there are no lengths.
    """

    name = "torch-onnx"
    exporter = "dynamo=True, optimize=False, verbose=False"
    requires = ("torch", "onnx", "onnxscript", "onnxruntime")
    levels: Mapping[str, Level] = {"float32": ABSOLUTE}
    conventions: Mapping[str, Conventions] = {
        cell: replace(how, past_end={}) for cell, how in Exported.conventions.items()
    }
    ways: Mapping[str, str] = {
        ANY_ROWS: "path",
        ANY_STEPS: "path",
        OPTIMIZED: "path",
        "batch first": "layout",
        "row by row": "layout",
    }

    def versions(self) -> dict[str, str]:
        """And of what the models are made of."""
        return {**super().versions(), "onnxscript": version("onnxscript")}

    def exported(self, module: Any, case: Case, tensors: Sequence[Any]) -> bytes:
        """The model of such calls, with the module's weights."""
        shapes = [tuple(tensor.shape) for tensor in tensors]
        # where they are open, some others: not one, which PyTorch takes for fixed
        if case.way == ANY_ROWS:
            shapes = opened(shapes, case.steps, 5)
        if case.way == ANY_STEPS:
            shapes = opened(shapes, 2, case.rows)
        program = self.program(case.network, case.dtype, case.way, *shapes)
        program.apply_weights(module.state_dict())
        if case.way == OPTIMIZED:  # which folds the weights: so of a copy
            import onnx_ir

            copy = onnx_ir.from_proto(program.model_proto)
            program = self.torch.onnx.ONNXProgram(copy, program.exported_program)
            program.optimize()
        return bytes(program.model_proto.SerializeToString())

    def _program(self, network: Network, dtype: str, way: str, *shapes: tuple[int, ...]) -> Any:
        torch, export = self.torch, self.torch.export
        module = self.built(network, dtype, batch_first=way == "batch first").eval()
        tensors = [torch.zeros(shape, dtype=getattr(torch, dtype)) for shape in shapes]
        open_axes: list[Any] = []
        if way == ANY_ROWS:
            open_axes = [{1: export.Dim("rows")}] * len(tensors)
        if way == ANY_STEPS:
            open_axes = [{0: export.Dim.AUTO}, *[None] * (len(tensors) - 1)]
        with unwarned():
            return torch.onnx.export(
                module,
                arguments(tensors),
                dynamo=True,
                dynamic_shapes=arguments(open_axes) if open_axes else None,
                optimize=False,
                verbose=False,
            )


@contextmanager
def unwarned() -> Iterator[None]:
    """Nothing is warned of: PyTorch does so at every export, whatever is exported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def arguments(parts: Sequence[Any]) -> tuple[Any, ...]:
    """A layer's arguments: inputs; and states if there are any, in a tuple if there are two."""
    inputs, *states = parts
    return (inputs, *[states[0] if len(states) == 1 else tuple(states)] * bool(states))


def opened(shapes: Sequence[tuple[int, ...]], steps: int, rows: int) -> list[tuple[int, ...]]:
    """The shapes in a call of other steps and rows: of inputs, states, and lengths if any."""
    inputs, *others = shapes
    turned = [(rows,) if len(shape) == 1 else (shape[0], rows, shape[2]) for shape in others]
    return [(steps, rows, inputs[2]), *turned]
