"""JAX, below Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.adapters.keras_backend import Backend, Nested
from rnnspec.adapters.keras_layers import AUTO
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, Level


class Jax(Backend):
    """Compiled for every shape anew, with as few optimisations as XLA can do: it compiles in a
    third of the time, and what it would fuse stays apart, as it is where nothing is compiled.
    """

    package = "jax"
    # its sigmoid is 1 / (1 + exp(-x)), and from -11.1 on that power is beyond float16
    levels: Mapping[str, Level] = {**Backend.levels, "float16": ABSOLUTE}
    palette: Sequence[Mapping[str, int]] = (
        {"steps": 4, "rows": 3, "inputs": 2, "units": 3},
        {"steps": 2, "rows": 2, "inputs": 3, "units": 2},
        {"steps": 3, "rows": 2, "inputs": 4, "units": 17},
    )
    # its own loop of a GRU refuses half of what is asked of it, so that is not the ordinary way
    ways: Mapping[str, str] = {"compiled": "path", "eager": "path", AUTO: "path"}
    options: Mapping[str, Any] = {
        "xla_backend_optimization_level": 0,
        "xla_cpu_use_fusion_emitters": False,
    }

    def tensor(self, values: npt.NDArray[Any], dtype: str) -> Any:
        """Through the NumPy type that JAX itself uses for it."""
        return self.module.numpy.asarray(np.asarray(values).astype(self.module.numpy.dtype(dtype)))

    def array(self, tensor: Any) -> Array:
        """Through NumPy."""
        return np.asarray(tensor).astype(np.float64)

    def call(self, stack: Any, way: str, weights: Nested, *arguments: Nested) -> Nested:
        """With the weights passed along, as Keras's own loops do it."""
        if way == "eager":
            self.assign(stack, weights)
            with self.module.disable_jit():
                return stack(*arguments, None)
        return self.compiled(stack, way, stack)(*arguments, weights)

    def back(
        self, stack: Any, way: str, cotangents: Nested, weights: Nested, *arguments: Nested
    ) -> tuple[Nested, Nested, Any, Nested]:
        """With ``jax.vjp``, compiled as well."""

        def pulled(
            inputs: Any, states: Nested, mask: Any, weights: Nested, cotangents: Nested
        ) -> tuple[Nested, Any]:
            def forward(weights: Nested, inputs: Any, states: Nested) -> Nested:
                return stack(inputs, states, mask, weights)

            result, back = self.module.vjp(forward, weights, inputs, states)
            return result, back(cotangents)

        passed = [*arguments, weights, cotangents]
        if way == "eager":
            with self.module.disable_jit():
                result, found = pulled(*passed)
        else:
            result, found = self.compiled(stack, way, pulled)(*passed)
        return result, *found

    def compiled(self, stack: Any, way: str, function: Any) -> Any:
        """The function, to be compiled by every shape it is called with."""
        key = (function is stack, way == "compiled")
        if key not in stack.compiled:
            options = {} if way == "compiled" else dict(self.options)
            stack.compiled[key] = self.module.jit(
                lambda *arguments: function(*arguments), compiler_options=options
            )
        return stack.compiled[key]
