"""``tf_keras``, the layers of Keras 2, beside Keras 3: ``SimpleRNN``, ``LSTM`` and ``GRU``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.adapters.keras_backend import Backend
from rnnspec.adapters.keras_layers import WAYS, Layers
from rnnspec.adapters.keras_stack import Stack
from rnnspec.adapters.keras_tensorflow import Tensorflow
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import Level

TIME_MAJOR = "time major"
"""The way to layers that have the steps first, and the rows second: inputs, mask and outputs."""


class LegacyLayers(Layers):
    """They take no seed, and can have the steps first."""

    seeded = False

    @property
    def time_major(self) -> bool:
        """Whether the steps are first."""
        return self.way == TIME_MAJOR

    def flow(self, index: int) -> dict[str, Any]:
        """With ``time_major``."""
        return {**super().flow(index), "time_major": self.time_major}

    def chosen(self) -> dict[str, Any]:
        """Nothing but the implementation can be chosen: whether a layer takes the one that could
        be cuDNN's goes by its other options.
        """
        asked = self.way.startswith("implementation") and self.network.cell != "rnn"
        return {"implementation": self.number} if asked else {}

    def zeros(self, shape: tuple[int, ...], dtype: Any = None, **_: Any) -> Any:
        """What stands in a variable until there are weights."""
        return self.keras.backend.constant(np.zeros(shape), dtype)


class LegacyStack(Stack):
    """The same layers, by functions of an older Keras."""

    kind = LegacyLayers

    @property
    def values(self) -> list[list[Any]]:
        """The variables: a tape goes back to them."""
        return self.variables

    def result(
        self, layer: Any, inputs: Any, options: Mapping[str, Any], weights: Any, kept: Any
    ) -> tuple[Any, Any]:
        """There are no calls with weights that are passed along. Cells of a single state have that
        alone, where they are stacked.
        """
        if self.made.stacked and len(self.network.states) == 1 and "initial_state" in options:
            options = {**options, "initial_state": [s for [s] in options["initial_state"]]}
        if self.way != TIME_MAJOR:
            return layer(inputs, **options), None
        options = {n: self._turned(o) if n == "mask" else o for n, o in options.items()}
        outputs, *states = layer(self._turned(inputs), **options)
        return [self._turned(outputs), *states], None

    def flipped(self, outputs: Any) -> Any:
        """The other way round in time."""
        return self.keras.backend.reverse(outputs, 1)

    def joint(self, parts: list[Any], axis: int) -> Any:
        """Parts side by side."""
        return self.keras.backend.concatenate(parts, axis)

    def _turned(self, tensor: Any) -> Any:
        """Rows and steps, exchanged."""
        order = (1, 0, 2)[: len(tensor.shape)]
        return self.keras.backend.permute_dimensions(tensor, order)


class LegacyTensorflow(Tensorflow):
    """TensorFlow, without calls of weights that are passed along."""

    ways: Mapping[str, str] = {"eager": "path"}


class TfKeras(KerasLayer):
    """The layers, on TensorFlow."""

    name = "tf-keras"
    requires, extra = ("tf_keras", "tensorflow"), "tf-keras"
    package = "tf_keras"
    levels: Mapping[str, Level] = LegacyTensorflow.levels
    kind = LegacyStack
    made: Mapping[str, str] = {**WAYS, TIME_MAJOR: "layout"}

    @cached_property
    def keras(self) -> Any:
        """The framework, imported when it is first needed."""
        import tf_keras

        return tf_keras

    @cached_property
    def backend(self) -> Backend:
        """There is one."""
        return LegacyTensorflow()

    def obstacle(self) -> str | None:
        """Nothing is in its way: it has no backend but the one."""
        return None

    def held(self, variable: Any) -> Array:
        """What a variable of TensorFlow's holds."""
        return self.backend.array(variable)

    def versions(self) -> dict[str, str]:
        """Its own, and TensorFlow's."""
        return {"tf-keras": version("tf-keras"), "tensorflow": self.backend.module.__version__}
