"""Keras's files of weights, in HDF5."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import FULL, Contents, Laid, Tensor, shown, stored, values
from rnnspec.reference.operations import Array

MOST, DEEPEST = 100_000, 64
"""Objects in a file, and how deep they may stand in one another."""


class Weights:
    """``save_weights``."""

    requires, extra = "h5py", "convert"

    def read(self, path: Path) -> Contents:
        """Nothing that is linked from another file is looked at."""
        return contents_of(path, path.stat().st_size)

    def write(self, path: Path, laid: Laid) -> None:
        """A model of these layers alone loads it."""
        path.write_bytes(written(laid))  # HDF5 has many words for a full disk


def written(laid: Laid) -> bytes:
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


def contents_of(file: Path | BytesIO, size: int) -> Contents:
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
