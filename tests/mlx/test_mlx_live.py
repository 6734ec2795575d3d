"""Layers of MLX that a program holds: read, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.adapters.mlx_ import MlxLayer
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE
from tests.living import carried

LAYERS: dict[str, Callable[[Any], Any]] = {
    "lstm": lambda nn: nn.LSTM(3, 5),
    "lstm bare": lambda nn: nn.LSTM(3, 5, bias=False),
    "gru": lambda nn: nn.GRU(3, 5),
    "gru bare": lambda nn: nn.GRU(3, 5, bias=False),
    "rnn": lambda nn: nn.RNN(3, 5, nonlinearity=nn.relu),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_layer_is_read_and_written(mlx: MlxLayer, name: str, dtype: str) -> None:
    def made() -> Any:
        layer = LAYERS[name](mlx.nn)
        layer.set_dtype(getattr(mlx.mx, dtype))
        return layer

    def run(layer: Any, inputs: Array) -> Mapping[str, Array]:
        found = layer(mlx.tensor(inputs.swapaxes(0, 1), dtype))
        outputs = found[0] if isinstance(found, tuple) else found
        return {"outputs": mlx.array(outputs).swapaxes(0, 1)}

    def numbers(layer: Any) -> list[Any]:
        whole = {"bfloat16": mlx.mx.uint16}.get(dtype)
        held = layer.parameters().values()
        return [np.array(each if whole is None else each.view(whole)) for each in held]

    one, other = made(), made()
    _, layer = carried(one, other, run, numbers, ABSOLUTE)
    assert layer is other


def test_an_activation_of_ones_own_is_refused(mlx: MlxLayer) -> None:
    with pytest.raises(rnnspec.Uncarried, match="has the activation 'gelu': only tanh or relu is"):
        rnnspec.weights_of(mlx.nn.RNN(3, 5, nonlinearity=mlx.nn.gelu))
