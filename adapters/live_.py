"""Layers that a program holds: their weights, read into our places and written from there.

An adapter that can do so knows a layer by its class, and views it: what network it is, and what it
holds for each layer and direction. The rest is the same for all frameworks, and stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from rnnspec.reference.carrying import Held, Uncarried, cast, fitted
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS

SIZES = ("inputs", "units", "projection", "biases")
"""Of a network, what its arrays show; and what carrying weights may change."""


class View(NamedTuple):
    """A layer, as an adapter reads it."""

    network: Network
    dtype: str
    packed: Sequence[Packed]
    """What it holds, as float64, in the order of layers and then of directions."""
    write: Callable[[Sequence[Packed]], Any]
    """Puts such arrays in their places, of the layer's own dtypes and on its own devices; gives the
    layer back, or the new one where layers are not changed."""


@runtime_checkable
class Live(Protocol):
    """An adapter that reads and writes layers of its framework."""

    conventions: Mapping[str, Conventions]

    def holds(self, layer: Any) -> bool:
        """Whether it is one of these layers: told by its class, without importing a framework."""

    def viewed(self, layer: Any) -> View:
        """What is in it. Raises Uncarried where it is not what conventions can say."""


class Loaded(NamedTuple):
    """A layer that was written, and what was done to the weights."""

    layer: Any
    """The same one; a new one where the framework's layers are not changed (Equinox)."""
    done: list[str]
    """In sentences; nothing where they were written as they are."""


def kind(layer: Any, module: str, names: Collection[str]) -> str | None:
    """The one of these classes of a module, or of a package, that a layer is an instance of."""
    for each in type(layer).__mro__:
        if each.__name__ in names and f"{each.__module__}.".startswith(f"{module}."):
            return each.__name__
    return None


def called(function: Any) -> str:
    """The name that a framework has for a function: of an activation, say."""
    return str(getattr(function, "__name__", None) or type(function).__name__)


def usual(layer: str, what: str, name: str, wanted: Collection[str]) -> str:
    """An option's name, which must be one of those that the equations have. Raises Uncarried."""
    if name not in wanted:
        raise Uncarried(f"{layer} has the {what} {name!r}: only {' or '.join(wanted)} is carried")
    return name


def read(adapter: Live, layer: Any) -> Held:
    """The weights of a layer, by our places; nothing is merged. Raises Uncarried."""
    return _held(adapter, adapter.viewed(layer))


def writing(adapter: Live, layer: Any, held: Held) -> Callable[[], Loaded]:
    """What lets a layer compute the function of these weights, laid out by its own conventions,
    once it is called. Raises Uncarried where that cannot be.
    """
    view = adapter.viewed(layer)
    _held(adapter, view)  # that it is what it seems to be
    _check(held.network, view.network)
    how = replace(adapter.conventions[view.network.cell], biases=(view.network.biases,))
    found, rounded = cast(held, view.dtype)
    found, done = fitted(found, how, lambda network: None)
    rounded_as = PRECISIONS[view.dtype].round
    packed = []
    for index, direction in _parts(view.network):
        own: dict[str, Any] = vars(pack(view.network, found.weights, how, index, direction))
        own = {name: None if each is None else rounded_as(each) for name, each in own.items()}
        packed.append(Packed(**own))
    return lambda: Loaded(view.write(packed), rounded + done)


def _parts(network: Network) -> list[tuple[int, str]]:
    return [(k, direction) for k in range(network.layers) for direction in network.directions]


def _held(adapter: Live, view: View) -> Held:
    network, how = view.network, adapter.conventions[view.network.cell]
    if view.dtype not in PRECISIONS:
        raise Uncarried(
            f"the layer holds numbers of {view.dtype}: only {', '.join(PRECISIONS)} are carried"
        )
    weights: dict[Place, Array] = {}
    zeros = {at: np.zeros(shape) for at, shape in network.places()}
    for (index, direction), packed in zip(_parts(network), view.packed, strict=True):
        wanted = vars(pack(network, zeros, how, index, direction))
        for part, array in vars(packed).items():
            has, fits = (None if a is None else a.shape for a in (array, wanted[part]))
            if has != fits:
                raise Uncarried(
                    f"{index}.{direction}.{part} has shape {has} in the layer, and in "
                    f"{network} it would have {fits}"
                )
        weights |= unpack(network, packed, how, index, direction)
    return Held(network, weights, view.dtype)


def _check(given: Network, layer: Network) -> None:
    """That two networks are the same but for their biases: or what differs, in a sentence."""
    for field in fields(Network):
        one, other = getattr(given, field.name), getattr(layer, field.name)
        if one != other and field.name not in SIZES:
            raise Uncarried(
                f"the weights are those of {given}, and the layer is {layer}: they differ in "
                f"{field.name}, {one} and {other}"
            )
    shapes = dict(layer.places())
    for at, shape in given.places():
        if shapes.get(at, shape) != shape:
            raise Uncarried(f"{at} has shape {shape}, and in the layer {shapes[at]}")
    if given.projection != layer.projection:
        raise Uncarried(f"the weights are those of {given}, and the layer is {layer}")
