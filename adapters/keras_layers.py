"""A network's layers, as Keras makes them: what each way is built with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnspec.reference.network import Network

LAYERS = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
GENERIC: Mapping[str, Any] = {"use_cudnn": False}
"""Not the loops that a backend has of its own, which know neither of these options."""
AUTO = "use_cudnn auto"
"""The way to those loops, where they are not the ordinary way."""
UNROLLED, LAST, STATELESS = "unrolled", "last output", "without states"
DROPOUT = "dropout off"
"""The way to layers that drop half of everything, while they are trained: they aren't."""
HALVES = "halves apart"
"""The way to ``Bidirectional`` with a backward layer of its own, and nothing merged."""
CELLS = "cells"
"""The way to ``RNN`` of a cell; of ``StackedRNNCells``, in a stack of one direction."""
STATEFUL = "stateful"
"""The way to layers that keep their state: the first step is a call of its own, but where both
directions are one layer."""
WAYS: Mapping[str, str] = {
    UNROLLED: "path",
    "implementation 1": "path",
    "implementation 2": "path",
    LAST: "path",
    STATELESS: "path",
    DROPOUT: "inference",
    HALVES: "path",
    CELLS: "path",
    STATEFUL: "path",
}
"""What the layers are built with, beside their ordinary options."""


class Layers:
    """The layers of a network, built, with zeros for weights."""

    seeded = True
    """Whether they take a seed. Without one, Keras would draw seeds from Python's generator."""

    def __init__(
        self,
        keras: Any,
        network: Network,
        dtype: str,
        way: str = "",
        *,
        generic: bool = False,
        rows: int | None = None,
    ) -> None:
        """``generic``: the ordinary way is not by the loops that the backend has of its own;
        ``rows``: how many there are, which layers that keep their state must know.
        """
        self.keras, self.network, self.dtype, self.way = keras, network, dtype, way
        self.generic = generic and way != AUTO
        self.stacked = way == CELLS and network.layers > 1 and network.direction != "both"
        self.rows = rows
        built = [self._layer(k, self.cell(k)) for k in range(network.layers) if not self.stacked]
        if self.stacked:
            cells = [self.cell(k) for k in range(network.layers)]
            built = [self._layer(0, self.keras.layers.StackedRNNCells(cells, dtype=dtype))]
        self.built = built

    def cell(self, index: int) -> Any:
        """A cell, in the way to those; else None."""
        if self.way != CELLS:
            return None
        kind = getattr(self.keras.layers, f"{LAYERS[self.network.cell]}Cell")
        return kind(**self.options(), name=f"cell_{index}")

    @property
    def number(self) -> int:
        """Which implementation: 2 is Keras's own choice."""
        return int(self.way[-1]) if self.way.startswith("implementation") else 2

    def options(self) -> dict[str, Any]:
        """What a layer and a cell are given alike."""
        network = self.network
        options: dict[str, Any] = {
            "units": network.units,
            "use_bias": network.biases != "none",
            "dtype": self.dtype,
            "kernel_initializer": "zeros",
            "recurrent_initializer": "zeros",
        }
        if self.seeded:
            options["seed"] = 0
        if network.cell == "rnn":
            options["activation"] = network.activation
        if network.cell == "gru":
            options["reset_after"] = network.reset == "after"
        if network.cell == "lstm":
            options["unit_forget_bias"] = False
        if self.way == DROPOUT:
            options |= {"dropout": 0.5, "recurrent_dropout": 0.5}
        return options

    def flow(self, index: int) -> dict[str, Any]:
        """What a layer is given beside: how it goes through the steps, and what it gives back."""
        top = index == self.network.layers - 1 or self.stacked
        return {
            "return_sequences": not (top and self.way == LAST),
            "return_state": self.way != STATELESS,
            "go_backwards": self.network.direction == "backward",
            "stateful": self.way == STATEFUL,
            "unroll": self.way == UNROLLED,
            "dtype": self.dtype,
            "name": f"layer_{index}",
        }

    def chosen(self) -> dict[str, Any]:
        """Which of the implementations a layer is to take, as far as there are several."""
        own = self.way in (UNROLLED, "implementation 1", "implementation 2") or self.generic
        if self.network.cell == "rnn" or not own:
            return {}
        return {"implementation": self.number, **GENERIC}

    def _layer(self, index: int, cell: Any) -> Any:
        layers, network = self.keras.layers, self.network

        def made(**turned: Any) -> Any:
            flow = {**self.flow(index), **turned}
            if cell is not None:
                return layers.RNN(cell, **flow)
            kind = getattr(layers, LAYERS[network.cell])
            return kind(**{**self.options(), **self.chosen(), **flow})

        layer = made()
        halves = [layer]
        if network.direction == "both":
            apart: dict[str, Any] = {}
            if self.way == HALVES:
                back = made(go_backwards=True, name=f"back_{index}")
                apart = {"backward_layer": back, "merge_mode": None}
            # what it passes on is float32, unless it is told its dtype, too
            layer = layers.Bidirectional(layer, dtype=self.dtype, name=f"both_{index}", **apart)
            halves = [layer.forward_layer, layer.backward_layer]
        for one in (one for half in halves for one in getattr(half.cell, "cells", [half.cell])):
            one.kernel_initializer = one.recurrent_initializer = self.zeros
            one.bias_initializer = self.zeros
            if network.cell != "rnn":
                one.implementation = self.number  # the copies that Bidirectional makes lose it
        layer.build((self.rows, None, network.width(index)))
        return layer

    def zeros(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """What stands in a variable until there are weights. An orthogonal matrix, as usual, would
        take longer than the call, and JAX would compile zeros, or a conversion, for every shape.
        """
        kind = "float32" if dtype == "bfloat16" else dtype  # NumPy has no bfloat16 of its own
        return self.keras.ops.convert_to_tensor(np.zeros(shape, kind), dtype)
