"""OpenVINO, below Keras: it predicts, and knows no way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.adapters.keras_backend import Backend, Nested
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

KEPT = "weights set later"
"""The way in which a model has predicted once, before it is given its weights."""
SETTINGS: Mapping[str, Any] = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
"""What every model is compiled with."""


class Openvino(Backend):
    """A model of Keras for every call, which is compiled as it predicts: it never looks at its
    weights again. Tensors are NumPy's here.
    """

    package = "openvino"
    # in float16 it takes slices of kernels for other numbers, and what a model in bfloat16 predicts
    # is told in NumPy's float16: docs/divergences/openvino.md
    levels: Mapping[str, Level] = {"float32": RELATIVE}
    ways: Mapping[str, str] = {"predict": "path", "eager": "path", KEPT: "path"}
    differentiates = False

    @property
    def version(self) -> str:
        """The package's: what the module says of itself names the build, too."""
        return version("openvino")

    @contextmanager
    def session(self) -> Iterator[None]:
        """One thread, and float32 in float32: left alone, the CPU's plugin computes that in
        bfloat16 wherever the machine can, and Keras has no word for it.
        """
        compile_model = self.module.compile_model

        def told(model: Any, device: str, config: Mapping[str, Any] | None = None) -> Any:
            return compile_model(model, device, {**SETTINGS, **(config or {})})

        self.module.compile_model = told
        try:
            yield
        finally:
            self.module.compile_model = compile_model

    def tensor(self, values: npt.NDArray[Any], dtype: str) -> Any:
        """An array."""
        return np.asarray(values, dtype=dtype)

    def array(self, tensor: Any) -> Array:
        """A copy."""
        return np.array(tensor).astype(np.float64)

    def call(self, stack: Any, way: str, weights: Nested, *arguments: Nested) -> Nested:
        """With the weights in its variables."""
        ops = stack.keras.ops
        if way == "eager":
            self.assign(stack, weights)
            result = stack(*self.map(ops.convert_to_tensor, list(arguments)), None)
            return self.map(ops.convert_to_numpy, result)
        model, outputs = self.model(stack, weights, arguments, way)
        predict, options = model.predict_on_batch, {}
        if way == "predict":
            predict, options = model.predict, {"batch_size": len(arguments[0]), "verbose": 0}
        try:
            found = predict(self.flat(list(arguments)), **options)
        except Exception:
            stack.compiled.clear()  # what Keras could not compile it can't be asked for again
            raise
        return self.like(outputs, found if isinstance(found, list) else [found])

    def model(self, stack: Any, weights: Nested, arguments: Nested, way: str) -> tuple[Any, Nested]:
        """A model of the stack, and what it puts out. That of the last call of this kind goes on,
        where it has the same weights.
        """
        inputs, states, mask = arguments
        key = (inputs.shape[1], states is None, mask is None)
        if key not in stack.compiled:
            symbols = self.map(
                lambda array: stack.keras.Input(array.shape[1:], dtype=array.dtype.name),
                [inputs, states, mask],
            )
            stack.compiled[key] = self.flat(symbols), stack(*symbols, None)
        symbols, outputs = stack.compiled[key]
        held = [array.tobytes() for array in self.flat(weights)]
        last, model = stack.compiled.get((way, key), (None, None))
        if last != held or way == KEPT:
            model = stack.keras.Model(symbols, self.flat(outputs))
            if way == KEPT:
                self.assign(stack, self.map(np.zeros_like, weights))
                model.predict_on_batch(self.flat(list(arguments)))
            self.assign(stack, weights)
            stack.compiled[way, key] = held, model
        return model, outputs

    def back(
        self, stack: Any, way: str, cotangents: Nested, weights: Nested, *arguments: Nested
    ) -> tuple[Nested, Nested, Any, Nested]:
        """There is none."""
        raise NotImplementedError("Keras on OpenVINO has no backward pass")
