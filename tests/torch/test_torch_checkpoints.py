"""PyTorch's checkpoints, as data: what is no tensor is never run."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
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

torch = pytest.importorskip("torch", reason="checkpoints are read by PyTorch")

NETWORKS = [
    Network("rnn", 3, 4, 1, "forward", "none", activation="relu"),
    Network("lstm", 3, 4, 2, "both", "both"),
    Network("lstm", 3, 4, 2, "both", "none", projection=2),
    Network("gru", 3, 4, 2, "both", "both"),
]


def module(network: Network, dtype: str = "float32") -> Any:
    kind = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[network.cell]
    more: dict[str, Any] = {"nonlinearity": network.activation} if network.cell == "rnn" else {}
    if network.projection:
        more["proj_size"] = network.projection
    return getattr(torch.nn, kind)(
        network.inputs,
        network.units,
        network.layers,
        bias=network.biases != "none",
        bidirectional=network.direction == "both",
        dtype=getattr(torch, dtype),
        **more,
    )


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_module_loads_what_is_written_and_saves_what_is_read(
    network: Network, dtype: str, tmp_path: Path
) -> None:
    layer, path = Held(network, drawn(network, dtype).weights, dtype), tmp_path / "it.pt"
    framework("torch").write(path, ".pt", layer)
    own = module(network, dtype)
    own.load_state_dict(torch.load(path, weights_only=True))
    torch.save({"epoch": 3, "model": {"encoder": own.state_dict()}}, path)
    found = framework("torch").read(path, ".pt", ("encoder",), Said(network.activation))
    assert found.prefixes == ["model.encoder"]
    assert (found.held.network, found.held.dtype) == (network, dtype)
    assert set(found.held.weights) == set(layer.weights)
    for at, array in found.held.weights.items():
        assert np.array_equal(array, layer.weights[at]), at


def test_a_cell_is_a_layer(tmp_path: Path) -> None:
    path = tmp_path / "it.pth"
    torch.save({"cell.weight_ih": torch.ones(12, 3), "cell.weight_hh": torch.ones(12, 4)}, path)
    found = framework("torch").read(path, ".pth", (), Said())
    assert found.held.network == Network("gru", 3, 4, biases="none")


def test_the_old_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "it.bin"
    own = module(NETWORKS[1])
    torch.save(own.state_dict(), path, _use_new_zipfile_serialization=False)
    assert framework("torch").read(path, ".bin", (), Said()).held.network == NETWORKS[1]


class Program:
    """What runs when it is loaded as a pickle usually is."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch ran",)


def bare(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weight_hh_l0": Program()}))


def wrapped(path: Path) -> None:
    torch.save({"weight_hh_l0": Program()}, path)


def whole(path: Path) -> None:
    torch.save(module(NETWORKS[1]), path)


def cut(path: Path) -> None:
    torch.save(module(NETWORKS[1]).state_dict(), path)
    path.write_bytes(path.read_bytes()[:-700])


def compressed(path: Path) -> None:
    into = io.BytesIO()
    torch.save({"weight_hh_l0": torch.zeros(2**12, 2**10)}, into)
    with zipfile.ZipFile(into) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))


def expanded(path: Path) -> None:
    held = {"weight_hh_l0": torch.zeros(1, 1).expand(2**22, 2**20)}
    torch.save({**held, "weight_ih_l0": torch.zeros(1, 1).expand(2**22, 3)}, path)


def sparse(path: Path) -> None:
    held = {"weight_hh_l0": torch.zeros(16, 4).to_sparse(), "weight_ih_l0": torch.zeros(16, 3)}
    torch.save(held, path)


def integers(path: Path) -> None:
    held = {
        "weight_hh_l0": torch.zeros(16, 4, dtype=torch.int8),
        "weight_ih_l0": torch.zeros(16, 3),
    }
    torch.save(held, path)


def deep(path: Path) -> None:
    held: dict[str, Any] = {"weight_hh_l0": torch.zeros(16, 4)}
    for _ in range(40):
        held = OrderedDict(a=held)
    torch.save(held, path)


def numbers(path: Path) -> None:
    torch.save([torch.zeros(16, 4), 3], path)


MADE: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "nothing": (
        lambda path: path.touch(),
        "it is damaged, or holds more",
    ),
    "a program": (bare, "it is damaged, or holds more than tensors, which might run as a program"),
    "a program in an archive": (wrapped, "it is damaged, or holds more than tensors, which might"),
    "a module": (
        whole,
        "which might run as a program and is not loaded (PyTorch: UnpicklingError)",
    ),
    "a file that is cut": (cut, "it is damaged"),
    "a bomb": (compressed, "it is compressed, as programs of TorchScript are, and no checkpoint"),
    "a number shown often": (expanded, "weight_hh_l0 shows the same numbers more than once"),
    "a sparse tensor": (sparse, "weight_hh_l0 is no plain tensor"),
    "integers": (integers, "weight_hh_l0 holds int8: what can be carried is float64, float32, flo"),
    "many dictionaries": (deep, "more than 16 dictionaries stand in one another"),
    "no dictionary": (numbers, "holds no recurrent layer under names of torch: it is empty"),
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_no_checkpoint_of_tensors_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, (make, told) = tmp_path / "it.pt", MADE[name]
    make(path)
    with pytest.raises(Usage, match=r"it\.pt ") as refused:
        framework("torch").read(path, ".pt", (), Said())
    assert told in str(refused.value)
    assert len(str(refused.value)) < 500 + len(str(path))
    assert [each.name for each in tmp_path.iterdir()] == ["it.pt"]
