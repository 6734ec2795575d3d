"""Keras's archives: a model's configuration, and its weights in HDF5."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from rnnspec.adapters.keras_file import contents_of, written
from rnnspec.adapters.keras_layers import LAYERS
from rnnspec.reference.encoding import LARGEST_TEXT, Malformed, read_object, text_of
from rnnspec.reference.naming import FULL, Contents, Laid
from rnnspec.reference.network import Network

WITHIN = "model.weights.h5"
"""The weights in an archive."""


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
        contents = contents_of(weights, size)
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
            archive.writestr(WITHIN, written(laid))


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
