"""A network as layers of Keras on top of one another, and what goes in and out, as lists by layer.

Arrays have rows first here, ``(B, T, ...)``, as Keras has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnspec.adapters.keras_layers import (
    DROPOUT,
    HALVES,
    LAST,
    STATEFUL,
    STATELESS,
    UNROLLED,
    Layers,
)
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

Nested = Any


class Stack:
    """Layers that are built once, and called with any weights."""

    kind: type[Layers] = Layers

    def __init__(
        self,
        keras: Any,
        network: Network,
        dtype: str,
        way: str = "",
        *,
        generic: bool = False,
        rows: int | None = None,
        parted: bool = False,
    ) -> None:
        """``parted``: the first step is a call of its own."""
        self.keras, self.network, self.dtype, self.way = keras, network, dtype, way
        self.unrolled, self.parted = way == UNROLLED, parted
        self.compiled: dict[Any, Any] = {}
        """What a backend made of it, by what it made it for."""
        self.made = self.kind(keras, network, dtype, way, generic=generic, rows=rows)
        self.layers = self.made.built

    @property
    def variables(self) -> list[list[Any]]:
        """The weights of every layer of the network, as Keras's variables."""
        parts = self.layers[0].cell.cells if self.made.stacked else self.layers
        return [list(part.trainable_variables) for part in parts]

    @property
    def values(self) -> list[list[Any]]:
        """What the variables hold, as the backend has it."""
        return [[variable.value for variable in of] for of in self.variables]

    def reset(self) -> None:
        """Forget what layers that keep their state have kept of an earlier call."""
        if self.way == STATEFUL:
            for layer in self.layers:
                layer.reset_states()

    def __call__(self, inputs: Any, states: Any, mask: Any, weights: Any) -> list[Any]:
        """Outputs (or the last one), and the final states of every layer."""
        below, finals = inputs, list[Any]()
        for index, layer in enumerate(self.layers):
            given, held = states, weights
            if self.made.stacked:
                held = None if weights is None else [[w for of in weights for w in of]]
            elif states is not None:
                given = list(states[index])
            below, after = self._called(layer, below, given, mask, held and held[index])
            if self.network.direction == "backward" and len(below.shape) == 3:
                below = self.flipped(below)  # it came in the order of processing
            if self.made.stacked:  # each cell's, which of a single state may be that alone
                after = [list(a) if isinstance(a, list | tuple) else [a] for a in after]
            finals += after if self.made.stacked and after else [after]
        return [below, finals]

    def _called(
        self, layer: Any, inputs: Any, states: Any, mask: Any, weights: Any
    ) -> tuple[Any, list[Any]]:
        """Outputs and final states of one layer, in the order of processing."""
        parts = [slice(None)]
        if self.parted:
            parts = [slice(None, 1), slice(1, None)]
            if self.network.direction == "backward":
                parts = [slice(-1, None), slice(None, -1)]
        outputs, kept = list[Any](), None
        for part in parts:
            options: dict[str, Any] = {} if self.way != DROPOUT else {"training": False}
            if states is not None and not outputs:
                options["initial_state"] = states
            if mask is not None:
                options["mask"] = mask[:, part]
            result, kept = self.result(layer, inputs[:, part], options, weights, kept)
            result = result if isinstance(result, list | tuple) else [result]
            if self.way == HALVES and self.network.direction == "both":
                result = [self.joint(list(result[:2]), -1), *result[2:]]
            outputs.append(result[0])
            after = list(result[1:])
        return outputs[0] if len(outputs) == 1 else self.joint(outputs, 1), after

    def result(
        self, layer: Any, inputs: Any, options: Mapping[str, Any], weights: Any, kept: Any
    ) -> tuple[Any, Any]:
        """What a layer gives for some steps, with weights that it holds or that are passed along;
        and what it keeps, where that is passed along as well.
        """
        if weights is None:
            return layer(inputs, **options), None
        if kept is None:
            kept = [variable.value for variable in layer.non_trainable_variables]
        result, kept = layer.stateless_call(list(weights), kept, inputs, **options)
        return result, kept

    def flipped(self, outputs: Any) -> Any:
        """The other way round in time."""
        return self.keras.ops.flip(outputs, axis=1)

    def joint(self, parts: list[Any], axis: int) -> Any:
        """Parts side by side."""
        return self.keras.ops.concatenate(parts, axis=axis)

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
        if self.way != LAST:
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
        finals = [[] for _ in self.layers] if self.way == STATELESS else self.split(states)
        if self.way == LAST:
            wide = len(self.network.directions)
            top = states["hidden"][-wide:]
            outputs = np.concatenate(list(top), axis=-1)
            for d in range(wide):  # it stands for the hidden state, which is then left out
                finals[-1][d * len(states)] = np.zeros_like(top[d])
        return [outputs, finals]
