"""Models of ONNX as files: weights are read from their nodes, and a model is made of a layer."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.carrying import Held
from rnnspec.reference.naming import Said
from rnnspec.reference.network import Network
from rnnspec.usage import Usage
from rnnspec.weight_files import framework
from tests.drawing import drawn

if find_spec("onnx") is None:
    pytest.skip("models are read by onnx", allow_module_level=True)

NETWORKS = [
    Network("rnn", 3, 4, 2, "both", "both", activation="relu"),
    Network("rnn", 3, 4, 1, "backward", "none"),
    Network("lstm", 3, 4, 2, "both", "both"),
    Network("lstm", 3, 4, 1, "forward", "both", peepholes=True, clip=0.5),
    Network("lstm", 3, 4, 1, "both", "both", coupled=True),
    Network("lstm", 3, 4, 1, "both", "none", coupled=True, peepholes=False),
    Network("gru", 3, 4, 11, "forward", "both"),
    Network("gru", 3, 4, 2, "both", "both", reset="before"),
]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_written_is_read_bit_by_bit(network: Network, dtype: str, tmp_path: Path) -> None:
    path, layer = tmp_path / "it.onnx", Held(network, drawn(network, dtype).weights, dtype)
    framework("onnx").write(path, ".onnx", layer)
    found = framework("onnx").read_back(path, ".onnx", layer)
    assert (found.network, found.dtype) == (network, dtype)
    assert set(found.weights) == set(layer.weights)
    for at, array in found.weights.items():
        assert np.array_equal(array, layer.weights[at]), at


def changed(path: Path, change: Callable[[Any], None], network: Network = NETWORKS[6]) -> None:
    import onnx

    layer = Held(network, drawn(network).weights, "float32")
    framework("onnx").write(path, ".onnx", layer)
    model = onnx.load(path)
    change(model)
    path.write_bytes(model.SerializeToString())


def elsewhere(model: Any) -> None:
    import onnx

    held = model.graph.initializer[0]
    held.ClearField("raw_data")
    held.data_location = onnx.TensorProto.EXTERNAL
    entry = held.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"


def beside(model: Any) -> None:
    elsewhere(model)
    model.graph.initializer[0].external_data[0].value = "it.data"


def huge(model: Any) -> None:
    model.graph.initializer[0].dims[1] = 2**40


def rows(model: Any) -> None:
    held = model.graph.initializer[1]
    del held.dims[:]
    held.dims.extend([4, 12, 1])


def words(model: Any) -> None:
    import onnx

    model.graph.initializer[0].data_type = onnx.TensorProto.STRING


def computed(model: Any) -> None:
    del model.graph.initializer[0]


def function(model: Any) -> None:
    import onnx

    model.graph.node[0].attribute.append(
        onnx.helper.make_attribute("activations", ["HardSigmoid", "Tanh"])
    )


def nothing(model: Any) -> None:
    del model.graph.node[:]


def twice(model: Any) -> None:
    for node in model.graph.node:
        node.name = "one"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (elsewhere, "GRU_0/W stands in ../../etc/passwd, which is no file beside it"),
        (beside, "it.data is cut: it does not hold all of GRU_0/W"),
        (huge, "GRU_0/W[0] has shape (1099511627776, 3): it must be (12, 3)"),
        (rows, "GRU_0/R has shape (4, 12, 1): its first axis is the directions, 1"),
        (words, "GRU_0/W[0] holds string: what can be carried is float64"),
        (computed, "GRU_0/W is no constant of the model"),
        (
            function,
            "GRU_0 has the activations Hardsigmoid, Tanh: what can be carried is Sigmoid, T",
        ),
        (nothing, "it has no nodes"),
        (twice, "two recurrent nodes are named one"),
    ],
)
def test_damage_is_told_in_a_sentence(
    change: Callable[[Any], None], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "it.onnx"
    changed(path, change, Network("gru", 3, 4, 2, "forward", "both"))
    path.with_name("it.data").write_bytes(bytes(8))
    with pytest.raises(Usage, match=r"it\.onnx ") as refused:
        framework("onnx").read(path, ".onnx", ("GRU_0",), Said())
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04K\x01.", bytes(99), b"\x0a\xff\xff\xff\xff\x0f"]
)
def test_what_is_no_model_is_told_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "it.onnx"
    path.write_bytes(content)
    with pytest.raises(Usage, match=r"it\.onnx is no \.onnx file: it (is damaged|has no nodes)"):
        framework("onnx").read(path, ".onnx", (), Said())


def test_weights_in_a_file_beside_the_model_are_read(tmp_path: Path) -> None:
    import onnx

    path, network = tmp_path / "it.onnx", NETWORKS[2]
    layer = Held(network, drawn(network).weights, "float32")
    framework("onnx").write(path, ".onnx", layer)
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location="it.data", size_threshold=0)
    assert (tmp_path / "it.data").stat().st_size
    found = framework("onnx").read_back(path, ".onnx", layer)
    for at, array in found.weights.items():
        assert np.array_equal(array, layer.weights[at])
    (tmp_path / "it.data").rename(tmp_path / "other.data")
    (tmp_path / "it.data").symlink_to("other.data")
    with pytest.raises(Usage, match=r"stands in it\.data, which is no file beside it"):
        framework("onnx").read_back(path, ".onnx", layer)
