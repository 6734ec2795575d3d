"""Keras's own files: HDF5 with weights, and an archive of that and a configuration."""

from __future__ import annotations

import json
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from rnnspec.adapters.keras_layers import LAYERS
from rnnspec.reference.encoding import LARGEST_TEXT, Malformed, read_object, text_of
from rnnspec.reference.naming import FULL, Contents, Laid, Tensor, shown, stored, values
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

MOST, DEEPEST = 100_000, 64
"""Objects in a file, and how deep they may stand in one another."""
WITHIN = "model.weights.h5"
"""The weights in an archive."""


class Weights:
    """``save_weights``."""

    requires, extra = "h5py", "convert"

    def read(self, path: Path) -> Contents:
        """Nothing that is linked from another file is looked at."""
        return _contents(path, path.stat().st_size)

    def write(self, path: Path, laid: Laid) -> None:
        """A model of these layers alone loads it."""
        path.write_bytes(_written(laid))  # HDF5 has many words for a full disk


class Archive:
    """``save``: the model's configuration beside the weights."""

    requires, extra = "h5py", "convert"

    def read(self, path: Path) -> Contents:
        """Two members are read, by their names; nothing is unpacked into a folder."""
        size = path.stat().st_size
        try:
            with zipfile.ZipFile(path) as archive:
                config = read_object(text_of(_member(archive, "config.json", LARGEST_TEXT)))
                weights = BytesIO(_member(archive, WITHIN, FULL * size))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as e:
            if isinstance(e, Malformed):
                raise
            raise Malformed(f"it is a damaged archive: {e}") from None
        contents = _contents(weights, size)
        configs = dict(_configs(config))
        facts = {
            prefix: {**configs.get(str(fact.get("name")), {}), **fact}
            for prefix, fact in contents.facts.items()
        }
        return Contents(contents.tensors, facts)

    def write(self, path: Path, laid: Laid) -> None:
        """A ``Sequential`` of these layers, which Keras loads as a model."""
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", json.dumps({"keras_version": "3.8.0"}))
            archive.writestr("config.json", json.dumps(config_of(laid.network, laid.dtype)))
            archive.writestr(WITHIN, _written(laid))


def config_of(network: Network, dtype: str) -> dict[str, Any]:
    """The configuration of a model of a network's layers."""
    shape: list[int | None] = [None, None, network.inputs]
    layers = [_config("InputLayer", batch_shape=shape, dtype=dtype, name="input_layer")]
    for k in range(network.layers):
        layer = _layer(network, dtype, k, backwards=network.direction == "backward")
        if network.direction == "both":
            back = _layer(network, dtype, k, backwards=True)
            name = f"bidirectional_{k}" if k else "bidirectional"
            layer = _config(
                "Bidirectional",
                name=name,
                merge_mode="concat",
                layer=layer,
                backward_layer=back,
                dtype=dtype,
            )
        layers.append(layer)
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "carried", "layers": layers, "build_input_shape": shape},
        "build_config": {"input_shape": shape},
    }


def _layer(network: Network, dtype: str, index: int, *, backwards: bool) -> dict[str, Any]:
    from rnnspec.adapters.keras_naming import SNAKES

    options: dict[str, Any] = {}
    if network.cell == "rnn":
        options["activation"] = network.activation
    if network.cell == "gru":
        options["reset_after"] = network.reset == "after"
    name = SNAKES[network.cell] + (f"_{index}" if index else "")
    if network.direction == "both":
        name = f"{'backward' if backwards else 'forward'}_{name}"
    return _config(
        LAYERS[network.cell],
        name=name,
        units=network.units,
        use_bias=network.biases != "none",
        return_sequences=True,
        go_backwards=backwards,
        recurrent_initializer="glorot_uniform",  # the usual one has no 16 bits; it is replaced
        dtype=dtype,
        **options,
    )


def _config(kind: str, **options: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": kind, "config": options}


def _written(laid: Laid) -> bytes:
    """In the places where Keras looks for the variables of a model's layers."""
    import h5py

    from rnnspec.adapters.keras_naming import SNAKES, arrays

    network, snake = laid.network, SNAKES[laid.network.cell]
    both, file = network.direction == "both", BytesIO()
    with h5py.File(file, "w") as into:
        into.create_group("vars")
        for layer in range(network.layers):
            again = f"_{layer}" if layer else ""
            above = f"layers/{'bidirectional' if both else snake}{again}"
            into.create_group(f"{above}/vars").attrs["name"] = above.removeprefix("layers/")
            for direction in network.directions:
                half = f"{above}/{direction}_layer" if both else above
                held = into.create_group(f"{half}/cell/vars")
                held.attrs["name"] = f"{snake}_cell"
                for number, array in enumerate(arrays(laid.packed(layer, direction)).values()):
                    numbers = stored(array, laid.dtype)
                    if laid.dtype == "bfloat16":
                        numbers = numbers.view("V2")
                    held[str(number)] = numbers
                    if laid.dtype == "bfloat16":
                        held[str(number)].attrs["dtype"] = "bfloat16"
    return file.getvalue()


def _contents(file: Path | BytesIO, size: int) -> Contents:
    """Every array of numbers, by its place in the file; and the names that layers have in Keras."""
    import h5py

    try:
        with h5py.File(file, "r") as held:
            tensors: dict[str, Tensor] = {}
            facts: dict[str, dict[str, Any]] = {}
            for name, one in _walked(h5py, held):
                if isinstance(one, h5py.Dataset):
                    tensors[name] = _tensor(h5py, file, name, one, size)
                elif name.endswith("/vars") and isinstance(one.attrs.get("name"), str):
                    facts[name.removesuffix("/vars")] = {"name": one.attrs["name"]}
            return Contents(tensors, facts)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(f"it is no HDF5 file, or damaged: {shown(str(error))}") from None


def _walked(h5py: Any, held: Any) -> Iterator[tuple[str, Any]]:
    """Everything in a file, once; links are not followed."""
    waiting, seen = deque([("", held, 0)]), set[Any]()
    while waiting:
        above, group, depth = waiting.popleft()
        for key in group:
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise Malformed(f"{shown(f'{above}{key}')} is a link, which is not followed")
            one = group[key]
            if not isinstance(one, h5py.Group | h5py.Dataset):
                continue
            known = h5py.h5o.get_info(one.id)
            if (known.fileno, known.addr) in seen:
                raise Malformed(f"{shown(f'{above}{key}')} stands in it twice")
            seen.add((known.fileno, known.addr))
            if len(seen) > MOST or depth > DEEPEST:
                raise Malformed("it holds more than any model")
            yield f"{above}{key}", one
            if isinstance(one, h5py.Group):
                waiting.append((f"{above}{key}/", one, depth + 1))


def _tensor(h5py: Any, file: Path | BytesIO, name: str, one: Any, size: int) -> Tensor:
    if one.is_virtual or one.external:
        raise Malformed(f"{shown(name)} has its numbers in another file")
    if one.shape is None or one.nbytes > FULL * size:
        raise Malformed(
            f"{shown(name)} is said to have shape {one.shape}, which this file cannot hold"
        )
    dtype = one.attrs.get("dtype", str(one.dtype))
    dtype = dtype if isinstance(dtype, str) else str(one.dtype)
    dtype = {"<f4": "float32"}.get(dtype, dtype)
    if dtype == "bfloat16" and one.dtype.itemsize != 2:
        raise Malformed(f"{shown(name)} is said to hold bfloat16, and does not")

    def read() -> Array:
        with h5py.File(file, "r") as held:
            return values(held[name][...], dtype)

    return Tensor(name, tuple(one.shape), dtype, read)


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A member of an archive, by its name. Raises Malformed where it is none, or too long."""
    try:
        told = archive.getinfo(name)
    except KeyError:
        raise Malformed(f"it has no {name}") from None
    if told.file_size > most:
        raise Malformed(f"its {name} would unfold into {told.file_size} bytes")
    with archive.open(told) as member:
        return member.read(told.file_size)


def _configs(config: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The configuration of every layer, by the name that it has in Keras. A wrapper has that of
    what it wraps; one whose directions are not put side by side is told of.
    """
    waiting = [config]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            own = one.get("config")
            if isinstance(own, dict) and isinstance(own.get("name"), str):
                inner = own.get("layer") or own.get("cell")
                within = inner.get("config") if isinstance(inner, dict) else None
                yield own["name"], {**own, **(within if isinstance(within, dict) else {})}
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
