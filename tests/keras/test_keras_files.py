"""Keras's files: Keras loads what is written, and what Keras saves is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.reference.carrying import Held
from rnnspec.reference.naming import Said
from rnnspec.reference.network import Network
from rnnspec.usage import Usage
from rnnspec.weight_files import framework
from tests.drawing import drawn

# Keras's own, where it makes NumPy arrays of PyTorch's tensors
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NETWORKS = [
    Network("rnn", 3, 4, 2, "both", "input", activation="relu"),
    Network("rnn", 3, 4, 1, "backward", "none"),
    Network("lstm", 3, 4, 2, "both", "input"),
    Network("gru", 3, 4, 2, "forward", "both"),
    Network("gru", 3, 4, 1, "both", "input", reset="before"),
    Network("gru", 3, 4, 1, "forward", "none", reset="before"),
]


@pytest.fixture(params=NETWORKS, ids=str)
def layer(request: pytest.FixtureRequest) -> Held:
    return Held(request.param, drawn(request.param).weights, "float32")


def values(model: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(array) for array in model.get_weights()]


def test_keras_loads_what_is_written_and_saves_what_is_read(
    layer: Held, adapter: KerasLayer, tmp_path: Path
) -> None:
    keras, network = adapter.keras, layer.network
    archive, weights = tmp_path / "it.keras", tmp_path / "it.weights.h5"
    framework("keras").write(archive, ".keras", layer)
    framework("keras").write(weights, ".weights.h5", layer)
    model = keras.models.load_model(archive)
    tensors = framework("keras").naming.tensors(framework("keras").laid(layer))
    assert len(values(model)) == len(tensors)
    for own, tensor, variable in zip(values(model), tensors, model.weights, strict=True):
        assert np.array_equal(own, tensor.read().astype("float32"))
        assert variable.path.endswith(tensor.name)
    saved = values(model)
    model.set_weights([np.zeros_like(array) for array in saved])
    model.load_weights(weights)
    for one, other in zip(values(model), saved, strict=True):
        assert np.array_equal(one, other)
    model.save(archive)
    model.save_weights(weights)
    for path, suffix in ((archive, ".keras"), (weights, ".weights.h5")):
        found = framework("keras").read_back(path, suffix, layer)
        assert found.network == network
        for at, array in found.weights.items():
            assert np.array_equal(array, layer.weights[at])


def test_a_model_with_other_layers(adapter: KerasLayer, tmp_path: Path) -> None:
    keras, path = adapter.keras, tmp_path / "it.keras"
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(9, 3),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="encoder"),
            layers.RNN(layers.GRUCell(5, reset_after=False), name="top"),
            layers.Dense(2),
        ]
    )
    model.save(path)
    found = framework("keras").read(path, ".keras", ("encoder",), Said())
    assert found.held.network == Network("lstm", 3, 4, 1, "both", "input")
    assert found.others == ["layers/rnn"]
    assert found.left == 6
    top = framework("keras").read(path, ".keras", ("top",), Said())
    assert top.held.network == Network("gru", 8, 5, biases="input", reset="before")


def test_an_activation_of_another_layer_is_not_taken(adapter: KerasLayer, tmp_path: Path) -> None:
    keras, path = adapter.keras, tmp_path / "it.keras"
    layers = keras.layers
    keras.Sequential(
        [keras.Input((None, 3)), layers.LSTM(4, activation="relu", name="odd"), layers.Dense(2)]
    ).save(path)
    with pytest.raises(Usage, match="its activation is relu, and what can be carried is tanh"):
        framework("keras").read(path, ".keras", (), Said())
