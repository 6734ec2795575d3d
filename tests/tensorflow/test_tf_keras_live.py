"""Layers of tf_keras that a program holds: read, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.keras_legacy import TfKeras
from rnnspec.reference.operations import Array
from tests.living import carried

LAYERS: dict[str, Callable[[Any], Any]] = {
    "lstm both": lambda keras: keras.layers.Bidirectional(
        keras.layers.LSTM(5, return_sequences=True)
    ),
    "gru before": lambda keras: keras.layers.GRU(5, reset_after=False, return_sequences=True),
    "gru deep": lambda keras: keras.Sequential(
        [keras.layers.GRU(5, return_sequences=True), keras.layers.GRU(5, return_sequences=True)]
    ),
    "rnn": lambda keras: keras.layers.SimpleRNN(5, activation="relu", return_sequences=True),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_read_and_written(legacy: TfKeras, name: str) -> None:
    def made(seed: int) -> Any:
        layer, random = LAYERS[name](legacy.keras), np.random.default_rng(seed)
        layer.build((3, 4, 3))
        for variable in layer.trainable_variables:
            variable.assign(random.uniform(-1, 1, variable.shape))
        return layer

    def run(layer: Any, inputs: Array) -> Mapping[str, Array]:
        given = legacy.backend.tensor(inputs.swapaxes(0, 1), "float32")
        return {"outputs": legacy.backend.array(layer(given)).swapaxes(0, 1)}

    def numbers(layer: Any) -> list[Any]:
        return [variable.numpy() for variable in layer.trainable_variables]

    one, other = made(1), made(2)
    _, layer = carried(one, other, run, numbers)
    assert layer is other
