"""TensorFlow, below Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.adapters.keras_backend import Backend, Nested
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level


class Tensorflow(Backend):
    """Traced, as ``fit`` and ``predict`` do it; one trace serves all numbers of steps and rows."""

    package = "tensorflow"
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    palette: Sequence[Mapping[str, int]] = (
        {"inputs": 1, "units": 3},
        {"inputs": 3, "units": 2},
        {"inputs": 2, "units": 4},
        {"inputs": 4, "units": 17},
    )
    ways: Mapping[str, str] = {"stateless": "path", "eager": "path"}

    @contextmanager
    def session(self) -> Iterator[None]:
        """Without its warnings that graphs are made often: every size needs one of its own.

        It can't be told to use one thread any more, once it has begun: see tox.ini for that.
        """
        logger = self.module.get_logger()
        level = logger.level
        logger.setLevel("ERROR")
        try:
            yield
        finally:
            logger.setLevel(level)

    def tensor(self, values: npt.NDArray[Any], dtype: str) -> Any:
        """Through the NumPy type that TensorFlow itself uses for it."""
        kind = self.module.as_dtype(dtype)
        return self.module.constant(np.asarray(values).astype(kind.as_numpy_dtype), kind)

    def array(self, tensor: Any) -> Array:
        """Through NumPy."""
        return np.asarray(tensor.numpy()).astype(np.float64)

    def call(self, stack: Any, way: str, weights: Nested, *arguments: Nested) -> Nested:
        """With the weights in its variables, or passed along."""
        if way == "stateless":
            return self.traced(stack, stack, *arguments, weights)
        self.assign(stack, weights)
        if way == "eager":
            return stack(*arguments, None)
        return self.traced(stack, stack, *arguments, None)

    def back(
        self, stack: Any, way: str, cotangents: Nested, weights: Nested, *arguments: Nested
    ) -> tuple[Nested, Nested, Any, Nested]:
        """With a gradient tape, in the trace."""
        if way != "stateless":
            self.assign(stack, weights)

        def pulled(
            inputs: Any, states: Nested, mask: Any, values: Nested, cotangents: Nested
        ) -> tuple[Nested, list[Any]]:
            with self.module.GradientTape() as tape:
                tape.watch(self.flat([inputs, states, values]))
                result = stack(inputs, states, mask, values)
            sources = self.flat([stack.values if values is None else values, inputs, states])
            zero = self.module.UnconnectedGradients.ZERO
            return result, tape.gradient(self.flat(result), sources, self.flat(cotangents), zero)

        passed = [*arguments, weights if way == "stateless" else None, cotangents]
        result, found = pulled(*passed) if way == "eager" else self.traced(stack, pulled, *passed)
        return result, *self.like([weights, *arguments[:2]], found)

    def traced(self, stack: Any, function: Any, *arguments: Nested) -> Any:
        """Call the graph of a function, which is made once for each kind of arguments."""
        inputs, _, _, weights, *_ = arguments
        steps = inputs.shape[1] if stack.unrolled else None
        key = (function is stack, steps, *(argument is None for argument in arguments))
        if key not in stack.compiled:
            kept = {id(tensor) for tensor in self.flat(weights)}
            skeleton = self.map(lambda _: 0, list(arguments))

            def spec(tensor: Any) -> Any:
                shape = list(tensor.shape)
                if id(tensor) not in kept:
                    along_time = len(shape) == 3 or tensor.dtype == self.module.bool
                    # a layer that keeps its state has to know how many rows there are
                    shape[: 1 + along_time] = [stack.made.rows, steps][: 1 + along_time]
                return self.module.TensorSpec(shape, tensor.dtype)

            stack.compiled[key] = self.module.function(
                lambda *tensors: function(*self.like(skeleton, list(tensors))),
                input_signature=[spec(tensor) for tensor in self.flat(list(arguments))],
                autograph=False,
            )
        return stack.compiled[key](*self.flat(list(arguments)))
