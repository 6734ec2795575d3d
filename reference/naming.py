"""What files hold of recurrent layers, and how a framework names it in them.

A ``Naming`` is of one framework: it finds recurrent layers among the tensors of a file by their
names and shapes, and names the parts of one. It imports no framework; a ``Format`` may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Weights
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS

CELLS = {1: "rnn", 3: "gru", 4: "lstm"}
"""Which cell it is, by how many blocks stand in a packed array."""
FULL = 100
"""A file may unfold into so many times its own bytes: weights hardly shrink, and what unfolds into
more was made to."""


class Untold(ValueError):
    """What a file does not say of a layer, and how to say it: one sentence."""


class Tensor(NamedTuple):
    """An array in a file."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Array]
    """Its values, as float64."""

    def __str__(self) -> str:
        return f"{shown(self.name)} has shape {shown(str(self.shape))}"

    def row(self, index: int | slice) -> Tensor:
        """A row of it, or several."""
        rows = range(self.shape[0])[index]
        shape = self.shape[1:] if isinstance(rows, int) else (len(rows), *self.shape[1:])
        return Tensor(f"{self.name}[{index}]", shape, self.dtype, lambda: self.read()[index])


class Contents(NamedTuple):
    """What a file holds."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    """What the file says beside, in the framework's own words, by the prefix of a layer."""


class Said(NamedTuple):
    """What somebody says of a layer, as far as its file does not."""

    activation: str | None = None
    reset: str | None = None
    direction: str = "forward"
    """Of a layer with one direction, where its names are the same for both."""


@dataclass(frozen=True)
class Laid:
    """A layer that is to be laid out by conventions."""

    network: Network
    weights: Weights
    dtype: str
    conventions: Conventions

    def packed(self, layer: int, direction: str) -> Packed:
        """One direction of one layer."""
        return pack(self.network, self.weights, self.conventions, layer, direction)

    def tensor(self, name: str, array: Array) -> Tensor:
        """A part of it under a name."""
        return Tensor(name, array.shape, self.dtype, lambda: array)


@dataclass(frozen=True)
class Site:
    """A recurrent layer where it was found. Raises Malformed where its parts do not fit."""

    network: Network
    conventions: Conventions
    parts: Mapping[tuple[int, str], Mapping[str, Tensor]]
    """By layer and direction, and by the fields of Packed."""

    def __post_init__(self) -> None:
        for at, parts in self.parts.items():
            wanted = shapes(self.network, self.conventions, at[0])
            for field, tensor in parts.items():
                if field not in wanted:
                    raise Malformed(f"{shown(tensor.name)} has no place in {self.network}")
                if tensor.shape != wanted[field]:
                    raise Malformed(
                        f"{tensor}: it must be "
                        f"{wanted[field]}, as the {field.replace('_', ' ')} weights of "
                        f"{self.network}"
                    )
            for field in wanted.keys() - parts.keys():
                raise Malformed(f"it has no {field.replace('_', ' ')} weights of {self.network}")
        tensors = [tensor for parts in self.parts.values() for tensor in parts.values()]
        for tensor in tensors:
            if tensor.dtype not in PRECISIONS:
                raise Malformed(
                    f"{shown(tensor.name)} holds {shown(tensor.dtype)}: what can be carried is "
                    f"{', '.join(PRECISIONS)}"
                )
            if tensor.dtype != tensors[0].dtype:
                raise Malformed(
                    f"{shown(tensor.name)} holds {tensor.dtype}, and {shown(tensors[0].name)} "
                    f"{tensors[0].dtype}: a layer has one dtype"
                )

    @property
    def dtype(self) -> str:
        """That of all its parts."""
        return next(iter(next(iter(self.parts.values())).values())).dtype

    def weights(self) -> dict[Place, Array]:
        """Its weights, by place."""
        found: dict[Place, Array] = {}
        for at, parts in self.parts.items():
            held = {field: tensor.read() for field, tensor in parts.items()}
            biases = held.get("input_bias"), held.get("recurrent_bias")
            more = held.get("projection"), held.get("peepholes")
            packed = Packed(held["input"], held["recurrent"], *biases, *more)
            found |= unpack(self.network, packed, self.conventions, *at)
        return found


class Format(Protocol):
    """A framework's own form of file."""

    requires: str
    """The module that reads and writes it."""
    extra: str

    def read(self, path: Path) -> Contents:
        """What a file holds. Raises OSError, Malformed."""

    def write(self, path: Path, laid: Laid) -> None:
        """A file of one layer alone. Raises OSError, Untold."""


class Naming(Protocol):
    """How a framework names the parts of recurrent layers."""

    formats: Mapping[str, Format]
    """Its own forms of file, by suffix."""
    plain: bool
    """Whether it names tensors in files of tensors alone."""

    def layers(self, contents: Contents) -> Mapping[str, Sequence[str]]:
        """The recurrent layers by prefix, each with the names of its tensors."""

    def site(
        self, contents: Contents, prefix: str, said: Said, conventions: Mapping[str, Conventions]
    ) -> Site:
        """One of them. Raises Malformed, Untold."""

    def tensors(self, laid: Laid) -> list[Tensor]:
        """The parts of a layer under their names."""


def shapes(network: Network, conventions: Conventions, layer: int) -> dict[str, tuple[int, ...]]:
    """The shape of every field of Packed that a layer has."""
    units, blocks = network.units, len(network.blocks)
    found: dict[str, tuple[int, ...]] = {
        "input": (blocks * units, network.width(layer)),
        "recurrent": (blocks * units, network.hidden),
    }
    if network.projection:
        found["projection"] = (network.projection, units)
    if conventions.orientation == "in,out":
        found = {field: shape[::-1] for field, shape in found.items()}
    for side in ("input", "recurrent"):
        biased = sum(network.biased(block, side) for block in network.blocks)
        if biased:
            found[f"{side}_bias"] = (biased * units,)
    if network.peepholes:
        peeping = sum(block in network.blocks for block in conventions.peepholes)
        found["peepholes"] = (peeping * units,)
    return found


def cell_of(tensor: Tensor, blocks: int, units: int) -> str:
    """The cell that has so many rows (or columns) in all. Raises Malformed."""
    count, rest = divmod(blocks, units) if units else (0, 1)
    if rest or count not in CELLS:
        raise Malformed(f"{tensor}: no simple unit, LSTM or GRU has that many gates")
    return CELLS[count]


def joined(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors side by side. Raises Malformed where they do not fit."""
    first = tensors[0]
    for tensor in tensors:
        if tensor.shape != first.shape or tensor.dtype != first.dtype:
            raise Malformed(
                f"{tensor} and dtype {shown(tensor.dtype)}, "
                f"and {shown(first.name)} {first.shape} and {shown(first.dtype)}"
            )
    shape = list(first.shape)
    shape[axis] *= len(tensors)
    return Tensor(
        first.name,
        tuple(shape),
        first.dtype,
        lambda: np.concatenate([tensor.read() for tensor in tensors], axis),
    )


def told(what: str, option: str, value: str | None, words: Sequence[str]) -> str:
    """What was said where the file is silent. Raises Untold where it was not."""
    if value is None:
        choice = " or ".join(words)
        raise Untold(f"the file does not say {what}: say --{option} {choice}")
    return value


def shown(name: str) -> str:
    """A name from a file, as far as it can be shown: absurd ones are cut and escaped."""
    plain = name if name.isprintable() else ascii(name)[1:-1]
    return plain if len(plain) <= 80 else f"{plain[:77]}..."


def values(bits: npt.NDArray[Any], dtype: str) -> Array:
    """Numbers as they are stored, bfloat16 as its 16 bits, as float64."""
    if dtype == "bfloat16":
        wide = np.frombuffer(bits.tobytes(), "<u2").astype("<u4") << 16
        return wide.view("<f4").astype(np.float64).reshape(bits.shape)
    return bits.astype(np.float64)


def stored(array: Array, dtype: str) -> npt.NDArray[Any]:
    """The inverse, little-endian: the array's numbers must be those of the dtype."""
    if dtype == "bfloat16":
        return (np.ascontiguousarray(array, "<f4").view("<u4") >> 16).astype("<u2")
    return np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<"))
