"""LiteRT: the layers of Keras, as TensorFlow's converter makes models of them.

What is under test is both: the converter, and the runtime with its kernels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.adapters.keras_backend import Nested
from rnnspec.adapters.keras_layers import DROPOUT, STATEFUL, UNROLLED, WAYS
from rnnspec.adapters.keras_litert_script import script
from rnnspec.adapters.keras_tensorflow import Tensorflow
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

CONSTANTS = "weights as constants"
"""The way in which the weights are in the model: then it is converted for every case."""
UNDELEGATED = "no delegate"
"""The way without XNNPACK: every operator is computed by the kernels that LiteRT has itself."""


class Converted(Tensorflow):
    """A stack is converted once for all sizes of its arguments, which the weights are among."""

    levels: Mapping[str, Level] = {"float32": RELATIVE}
    palette: Sequence[Mapping[str, int]] = (
        {"steps": 4, "rows": 3, "inputs": 2, "units": 3},
        {"steps": 2, "rows": 2, "inputs": 3, "units": 2},
        {"steps": 3, "rows": 2, "inputs": 4, "units": 17},
    )
    ways: Mapping[str, str] = {CONSTANTS: "path", UNDELEGATED: "path"}
    differentiates = False

    @cached_property
    def runtime(self) -> Any:
        """The interpreter's module, imported when it is first needed."""
        return import_module("ai_edge_litert.interpreter")

    def call(self, stack: Any, way: str, weights: Nested, *arguments: Nested) -> Nested:
        """What the interpreter gives for the arguments, on one thread."""
        given, held = [*arguments, weights], None
        if way == CONSTANTS:
            given, held = [*arguments, None], self.map(lambda tensor: tensor.numpy(), weights)
        made, shape = self.converted(stack, given, held)
        resolvers = self.runtime.OpResolverType
        interpreter = self.runtime.Interpreter(
            model_content=made,
            num_threads=1,
            experimental_op_resolver_type=resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            if way == UNDELEGATED
            else resolvers.AUTO,
        )
        named = {f"x{k}": tensor.numpy() for k, tensor in enumerate(self.flat(given))}
        found = interpreter.get_signature_runner()(**named)
        return self.like(shape, [found[f"y{k}"] for k in range(len(found))])

    def array(self, tensor: Any) -> Array:
        """They are NumPy's."""
        return np.asarray(tensor, dtype=np.float64)

    def converted(self, stack: Any, given: list[Nested], held: Nested) -> tuple[bytes, Nested]:
        """The model, as it's stored, with the weights that it holds; and what it puts out, in its
        lists.
        """
        tensors = self.flat(given)
        key = (*(argument is None for argument in given), *(tuple(t.shape) for t in tensors))
        if held is None and key in stack.compiled:
            found: tuple[bytes, Nested] = stack.compiled[key]
            return found
        tensorflow, skeleton, shape = self.module, self.map(lambda _: 0, given), None

        def traced(*arguments: Any) -> dict[str, Any]:
            nonlocal shape
            *read, weights = self.like(skeleton, list(arguments))
            result = stack(*read, weights if held is None else self.map(tensorflow.constant, held))
            shape = self.map(lambda _: 0, result)
            return {f"y{k}": tensor for k, tensor in enumerate(self.flat(result))}

        specs = [
            tensorflow.TensorSpec(t.shape, t.dtype, name=f"x{k}") for k, t in enumerate(tensors)
        ]
        concrete = tensorflow.function(traced, input_signature=specs, autograph=False)
        root = tensorflow.Module()
        root.layers = stack.layers
        converter = tensorflow.lite.TFLiteConverter.from_concrete_functions(
            [concrete.get_concrete_function()], root
        )
        made = converter.convert(), shape
        if held is None:
            stack.compiled[key] = made
        return made


class LiteRt(KerasLayer):
    """Layers of Keras on TensorFlow, looped or unrolled, masked or not, as models of LiteRT.

    There is no ``count``: a model is handed its weights.
    """

    name, wanted = "litert", "tensorflow"
    requires, extra = ("keras", "tensorflow", "ai_edge_litert"), "litert"
    levels: Mapping[str, Level] = Converted.levels
    made: Mapping[str, str] = {
        way: kind for way, kind in WAYS.items() if way not in (STATEFUL, DROPOUT)
    }
    """A model holds no variables: neither a state that is kept, nor the seed of what drops out."""

    @cached_property
    def backend(self) -> Converted:
        """What converts and runs. Raises RuntimeError where Keras runs on another backend."""
        obstacle = self.obstacle()
        if obstacle is not None:
            raise RuntimeError(f"{self.name} {obstacle}")
        return Converted()

    def obstacle(self) -> str | None:
        """Keras must run on TensorFlow."""
        found = super().obstacle()
        self.name, self.levels = LiteRt.name, LiteRt.levels
        return found

    def versions(self) -> dict[str, str]:
        """The runtime's, the converter's, and Keras's."""
        own = {"ai-edge-litert": version("ai-edge-litert")}
        return own | super().versions()

    def count(self, network: Network) -> int | None:
        """Nothing is counted."""
        return None

    def counting(self, network: Network) -> str | None:
        """And no script counts."""
        return None

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """A model that holds the weights, as Keras's users have one converted."""
        if case.way not in ("", CONSTANTS, UNROLLED) or cotangents is not None:
            return None
        _, weights, states = self._held(case)
        return script(case, weights, states)
