"""Weights of the layers that a program holds: read, and written, in every framework alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from rnnspec import catalogue
from rnnspec.adapters import live_
from rnnspec.adapters.live_ import Live, Loaded
from rnnspec.reference.carrying import Held, Uncarried, split, stacked


def weights_of(layer: Any) -> Held:
    """The weights of a recurrent layer, by our places; nothing in them is merged.

    Of a list of layers, each of which reads what the one before it puts out, those of the stack.
    Raises Uncarried where they are not what the equations have, TypeError for what is no layer.
    """
    if isinstance(layer, list | tuple) and layer:
        return stacked([weights_of(each) for each in layer])
    return live_.read(adapter_of(layer), layer)


def load_into(layer: Any, held: Held) -> Loaded:
    """Let a recurrent layer compute the function of these weights: they are laid out as it does,
    in its own dtype and on its own device. Gives the layer back, and what was done to the weights.

    A list of layers is a stack, and is given back as a list. Raises Uncarried where the function is
    none of the layer's, and changes nothing then; TypeError for what is no layer.
    """
    if not isinstance(layer, list | tuple) or not layer:
        return live_.writing(adapter_of(layer), layer, held)()
    adapters = [adapter_of(each) for each in layer]
    depths = [a.viewed(each).network.layers for a, each in zip(adapters, layer, strict=True)]
    if sum(depths) != held.network.layers:
        raise Uncarried(
            f"the weights are those of {held.network}, and the layers are {sum(depths)}, not "
            f"{held.network.layers}"
        )
    parts, writings = iter(split(held)), []
    for number, (adapter, each, depth) in enumerate(zip(adapters, layer, depths, strict=True)):
        part = stacked([next(parts) for _ in range(depth)])
        try:
            writings.append(live_.writing(adapter, each, part))
        except Uncarried as error:
            raise Uncarried(f"layer {number} of the list: {error}") from None
    found = [written() for written in writings]  # where all of them can be
    done = [f"layer {k}: {said}" for k, loaded in enumerate(found) for said in loaded.done]
    return Loaded([loaded.layer for loaded in found], done)


def adapter_of(layer: Any) -> Live:
    """The adapter that reads and writes a layer. Raises TypeError where there is none."""
    known: dict[Any, str] = {}
    for name, adapter in _live():
        if adapter.holds(layer):
            return adapter
        known.setdefault(type(adapter).holds, name)  # not each of those that know the same layers
    of = f"{type(layer).__module__}.{type(layer).__qualname__}"
    raise TypeError(
        f"weights cannot be read from or written to a {of}: use a recurrent layer or cell of "
        f"{', '.join(known.values())}, or a list of these"
    )


@cache
def _live() -> Sequence[tuple[str, Live]]:
    """The adapters that can: their frameworks are not imported, and what is broken is left out."""
    found: list[tuple[str, Live]] = []
    for name in catalogue.names():
        try:
            adapter = catalogue.found(name)
            made = adapter() if callable(adapter) else adapter
        except Exception:
            continue
        if isinstance(made, Live):
            found.append((name, made))
    return found
