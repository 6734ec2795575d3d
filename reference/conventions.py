"""What implementations differ in without being wrong, as data; and the packing that it drives.

An adapter declares its conventions and writes no packing of its own. So what is declared is what
is tested: a declaration that is not true makes the layer compute something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from rnnspec.reference.case import Weights
from rnnspec.reference.network import (
    ACTIVATIONS,
    BIASES,
    DIRECTIONS,
    EXTRAS,
    PEEPHOLES,
    RESETS,
    Network,
    Place,
)
from rnnspec.reference.operations import Array

ON: dict[str, Any] = {
    "projection": 1,
    "peepholes": True,
    "coupled": True,
    "clip": 1.0,
    "cell_clip": 1.0,
}
"""What is on in a network of one unit."""
PAST_END = ("zero", "held", "unspecified")
"""What the outputs may hold past the end of a row."""


@dataclass(frozen=True)
class Conventions:
    """How one implementation does one cell.

    Raises ValueError where a field has a word that is none of its own.
    """

    blocks: tuple[str, ...]
    """The order in which the blocks stand in the packed arrays."""
    orientation: str = "out,in"
    """Of the packed matrices: ``out,in`` has units as rows, ``in,out`` as columns."""
    biases: tuple[str, ...] = ("none", "both")
    """The ways of having biases that it offers: keys of network.BIASES."""
    activations: tuple[str, ...] = ("tanh",)
    """The activations that it offers, for the simple unit."""
    resets: tuple[str, ...] = ("after",)
    """The reset forms that it offers, for the GRU."""
    update: str = "keeps"
    """What an open update gate does with the past: ``keeps`` it, or ``takes`` the candidate."""
    forget_offset: float = 0.0
    """A constant that the implementation itself adds before the forget gate's sigmoid."""
    directions: tuple[str, ...] = ("forward",)
    """The directions that it offers: keys of network.DIRECTIONS."""
    layers: int = 1
    """How many layers one call may have."""
    states: tuple[str, ...] = ("hidden", "cell")
    """The order in which states are given and returned, where there is more than one."""
    past_end: Mapping[str, str] = field(default_factory=dict)
    """The directions in which rows may have lengths, and what the outputs hold past the end of a
    row: ``zero``, ``held`` (the last valid output once more) or ``unspecified``."""
    extras: tuple[str, ...] = ()
    """What it offers beyond the cards: keys of network.EXTRAS."""
    peepholes: tuple[str, ...] = PEEPHOLES
    """The order in which the peepholes stand, where it has them packed."""

    def __post_init__(self) -> None:
        for name, words, known in (
            ("orientation", (self.orientation,), ("out,in", "in,out")),
            ("update", (self.update,), ("keeps", "takes")),
            ("biases", self.biases, tuple(BIASES)),
            ("activations", self.activations, ACTIVATIONS),
            ("resets", self.resets, RESETS),
            ("directions", self.directions, tuple(DIRECTIONS)),
            ("states", self.states, ("hidden", "cell")),
            ("past_end", tuple(self.past_end), tuple(DIRECTIONS)),
            ("past_end", tuple(self.past_end.values()), PAST_END),
            ("extras", self.extras, tuple(EXTRAS)),
            ("peepholes", self.peepholes, PEEPHOLES),
        ):
            for word in words:
                if word not in known:
                    names = ", ".join(map(repr, known))
                    raise ValueError(f"conventions.{name} has {word!r}: use one of {names}")

    @property
    def of_gradients(self) -> Conventions:
        """The same for gradients: a constant that is added to a weight has no part in one."""
        return replace(self, forget_offset=0.0)

    def offset_at(self, place: Place, network: Network) -> float:
        """What the implementation itself adds to the weights at a place."""
        side = "input_bias" if network.biased("forget", "input") else "recurrent_bias"
        return self.forget_offset if (place.block, place.part) == ("forget", side) else 0.0

    def refuses(self, network: Network) -> str | None:
        """Why a network is not offered, or None where it is."""
        for what, wanted, offered in (
            ("biases", network.biases, self.biases),
            ("activation", network.activation, self.activations),
            ("reset", network.reset, self.resets),
            ("direction", network.direction, self.directions),
        ):
            if wanted not in offered:
                return f"it offers no {what} {wanted!r}, only {', '.join(offered)}"
        for extra in network.extras:
            if extra not in self.extras:
                return f"it offers no {EXTRAS[extra]}"
        biased = network.biased("forget", "input") or network.biased("forget", "recurrent")
        if self.forget_offset and not biased:
            return (
                f"it adds {self.forget_offset} to the forget gate, and there is no bias to take "
                "that out of"
            )
        if network.layers > self.layers:
            return f"it offers no {network.layers} layers, at most {self.layers}"
        return None

    def networks(self, cell: str, extra: str = "") -> list[Network]:
        """One network of one input and unit for every combination of options offered, with as many
        layers as one call may have. With something beyond the cards: beside each other such thing,
        and as often alone.
        """
        beyond: list[dict[str, Any]] = [{}] if not extra else []
        if extra in self.extras:
            others = [name for name in self.extras if name != extra]
            beyond = [{extra: ON[extra]}] * max(1, len(others))
            beyond += [{extra: ON[extra], other: ON[other]} for other in others]
        options = product(
            *(
                sorted(offered, key=order.index)
                for offered, order in (
                    (self.directions, tuple(DIRECTIONS)),
                    (self.biases, tuple(BIASES)),
                )
            ),
            self.activations,
            self.resets,
        )
        names = ("direction", "biases", "activation", "reset")
        networks: list[dict[str, Any]] = [dict(zip(names, each, strict=True)) for each in options]
        return [
            Network(cell, 1, 1, self.layers, **one, **more) for one in networks for more in beyond
        ]


@dataclass(frozen=True)
class Packed:
    """The weights of one direction of one layer, as an implementation holds them."""

    input: Array
    """``(blocks * units, inputs)``, or transposed."""
    recurrent: Array
    """``(blocks * units, units)``, or transposed."""
    input_bias: Array | None
    """``(k * units,)``, k the number of blocks that have such a bias; None where none has."""
    recurrent_bias: Array | None
    projection: Array | None = None
    """``(hidden, units)``, or transposed; None where there is none."""
    peepholes: Array | None = None
    """``(3 * units,)``; None where there are none."""


def pack(
    network: Network,
    weights: Weights,
    conventions: Conventions,
    layer: int = 0,
    direction: str = "forward",
) -> Packed:
    """Lay out one direction of one layer as the conventions say."""
    held = _offset(network, weights, conventions, -1.0)

    def part(name: str) -> list[Array]:
        at = [Place(layer, direction, block, name) for block in conventions.blocks]
        return [_sign(place, conventions) * held[place] for place in at if place in held]

    def matrix(name: str) -> Array:
        rows = np.concatenate(part(name))
        return rows if conventions.orientation == "out,in" else rows.T

    def vector(name: str) -> Array | None:
        return np.concatenate(part(name)) if part(name) else None

    projection = held.get(Place(layer, direction, "hidden", "projection"))
    if projection is not None and conventions.orientation == "in,out":
        projection = projection.T
    peeping = [Place(layer, direction, block, "peephole") for block in conventions.peepholes]
    peepholes = [held[at] for at in peeping if at in held]
    return Packed(
        matrix("input"),
        matrix("recurrent"),
        vector("input_bias"),
        vector("recurrent_bias"),
        projection,
        np.concatenate(peepholes) if peepholes else None,
    )


def unpack(
    network: Network,
    packed: Packed,
    conventions: Conventions,
    layer: int = 0,
    direction: str = "forward",
) -> dict[Place, Array]:
    """The inverse of ``pack``: the weights by place."""
    weights: dict[Place, Array] = {}
    blocks = [block for block in conventions.blocks if block in network.blocks]

    def place(name: str, rows: Array | None, blocks: Sequence[str]) -> None:
        if rows is None:
            return
        for block, array in zip(blocks, np.split(rows, len(blocks)), strict=True):
            at = Place(layer, direction, block, name)
            weights[at] = _sign(at, conventions) * array

    for name, array in (("input", packed.input), ("recurrent", packed.recurrent)):
        rows = array if conventions.orientation == "out,in" else array.T
        place(name, rows, blocks)
        biased = [block for block in blocks if network.biased(block, name)]
        place(f"{name}_bias", getattr(packed, f"{name}_bias"), biased)
    place("peephole", packed.peepholes, [b for b in conventions.peepholes if b in network.blocks])
    if packed.projection is not None:
        at = Place(layer, direction, "hidden", "projection")
        whole = conventions.orientation == "out,in"
        weights[at] = packed.projection if whole else packed.projection.T
    return _offset(network, weights, conventions, 1.0)


def _sign(place: Place, conventions: Conventions) -> float:
    """An update gate that takes what ours keeps is ours of the opposite argument."""
    return -1.0 if place.block == "update" and conventions.update == "takes" else 1.0


def _offset(
    network: Network, weights: Weights, conventions: Conventions, sign: float
) -> dict[Place, Array]:
    """Weights with the built-in offset of the forget gate moved out of (or into) its bias."""
    if conventions.forget_offset == 0.0:
        return dict(weights)
    constants = {at: conventions.offset_at(at, network) for at in weights}
    return {at: w + sign * constants[at] if constants[at] else w for at, w in weights.items()}
