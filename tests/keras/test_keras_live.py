"""Layers of Keras that a program holds, on any backend: read, and written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.adapters.torch_ import TorchLayer
from rnnspec.proof import proven
from rnnspec.reference.operations import Array
from tests.living import carried

ZEROS: dict[str, Any] = {"recurrent_initializer": "zeros", "return_sequences": True}
"""A usual matrix of the past is orthogonal, which no backend makes in 16 bits."""
Made = Callable[[Any], Any]


def both(made: Made) -> Made:
    return lambda layers: layers.Bidirectional(made(layers))


def stack(*parts: Made) -> Made:
    def made(layers: Any) -> Any:
        return sys.modules["keras"].Sequential([part(layers) for part in parts])

    return made


LAYERS: dict[str, Made] = {
    "lstm": lambda layers: layers.LSTM(5, **ZEROS),
    "lstm both": both(lambda layers: layers.LSTM(5, **ZEROS)),
    "lstm bare": lambda layers: layers.LSTM(5, use_bias=False, **ZEROS),
    "lstm half": lambda layers: layers.LSTM(5, dtype="float16", **ZEROS),
    "lstm back": lambda layers: layers.LSTM(5, go_backwards=True, **ZEROS),
    "gru": lambda layers: layers.GRU(5, **ZEROS),
    "gru before": lambda layers: layers.GRU(5, reset_after=False, **ZEROS),
    "gru bare": both(lambda layers: layers.GRU(5, use_bias=False, **ZEROS)),
    "rnn": lambda layers: layers.SimpleRNN(5, activation="relu", **ZEROS),
    "cell": lambda layers: layers.RNN(layers.GRUCell(5), return_sequences=True),
    "cells": lambda layers: layers.RNN(
        layers.StackedRNNCells([layers.LSTMCell(5), layers.LSTMCell(5)]), return_sequences=True
    ),
    "deep": stack(
        lambda layers: layers.Masking(-100.0),
        both(lambda layers: layers.LSTM(5, **ZEROS)),
        lambda layers: layers.Dropout(0.5),
        both(lambda layers: layers.LSTM(5, **ZEROS)),
    ),
}


def built(adapter: KerasLayer, made: Made, seed: int) -> Any:
    layer = made(adapter.keras.layers)
    layer.build((3, 4, 3))
    random = np.random.default_rng(seed)
    for variable in layer.trainable_variables:
        variable.assign(random.uniform(-1, 1, variable.shape).astype("float32"))
    return layer


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_read_and_written(adapter: KerasLayer, name: str) -> None:
    def run(layer: Any, inputs: Array) -> Mapping[str, Array]:
        given = adapter.backend.tensor(inputs.swapaxes(0, 1), layer.compute_dtype)
        outputs = adapter.backend.array(layer(given)).swapaxes(0, 1)
        return {"outputs": outputs[::-1] if name.endswith("back") else outputs}

    def numbers(layer: Any) -> list[Any]:
        return [adapter.backend.array(v.value) for v in layer.trainable_variables]

    one, other = (built(adapter, LAYERS[name], seed) for seed in (1, 2))
    before = list(other.trainable_variables)
    _, layer = carried(one, other, run, numbers)
    assert layer is other
    assert [v.dtype for v in before] == [v.dtype for v in one.trainable_variables]
    assert all(a is b for a, b in zip(before, other.trainable_variables, strict=True))


def test_a_layer_that_is_not_trained_is_read_too(adapter: KerasLayer) -> None:
    layer = built(adapter, LAYERS["gru"], 1)
    before = rnnspec.weights_of(layer)
    layer.trainable = False
    assert rnnspec.weights_of(layer).network == before.network
    rnnspec.load_into(layer, before)
    assert layer.trainable is False


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda layers: layers.LSTM(4, activation="relu"), "has the activation 'relu': only tanh "),
        (
            lambda layers: layers.GRU(4, recurrent_activation="hard_sigmoid"),
            "has the recurrent activation 'hard_sigmoid': only sigmoid is carried",
        ),
        (lambda layers: layers.SimpleRNN(4, activation="gelu"), "only tanh or relu is carried"),
        (
            lambda layers: layers.Bidirectional(layers.LSTM(4), merge_mode="sum"),
            "is 'sum': only 'concat', with both directions side by side, is carried",
        ),
        (
            lambda layers: layers.Bidirectional(
                layers.LSTM(4, go_backwards=True), backward_layer=layers.LSTM(4)
            ),
            "is not the one forwards",
        ),
        (
            lambda layers: layers.Bidirectional(
                layers.LSTM(4), backward_layer=layers.LSTM(5, go_backwards=True)
            ),
            "the directions differ: LSTM, 3 inputs, 4 units",
        ),
        (
            stack(lambda layers: layers.LSTM(4), lambda layers: layers.Dense(2)),
            "holds a Dense beside its recurrent layers: name these in a list",
        ),
        (stack(lambda layers: layers.Dropout(0.5)), "holds no recurrent layer"),
        (
            stack(
                lambda layers: layers.GRU(4, return_sequences=True),
                lambda layers: layers.GRU(5, return_sequences=True),
            ),
            "layer 1 is no part of one stack: it is GRU, 4 inputs, 5 units",
        ),
        (
            stack(
                lambda layers: layers.GRU(4, go_backwards=True, return_sequences=True),
                lambda layers: layers.GRU(4, go_backwards=True),
            ),
            "goes backwards, and hands its outputs on in that order",
        ),
    ],
)
def test_what_the_equations_have_not_is_refused(adapter: KerasLayer, made: Made, said: str) -> None:
    layer = built(adapter, made, 1)
    with pytest.raises(rnnspec.Uncarried, match=said):
        rnnspec.weights_of(layer)


def test_a_layer_without_weights_yet_says_so(adapter: KerasLayer) -> None:
    with pytest.raises(rnnspec.Uncarried, match="has no weights yet: build it, or call it once"):
        rnnspec.weights_of(adapter.keras.layers.LSTM(4))


def test_other_layers_are_none(adapter: KerasLayer) -> None:
    with pytest.raises(TypeError, match=r"a keras\.src\.layers\.core\.dense\.Dense: use a recurr"):
        rnnspec.weights_of(adapter.keras.layers.Dense(4))


def test_from_torch_and_back(adapter: KerasLayer) -> None:
    """Both are live, in one process: two layers, both directions."""
    if find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    import torch

    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 5, 2, bidirectional=True)
    held = rnnspec.weights_of(module)
    deep = built(adapter, LAYERS["deep"], 1)
    layer, done = rnnspec.load_into(deep, held)
    assert done[0] == "forget, input, candidate, output: the two biases are added into one"
    x = np.random.default_rng(3).uniform(-1, 1, (4, 3, 3)).astype("float32")
    with torch.no_grad():
        wanted = module(torch.from_numpy(x))[0].numpy()
    given = adapter.backend.tensor(x.swapaxes(0, 1), "float32")
    found = adapter.backend.array(layer(given)).swapaxes(0, 1)
    assert np.max(np.abs(found - wanted)) < 1e-6
    proof = proven(TorchLayer(), held, adapter, rnnspec.weights_of(deep), cases=20)  # type: ignore[arg-type]
    assert proof.same, str(proof)
    again, done = rnnspec.load_into(module, rnnspec.weights_of(deep))
    assert done == ["forget, input, candidate, output: a bias of zeros is put where there was none"]
    with torch.no_grad():
        assert np.max(np.abs(again(torch.from_numpy(x))[0].numpy() - wanted)) < 1e-6
