"""Layers and cells of PaddlePaddle that a program holds: read, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.adapters.paddle_ import PaddleLayer
from rnnspec.reference.operations import Array
from tests.living import carried

LAYERS: dict[str, Callable[[Any], Any]] = {
    "lstm": lambda nn: nn.LSTM(3, 5),
    "lstm both, deep": lambda nn: nn.LSTM(3, 5, 2, direction="bidirect"),
    "lstm projected": lambda nn: nn.LSTM(3, 5, proj_size=2),
    "gru both": lambda nn: nn.GRU(3, 5, direction="bidirect"),
    "rnn": lambda nn: nn.SimpleRNN(3, 5, activation="relu"),
    "cell": lambda nn: nn.RNN(nn.LSTMCell(3, 5), is_reverse=True),
    "cells": lambda nn: nn.BiRNN(nn.GRUCell(3, 5), nn.GRUCell(3, 5)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_read_and_written(layers: PaddleLayer, name: str) -> None:
    def run(layer: Any, inputs: Array) -> Mapping[str, Array]:
        outputs = layer(layers.tensor(inputs.swapaxes(0, 1), "float32"))[0]
        return {"outputs": np.asarray(outputs.numpy(), np.float64).swapaxes(0, 1)}

    def numbers(layer: Any) -> list[Any]:
        return [np.array(each.numpy()) for each in layer.parameters()]

    one, other = LAYERS[name](layers.paddle.nn), LAYERS[name](layers.paddle.nn)
    before = [(id(each), each.stop_gradient) for each in other.parameters()]
    _, layer = carried(one, other, run, numbers)
    assert layer is other
    assert [(id(each), each.stop_gradient) for each in other.parameters()] == before


def test_a_loop_over_ones_own_cell_is_refused(layers: PaddleLayer) -> None:
    nn = layers.paddle.nn
    own: Any = type("Own", (nn.RNNCellBase,), {"__module__": "mine"})
    with pytest.raises(rnnspec.Uncarried, match="this RNN is one of a Own, not of Paddle's own"):
        rnnspec.weights_of(nn.RNN(own()))
