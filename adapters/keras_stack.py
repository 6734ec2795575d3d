"""A network as layers of Keras on top of one another, and what goes in and out, as lists by layer.

Arrays have rows first here, ``(B, T, ...)``, as Keras has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

Nested = Any
LAYERS = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
GENERIC: Mapping[str, Any] = {"use_cudnn": False}
"""Not the loops that a backend has of its own, which know neither of these options."""
AUTO = "use_cudnn auto"
"""The way to those loops, where they are not the ordinary way."""


class Stack:
    """Layers that are built once, and called with any weights."""

    ways: Mapping[str, str] = {
        "unrolled": "path",
        "implementation 1": "path",
        "implementation 2": "path",
        "last output": "path",
        "without states": "path",
    }
    """What the layers are built with, beside their ordinary options."""

    def __init__(
        self, keras: Any, network: Network, dtype: str, way: str = "", *, generic: bool = False
    ) -> None:
        """``generic``: the ordinary way is not by the loops that the backend has of its own."""
        self.keras, self.network, self.dtype, self.way = keras, network, dtype, way
        self.generic = generic and way != AUTO
        self.unrolled = way == "unrolled"
        self.compiled: dict[Any, Any] = {}
        """What a backend made of it, by what it made it for."""
        self.layers = [self._layer(index) for index in range(network.layers)]

    def _layer(self, index: int) -> Any:
        network, top = self.network, index == self.network.layers - 1
        number = int(self.way[-1]) if self.way.startswith("implementation") else 2
        options: dict[str, Any] = {
            "units": network.units,
            "use_bias": network.biases != "none",
            "return_sequences": not (top and self.way == "last output"),
            "return_state": self.way != "without states",
            "go_backwards": network.direction == "backward",
            "unroll": self.unrolled,
            "dtype": self.dtype,
            # without these, Keras would draw seeds from Python's own generator
            "seed": 0,
            "kernel_initializer": "zeros",
            "recurrent_initializer": "zeros",
            "name": f"layer_{index}",
        }
        if network.cell == "rnn":
            options["activation"] = network.activation
        elif number == 1 or self.way == "implementation 2" or self.unrolled or self.generic:
            options |= {"implementation": number, **GENERIC}
        if network.cell == "gru":
            options["reset_after"] = network.reset == "after"
        if network.cell == "lstm":
            options["unit_forget_bias"] = False
        layer = getattr(self.keras.layers, LAYERS[network.cell])(**options)
        halves = [layer]
        if network.direction == "both":
            # what it passes on is float32, unless it is told its dtype, too
            layer = self.keras.layers.Bidirectional(layer, dtype=self.dtype, name=f"both_{index}")
            halves = [layer.forward_layer, layer.backward_layer]
        for cell in (half.cell for half in halves):
            cell.kernel_initializer = cell.recurrent_initializer = self._zeros
            cell.bias_initializer = self._zeros
            if network.cell != "rnn":
                cell.implementation = number  # the copies that Bidirectional makes do not keep it
        layer.build((None, None, network.width(index)))
        return layer

    def _zeros(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """What stands in a variable until there are weights. An orthogonal matrix, as usual, would
        take longer than the call, and JAX would compile zeros, or a conversion, for every shape.
        """
        kind = "float32" if dtype == "bfloat16" else dtype  # NumPy has no bfloat16 of its own
        return self.keras.ops.convert_to_tensor(np.zeros(shape, kind), dtype)

    @property
    def variables(self) -> list[list[Any]]:
        """The weights of every layer, as Keras's variables."""
        return [list(layer.trainable_variables) for layer in self.layers]

    @property
    def values(self) -> list[list[Any]]:
        """What the variables hold, as the backend has it."""
        return [[variable.value for variable in of] for of in self.variables]

    def __call__(self, inputs: Any, states: Any, mask: Any, weights: Any) -> list[Any]:
        """Outputs (or the last one), and the final states of every layer."""
        below, finals = inputs, []
        for index, layer in enumerate(self.layers):
            options = {} if states is None else {"initial_state": list(states[index])}
            options |= {} if mask is None else {"mask": mask}
            if weights is None:
                result = layer(below, **options)
            else:
                fixed = [variable.value for variable in layer.non_trainable_variables]
                result, _ = layer.stateless_call(list(weights[index]), fixed, below, **options)
            below, *after = result if isinstance(result, list | tuple) else [result]
            if self.network.direction == "backward" and len(below.shape) == 3:
                below = self.keras.ops.flip(below, axis=1)  # it came in the order of processing
            finals.append(list(after))
        return [below, finals]

    def states(self, case: Case) -> list[list[Array]] | None:
        """The initial states by layer: a direction's side by side. None where none are given."""
        return self.split({n: case.state(n) for n in case.network.states}) if case.states else None

    def split(self, states: Mapping[str, Array]) -> list[list[Array]]:
        """Every layer's list of states, from arrays ``(L * D, B, H)``."""
        wide = len(self.network.directions)
        return [
            [state[k + d] for d in range(wide) for state in states.values()]
            for k in range(0, wide * self.network.layers, wide)
        ]

    def joined(self, states: list[list[Array]] | None) -> dict[str, Array]:
        """The inverse; nothing where there are none."""
        names = self.network.states
        if states is None or not states[0]:
            return {}
        return {
            name: np.stack([s for of in states for s in of[k :: len(names)]])
            for k, name in enumerate(names)
        }

    def answer(self, case: Case, result: list[Any]) -> Answer:
        """The result of a call. The last output stands for the hidden state that it equals."""
        outputs, states = result[0], self.joined(result[1])
        if self.way != "last output":
            return Answer(outputs.swapaxes(0, 1), states)
        halves = np.stack(np.split(outputs, len(self.network.directions), axis=-1))
        if case.lengths is not None:  # a row without a step has no last output
            top = states["hidden"][-len(halves) :]
            halves = np.where(case.lengths[:, None] > 0, halves, top)
        states["hidden"] = np.concatenate([states["hidden"][: -len(halves)], halves])
        return Answer(None, states)

    def cotangents(self, case: Case, given: Mapping[str, Array]) -> list[Any]:
        """What goes back into a call's result: zero where nothing is given."""
        states = {n: given.get(n, np.zeros(case.state_shape)) for n in self.network.states}
        outputs = given.get("outputs", np.zeros(case.output_shape)).swapaxes(0, 1)
        finals = [[] for _ in self.layers] if self.way == "without states" else self.split(states)
        if self.way == "last output":
            wide = len(self.network.directions)
            top = states["hidden"][-wide:]
            outputs = np.concatenate(list(top), axis=-1)
            for d in range(wide):  # it stands for the hidden state, which is then left out
                finals[-1][d * len(states)] = np.zeros_like(top[d])
        return [outputs, finals]
