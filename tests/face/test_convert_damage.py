"""Files with weights from others are data: read, or refused in a sentence, in little memory."""

from __future__ import annotations

import json
import pickle
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec.reference.carrying import Held
from rnnspec.reference.naming import Said
from rnnspec.reference.network import Network
from rnnspec.usage import Usage
from rnnspec.weight_files import framework
from tests.damage import scratched
from tests.drawing import drawn

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]
Refused = Callable[..., str]

LSTM = Network("lstm", 3, 4)
LITTLE = 64 * 2**20
"""Bytes: much less than any of the files below claims to hold."""
EIGHT = {"dtype": "F32", "shape": [16, 4], "data_offsets": [0, 256]}


@pytest.fixture
def refused(rnnspec: Program, sentence: Sentence, tmp_path: Path) -> Refused:
    """``refused(name, *options)``: the sentence with which a file is refused, and no output."""

    def told(name: str, *options: str) -> str:
        options = options or (("--from", "torch") if name.endswith(".safetensors") else ())
        out = "out.keras" if "torch" in options else "out.safetensors"
        to = () if "torch" in options else ("--to", "torch")
        tracemalloc.start()
        try:
            found = sentence(rnnspec("convert", name, "-o", out, *options, *to))
            assert tracemalloc.get_traced_memory()[1] < LITTLE
        finally:
            tracemalloc.stop()
        assert found.startswith(name)
        assert len(found) < 500
        assert [path.name for path in tmp_path.iterdir()] == [name]
        return found.removeprefix(name)

    return told


def safetensors(header: Any, data: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(shape: list[Any], first: int = 0, dtype: str = "F32") -> dict[str, Any]:
    return {
        "dtype": dtype,
        "shape": shape,
        "data_offsets": [first, first + 4 * int(np.prod(shape))],
    }


DAMAGED: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "is no .safetensors file: it is cut, or another form of file"),
    "cut in the length": (
        b"\x08\x00",
        "is no .safetensors file: it is cut, or another form of file",
    ),
    "a huge header": (
        safetensors(b"{}", length=2**62),
        f"another form of file: its header would be {2**62} bytes long",
    ),
    "a pickle": (pickle.dumps({"weight_ih_l0": 1}), "it is cut, or another form of file"),
    "no JSON": (safetensors(b"{'a': 1}"), "it is not JSON"),
    "no text": (safetensors(b"\xff\xfe{}"), "it is not text in UTF-8"),
    "deep": (safetensors(b'{"a":' * 200_000), "it is not JSON: it is nested too deep"),
    "a list": (safetensors([]), "it holds no JSON object"),
    "a name twice": (
        safetensors(b'{"a": {}, "a": {}}'),
        "a name stands twice",
    ),
    "no shape": (safetensors({"weight_hh_l0": {}}), "what it says of weight_hh_l0 is no dtype, sh"),
    "a shape of words": (
        safetensors({"weight_hh_l0": {**EIGHT, "shape": ["16", 4]}}, bytes(256)),
        "what it says of weight_hh_l0 is no dtype, shape and place",
    ),
    "a shape below zero": (
        safetensors({"weight_hh_l0": {**EIGHT, "shape": [-16, -4]}}, bytes(256)),
        "what it says of weight_hh_l0 is no dtype, shape and place",
    ),
    "a huge shape": (
        safetensors({"weight_hh_l0": {**EIGHT, "shape": [2**40, 2**40]}}, bytes(256)),
        "weight_hh_l0 is said to have shape (1099511627776, 1099511627776), and has 256 bytes",
    ),
    "a huge place": (
        safetensors({"weight_hh_l0": {**EIGHT, "data_offsets": [0, 2**60]}}, bytes(256)),
        "it is cut: weight_hh_l0 would end after byte",
    ),
    "a place that ends before it begins": (
        safetensors({"weight_hh_l0": {**EIGHT, "data_offsets": [256, 0]}}, bytes(256)),
        "it is cut: weight_hh_l0",
    ),
    "many axes": (
        safetensors({"weight_hh_l0": {**EIGHT, "shape": [1] * 9999 + [64]}}, bytes(256)),
        "weight_hh_l0 has shape (1, 1, 1",
    ),
    "integers": (
        safetensors(
            {
                "weight_hh_l0": {"dtype": "I32", "shape": [16, 4], "data_offsets": [0, 256]},
                "weight_ih_l0": entry([16, 3], 256),
            },
            bytes(448),
        ),
        "weight_hh_l0 holds I32: what can be carried is float64, float32, float16, bfloat16",
    ),
    "two dtypes": (
        safetensors(
            {
                "weight_hh_l0": {**EIGHT, "shape": [16, 4]},
                "weight_ih_l0": {"dtype": "F16", "shape": [16, 3], "data_offsets": [256, 352]},
            },
            bytes(352),
        ),
        "holds float16, and",
    ),
    "another dtype": (
        safetensors({"weight_hh_l0": {**EIGHT, "dtype": "\u202efloat" * 99}}, bytes(256)),
        "has no weight_ih_l0",
    ),
    "a part that is missing": (
        safetensors({"a.weight_hh_l0": EIGHT}, bytes(256)),
        "a has no weight_ih_l0",
    ),
    "a layer that is missing": (
        safetensors(
            {"weight_hh_l0": EIGHT, "weight_ih_l0": entry([16, 3]), "weight_hh_l9999": EIGHT},
            bytes(256),
        ),
        "the layer has no weight_ih_l1",
    ),
    "a bias that does not fit": (
        safetensors(
            {"weight_hh_l0": EIGHT, "weight_ih_l0": entry([16, 3]), "bias_ih_l0": entry([12])},
            bytes(256),
        ),
        "bias_ih_l0 has shape (12,): it must be (16,), as the input bias",
    ),
    "one bias of two": (
        safetensors(
            {"weight_hh_l0": EIGHT, "weight_ih_l0": entry([16, 3]), "bias_ih_l0": entry([16])},
            bytes(256),
        ),
        "it has no recurrent bias weights of LSTM",
    ),
    "no cell": (
        safetensors(
            {
                "weight_hh_l0": {**EIGHT, "shape": [8, 8]},
                "weight_ih_l0": {**EIGHT, "shape": [16, 4]},
            },
            bytes(256),
        ),
        "which activation",
    ),
    "gates that no cell has": (
        safetensors(
            {"weight_hh_l0": {**EIGHT, "shape": [32, 2]}, "weight_ih_l0": entry([32, 2])},
            bytes(256),
        ),
        "weight_hh_l0 has shape (32, 2): no simple unit, LSTM or GRU has that many gates",
    ),
    "no units": (
        safetensors({"weight_hh_l0": entry([0, 0]), "weight_ih_l0": entry([0, 3])}),
        "weight_hh_l0 has shape (0, 0): no simple unit, LSTM or GRU has that many gates",
    ),
    "no inputs": (
        safetensors({"weight_hh_l0": EIGHT, "weight_ih_l0": entry([16, 0])}, bytes(256)),
        "inputs is 0: use a whole number from 1",
    ),
    "absurd names": (
        safetensors({"../" * 9999 + "\x1b[31m\n.weight_hh_l0": EIGHT}, bytes(256)),
        "has no weight_ih_l0",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_safetensors(name: str, refused: Refused, tmp_path: Path) -> None:
    content, told = DAMAGED[name]
    (tmp_path / "it.safetensors").write_bytes(content)
    found = refused("it.safetensors")
    assert told in found
    assert found.isprintable()


KERAS = Network("lstm", 3, 4, biases="input")


def keras(path: Path) -> bytes:
    layer = Held(KERAS, drawn(KERAS).weights, "float32")
    framework("keras").write(path, "".join(path.suffixes), layer)
    return path.read_bytes()


def linked(path: Path) -> None:
    with h5py.File(path.with_name("other.h5"), "w") as other:
        other["secret"] = np.zeros(4, "f4")
    path.with_name("other.h5").unlink()
    with h5py.File(path, "w") as file:
        file["layers/lstm/cell/vars/0"] = h5py.ExternalLink("/etc/other.h5", "/secret")


def soft(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["a"] = h5py.SoftLink("/a")


def looped(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_group("a")
        file["a/b"], file["a/c"] = file["a"], file["a"]


def external(path: Path) -> None:
    with h5py.File(path, "w") as file:
        where = [("/etc/hostname", 0, 64)]
        file.create_dataset("layers/lstm/cell/vars/1", (4, 4), "f4", external=where)


def virtual(path: Path) -> None:
    with h5py.File(path, "w") as file:
        layout = h5py.VirtualLayout((4, 16), "f4")
        layout[...] = h5py.VirtualSource("/etc/other.h5", "x", (4, 16))
        file.create_virtual_dataset("layers/lstm/cell/vars/1", layout)


def huge(path: Path) -> None:
    with h5py.File(path, "w") as file:
        made = file.create_group("layers/lstm/cell/vars")
        made.create_dataset("0", (2**20, 2**22), "f4", chunks=(64, 64))
        made.create_dataset("1", (2**20, 2**22), "f4", chunks=(64, 64))


def bomb(path: Path) -> None:
    with h5py.File(path, "w") as file:
        made = file.create_group("layers/lstm/cell/vars")
        made.create_dataset("1", (1024, 4 * 1024), "f4", compression="gzip")
        made["1"][...] = 0


def words(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["layers/lstm/cell/vars/0"] = np.zeros((3, 16), "f4")
        file["layers/lstm/cell/vars/1"] = np.full((4, 16), b"abc")


def bits(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["layers/lstm/cell/vars/1"] = np.zeros((4, 16), "f4")
        file["layers/lstm/cell/vars/1"].attrs["dtype"] = "bfloat16"


def images(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["layers/conv_lstm2d/cell/vars/0"] = np.zeros((3, 3, 1, 16), "f4")
        file["layers/conv_lstm2d/cell/vars/1"] = np.zeros((3, 3, 4, 16), "f4")


def half(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["layers/bidirectional/forward_layer/cell/vars/0"] = np.zeros((3, 16), "f4")
        file["layers/bidirectional/forward_layer/cell/vars/1"] = np.zeros((4, 16), "f4")


def cut(path: Path) -> None:
    content = keras(path)
    path.write_bytes(content[: len(content) // 2])


HDF5: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda path: path.write_bytes(b""), "it is no HDF5 file, or damaged"),
    "a pickle": (
        lambda path: path.write_bytes(pickle.dumps([1])),
        "it is no HDF5 file, or damaged",
    ),
    "cut": (cut, "it is no HDF5 file, or damaged"),
    "a link to another file": (linked, "layers/lstm/cell/vars/0 is a link, which is not followed"),
    "a link to itself": (soft, "a is a link, which is not followed"),
    "a loop": (looped, "stands in it twice"),
    "numbers in another file": (
        external,
        "layers/lstm/cell/vars/1 has its numbers in another file",
    ),
    "numbers of another file": (virtual, "layers/lstm/cell/vars/1 has its numbers in another file"),
    "a huge shape": (huge, "is said to have shape (1048576, 4194304), which this file cannot hold"),
    "a bomb": (bomb, "is said to have shape (1024, 4096), which this file cannot hold"),
    "words": (words, "layers/lstm/cell/vars/1 holds |S3: what can be carried is float64, float32"),
    "other bits": (bits, "layers/lstm/cell/vars/1 is said to hold bfloat16, and does not"),
    "images": (images, "holds no recurrent layer under names of keras, but layers/conv_lstm2d"),
    "one direction of two": (half, "layers/bidirectional has one of two directions only"),
}


@pytest.mark.parametrize("name", HDF5)
def test_hdf5(name: str, refused: Refused, tmp_path: Path) -> None:
    make, told = HDF5[name]
    make(tmp_path / "it.weights.h5")
    assert told in refused("it.weights.h5")


def archive(path: Path, compressed: bool = False, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if compressed else 0) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)


def encrypted(path: Path) -> None:
    archive(path, config__json=b"{}", model__weights__h5=b"")
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[at + 8] |= 1
    content[6] |= 1
    path.write_bytes(content)


def flipped(path: Path) -> None:
    content = bytearray(keras(path))
    content[content.index(b"Sequential")] ^= 1
    path.write_bytes(content)


def summed(
    path: Path, change: Callable[[dict[str, Any]], object], network: Network = KERAS
) -> None:
    """Another configuration than the weights were written with."""
    layer = Held(network, drawn(network).weights, "float32")
    framework("keras").write(path, ".keras", layer)
    with zipfile.ZipFile(path) as file:
        config = json.loads(file.read("config.json"))
        weights = file.read("model.weights.h5")
    change(config["config"]["layers"][1]["config"])
    archive(path, config__json=json.dumps(config).encode(), model__weights__h5=weights)


BOTH = Network("lstm", 3, 4, 1, "both", "input")
ARCHIVES: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda path: path.write_bytes(b""), "it is a damaged archive"),
    "a pickle": (lambda path: path.write_bytes(pickle.dumps([1])), "it is a damaged archive"),
    "cut": (cut, "it is a damaged archive"),
    "a bit": (flipped, "it is a damaged archive: Bad CRC-32 for file 'config.json'"),
    "no configuration": (lambda path: archive(path, a=b"b"), "it has no config.json"),
    "no weights": (lambda path: archive(path, config__json=b"{}"), "it has no model.weights.h5"),
    "a path": (
        lambda path: archive(path, False, **{"config__json": b"{}", "../model__weights__h5": b""}),
        "it has no model.weights.h5",
    ),
    "a deep configuration": (
        lambda path: archive(path, config__json=b'{"a":' * 200_000, model__weights__h5=b""),
        "it is not JSON: it is nested too deep",
    ),
    "a bomb": (
        lambda path: archive(
            path, compressed=True, config__json=b"{}", model__weights__h5=bytes(2**24)
        ),
        "its model.weights.h5 would unfold into 16777216 bytes",
    ),
    "a bomb in words": (
        lambda path: archive(path, compressed=True, config__json=b" " * (2**26 + 1)),
        "its config.json would unfold into 67108865 bytes",
    ),
    "a password": (encrypted, "it is a damaged archive"),
    "an activation": (
        lambda path: summed(path, lambda layer: layer.update(activation="mish")),
        "its activation is mish, and what can be carried is tanh, with sigmoid for its gates",
    ),
    "an activation of gates": (
        lambda path: summed(path, lambda layer: layer.update(recurrent_activation="hard_sigmoid")),
        "its activation is hard_sigmoid, and what can be carried is tanh, with sigmoid",
    ),
    "an activation that is none": (
        lambda path: summed(path, lambda layer: layer.update(activation={"a": [{}]})),
        "its activation is {'a': [{}]}, and what can be carried is tanh",
    ),
    "directions that are added": (
        lambda path: summed(path, lambda layer: layer.update(merge_mode="sum"), BOTH),
        "layers/bidirectional does not put its directions side by side: sum",
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives(name: str, refused: Refused, tmp_path: Path) -> None:
    make, told = ARCHIVES[name]
    make(tmp_path / "it.keras")
    assert told in refused("it.keras")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files are damaged again and again."""
    return tmp_path_factory.mktemp("damage")


@cache
def whole(path: Path) -> bytes:
    of = "torch" if path.suffix == ".safetensors" else "keras"
    network = LSTM if of == "torch" else KERAS
    layer = Held(network, drawn(network).weights, "float32")
    framework(of).write(path, "".join(path.suffixes), layer)
    return path.read_bytes()


@given(data=st.data())
@settings(deadline=None, derandomize=True, database=None, max_examples=100)
@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5", ".keras"])
def test_scratched(suffix: str, data: st.DataObject, folder: Path) -> None:
    path = folder / f"it{suffix}"
    content = whole(path)
    path.write_bytes(data.draw(scratched(content)))
    with suppress(Usage):
        of = "torch" if suffix == ".safetensors" else "keras"
        framework(of).read(path, suffix, (), Said("tanh", "after"))
