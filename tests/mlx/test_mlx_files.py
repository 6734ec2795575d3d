"""MLX loads what is written, and what it saves is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.mlx_ import MlxLayer
from rnnspec.reference.carrying import Held
from rnnspec.reference.naming import Said
from rnnspec.reference.network import Network
from rnnspec.weight_files import framework
from tests.drawing import drawn


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize(
    "network",
    [
        Network("rnn", 3, 4, biases="input", activation="relu"),
        Network("lstm", 3, 4, biases="input"),
        Network("lstm", 3, 4, biases="none"),
        Network("gru", 3, 4, biases="candidate"),
    ],
    ids=str,
)
def test_a_layer_loads_what_is_written(
    network: Network, dtype: str, mlx: MlxLayer, tmp_path: Path
) -> None:
    path, layer = tmp_path / "it.safetensors", Held(network, drawn(network, dtype).weights, dtype)
    framework("mlx").write(path, ".safetensors", layer)
    own = mlx.built(network)
    own.load_weights(str(path))  # strict: every name and shape must be its own
    own.save_weights(str(path))
    found = framework("mlx").read(path, ".safetensors", (), Said(network.activation)).held
    assert (found.network, found.dtype) == (network, dtype)
    for at, array in found.weights.items():
        assert np.array_equal(array, layer.weights[at])
