"""Keras 3 on its backends: ``SimpleRNN``, ``LSTM`` and ``GRU``, both ways, in stacks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters import keras_live
from rnnspec.adapters.keras_backend import Backend, Nested
from rnnspec.adapters.keras_jax import Jax
from rnnspec.adapters.keras_layers import AUTO, STATEFUL, UNROLLED, WAYS
from rnnspec.adapters.keras_naming import KerasNaming
from rnnspec.adapters.keras_openvino import Openvino
from rnnspec.adapters.keras_script import counting, leaves, script
from rnnspec.adapters.keras_stack import Stack
from rnnspec.adapters.keras_tensorflow import Tensorflow
from rnnspec.adapters.keras_torch import Torch
from rnnspec.adapters.keras_training import KerasTrained
from rnnspec.adapters.keras_weights import listed, placed
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Refused
from rnnspec.reference.live import View, kind
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level
from rnnspec.reference.training import Examples, Trained, Training

BACKENDS: Mapping[str, type[Backend]] = {
    "tensorflow": Tensorflow,
    "jax": Jax,
    "torch": Torch,
    "openvino": Openvino,
}
"""By the name that Keras has for them."""
ANYWHERE: Mapping[str, Any] = {
    "orientation": "in,out",
    "directions": ("forward", "backward", "both"),
    "layers": 3,
    # Of a layer that goes backwards, what it gives before the first valid step differs by backend.
    "past_end": {"forward": "held", "backward": "unspecified", "both": "zero"},
}


class KerasLayer:
    """The layers, on the backend that Keras is set to."""

    name = "keras"
    requires: tuple[str, ...] = ("keras",)
    extra: str | None = "keras-tensorflow"
    package = "keras"
    """Where its classes come from."""
    wanted: str | None = None
    """The backend that Keras must run on."""
    kind: type[Stack] = Stack
    made: Mapping[str, str] = WAYS
    """The ways that the layers themselves have."""
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(
            ("hidden",), biases=("none", "input"), activations=("tanh", "relu"), **ANYWHERE
        ),
        "lstm": Conventions(
            ("input", "forget", "candidate", "output"), biases=("none", "input"), **ANYWHERE
        ),
        "gru": Conventions(
            ("update", "reset", "candidate"),
            biases=("none", "input", "both"),
            resets=("after", "before"),
            **ANYWHERE,
        ),
    }

    naming = KerasNaming()

    def __init__(self) -> None:
        self.stack = lru_cache(maxsize=1024)(self._stack)

    @cached_property
    def keras(self) -> Any:
        """The framework, imported when it is first needed, and on the backend that is wanted."""
        with _environment("KERAS_BACKEND", self.wanted if "keras" not in sys.modules else None):
            import keras

        return keras

    @cached_property
    def backend(self) -> Backend:
        """What Keras runs on. Raises RuntimeError where that is not what is wanted."""
        obstacle = self.obstacle()
        if obstacle is not None:
            raise RuntimeError(f"{self.name} {obstacle}")
        return BACKENDS[self.keras.config.backend()]()

    def obstacle(self) -> str | None:
        """Why it can't be used in this process: Keras has one backend, from its import on."""
        running = self.keras.config.backend()
        if running not in BACKENDS:
            return f"has no way to speak to Keras on {running}, only on {', '.join(BACKENDS)}"
        if self.wanted not in (None, running):
            return (
                f"needs Keras on {self.wanted}, and in this process Keras runs on {running}: "
                "run it in a process of its own"
            )
        self.name = f"keras-{running}"
        self.levels = BACKENDS[running].levels
        return None

    @cached_property
    def palette(self) -> Sequence[Mapping[str, int]]:
        """The backend's."""
        return self.backend.palette

    @cached_property
    def ways(self) -> Mapping[str, str]:
        """Those of the layers, and those of the backend."""
        return {**self.made, **self.backend.ways}

    def versions(self) -> dict[str, str]:
        """Keras's own, and its backend's."""
        backend = self.backend
        return {"keras": version("keras"), backend.package: backend.version}

    def offers(self, network: Network) -> str | None:
        """Stacks of up to three layers; the biases of a GRU go with its reset."""
        unfit = {"after": "input", "before": "both"}[network.reset]
        if network.cell == "gru" and network.biases == unfit:
            return f"with reset {network.reset} it offers no biases {unfit!r}"
        return self.conventions[network.cell].refuses(network)

    def session(self) -> AbstractContextManager[object]:
        """What the backend needs."""
        return self.backend.session()

    def run(self, case: Case) -> Answer:
        """Call a stack of the case's sizes with its weights."""
        stack, arguments = self._given(case)
        return self._answer(case, stack, self.backend.call(stack, case.way, *arguments))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """Go back with what the backend has for it."""
        if not self.backend.differentiates:
            return None
        network = case.network
        if case.way == STATEFUL:  # what is kept from call to call is kept without its way back
            return None
        stack, arguments = self._given(case)
        seeds = self._tensors(case.dtype, stack.cotangents(case, cotangents))
        result, *found = self.backend.back(stack, case.way, seeds, *arguments)
        weights, inputs, states = self.backend.map(self.backend.array, found)
        return Gradients(
            self._answer(case, stack, result),
            inputs.swapaxes(0, 1),
            {name: s for name, s in stack.joined(states).items() if name in case.states},
            placed(network, weights, self.conventions[network.cell]),
        )

    def count(self, network: Network) -> int | None:
        """What the layers count."""
        return sum(int(layer.count_params()) for layer in self.stack(network, "float32").layers)

    def train(self, training: Training, examples: Examples) -> Trained:
        """Train layers with a dense one on top."""
        return KerasTrained(self, training, examples)

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The layers of the ordinary way, or unrolled, called one by one; None of another way."""
        if case.way not in ("", UNROLLED) or (cotangents and not self.backend.differentiates):
            return None
        stack = self.stack(case.network, case.dtype, "")
        seeds = None if cotangents is None else stack.cotangents(case, cotangents)
        return script(case, *self._held(case), seeds)

    def leaves(self, case: Case) -> dict[str, Array]:
        """What a script goes back to, in Keras's lists."""
        return leaves(case, *self._held(case))

    def counting(self, network: Network) -> str | None:
        """What the layers count."""
        return counting(network, self.name.removeprefix("keras-"))

    def _held(self, case: Case) -> tuple[str, list[list[Array]], list[list[Array]] | None]:
        """In whose words; and weights and initial states by layer, as Keras has them."""
        network, name = case.network, self.name.removeprefix("keras-")
        weights = listed(network, case.weights, self.conventions[network.cell])
        return name, weights, self.stack(network, case.dtype, "").states(case)

    def holds(self, layer: Any) -> bool:
        """Whether it is a recurrent layer or cell, or such layers in a Sequential."""
        return kind(layer, self.package, keras_live.KINDS) is not None

    def viewed(self, layer: Any) -> View:
        """The variables of its cells."""
        backend = self.backend

        def assign(variable: Any, values: Array, dtype: str) -> None:
            variable.assign(backend.tensor(values, dtype))

        return keras_live.viewed(layer, self.package, self.held, assign)

    def held(self, variable: Any) -> Array:
        """What a variable holds."""
        return self.backend.array(variable.value)

    def _stack(self, network: Network, dtype: str, way: str = "", **kept: Any) -> Stack:
        generic = AUTO in self.backend.ways
        return self.kind(self.keras, network, dtype, way, generic=generic, **kept)

    def _given(self, case: Case) -> tuple[Stack, list[Nested]]:
        """The stack; and weights, inputs, states and mask as tensors in the lists it wants."""
        if case.dtype not in self.backend.levels:
            raise Refused(f"{self.name} does not compute in {case.dtype}")
        way = case.way if case.way in (*self.made, AUTO) else ""
        kept = {"rows": case.rows, "parted": _divisible(case)} if way == STATEFUL else {}
        stack = self.stack(case.network, case.dtype, way, **kept)
        weights = listed(case.network, case.weights, self.conventions[case.network.cell])
        mask = None
        if case.lengths is not None:
            mask = self.backend.tensor(np.arange(case.steps) < case.lengths[:, None], "bool")
        given = [weights, case.inputs.swapaxes(0, 1), stack.states(case)]
        return stack, [*self._tensors(case.dtype, given), mask]

    def _tensors(self, dtype: str, nested: Nested) -> Nested:
        return self.backend.map(lambda values: self.backend.tensor(values, dtype), nested)

    def _answer(self, case: Case, stack: Stack, result: Nested) -> Answer:
        return stack.answer(case, self.backend.map(self.backend.array, result))


class KerasTensorflow(KerasLayer):
    """Keras on TensorFlow."""

    name, wanted = "keras-tensorflow", "tensorflow"
    requires, extra = ("keras", "tensorflow"), "keras-tensorflow"


class KerasJax(KerasLayer):
    """Keras on JAX."""

    name, wanted = "keras-jax", "jax"
    requires, extra = ("keras", "jax"), "keras-jax"


class KerasTorch(KerasLayer):
    """Keras on PyTorch."""

    name, wanted = "keras-torch", "torch"
    requires, extra = ("keras", "torch"), "keras-torch"


class KerasOpenvino(KerasLayer):
    """Keras on OpenVINO."""

    name, wanted = "keras-openvino", "openvino"
    requires, extra = ("keras", "openvino"), "keras-openvino"


def _divisible(case: Case) -> bool:
    """Whether the first step can be a call of its own: that of ``Bidirectional`` begins at both
    ends. And a call in which a row has no step does not know what the row's last output was.
    """
    least = case.steps if case.lengths is None else int(np.min(case.lengths))
    return case.network.direction != "both" and least > 1


@contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    """A variable of the environment for a while, where there is a value for it."""
    before = os.environ.get(name)
    if value is not None:
        os.environ[name] = value
    try:
        yield
    finally:
        if value is not None:
            os.environ.pop(name)
            if before is not None:
                os.environ[name] = before
