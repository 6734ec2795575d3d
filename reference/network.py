"""What a network is: its cell, its sizes and its options. And the places where weights stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import inf
from typing import Any, NamedTuple

BLOCKS: dict[str, tuple[str, ...]] = {
    "rnn": ("hidden",),
    "lstm": ("forget", "input", "candidate", "output"),
    "gru": ("reset", "update", "candidate"),
}
"""The blocks of parameters of each cell: its gates and its candidate."""

STATES: dict[str, tuple[str, ...]] = {
    "rnn": ("hidden",),
    "lstm": ("hidden", "cell"),
    "gru": ("hidden",),
}
"""The states that each cell carries from step to step."""

DIRECTIONS: dict[str, tuple[str, ...]] = {
    "forward": ("forward",),
    "backward": ("backward",),
    "both": ("forward", "backward"),
}

BIASES: dict[str, str] = {
    "none": "no bias",
    "input": "one bias vector, on the side of the input",
    "recurrent": "one bias vector, on the side of the past",
    "both": "two bias vectors",
    "candidate": "one bias vector on the side of the input, and one more for the candidate's past",
}

ACTIVATIONS = ("tanh", "relu")
RESETS = ("after", "before")

EXTRAS: dict[str, str] = {
    "projection": "projected hidden state",
    "peepholes": "peepholes",
    "coupled": "coupled gates",
    "clip": "clipped sums",
    "cell_clip": "clipped cell state",
}
"""What a network may have beyond the cards, each a field that is off by default, in words."""
LSTM_ONLY = ("projection", "peepholes", "coupled", "cell_clip")
FITS = {
    "projection": "use a whole number from 0 to the units",
    "peepholes": "use true or false",
    "coupled": "use true or false",
    "clip": "use a number from 0 on",
    "cell_clip": "use a number from 0 on",
}
PEEPHOLES = ("forget", "input", "output")
"""The blocks that may look at the cell state."""


class InvalidCase(ValueError):
    """A network, weights or a case that cannot be: the message says what, where, and what fits."""


def plural(count: int, noun: str) -> str:
    """``1 unit``, ``2 units``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Place(NamedTuple):
    """Where an array of weights stands: layer, direction, block, and part of the block."""

    layer: int
    direction: str
    block: str
    part: str
    """``input`` (units, inputs), ``recurrent`` (units, hidden), ``input_bias``, ``recurrent_bias``
    or ``peephole`` (units,); of the block ``hidden``, ``projection`` (hidden, units)."""

    def __str__(self) -> str:
        return ".".join(map(str, self))


@dataclass(frozen=True)
class Network:
    """A stack of recurrent layers.

    Raises InvalidCase where a field has a value that is not one of its own.
    """

    cell: str
    """``rnn`` (the simple unit), ``lstm`` or ``gru``."""
    inputs: int
    """I, the size of an input vector; at least 1."""
    units: int
    """H, the size of every gate and state; at least 1."""
    layers: int = 1
    """L, how many layers stand on top of one another."""
    direction: str = "forward"
    """``forward``, ``backward`` or ``both``."""
    biases: str = "both"
    """Which biases are present: a key of BIASES."""
    activation: str = "tanh"
    """Of the simple unit only: ``tanh`` or ``relu``."""
    reset: str = "after"
    """Of the GRU only: what the reset gate is applied to, ``after`` or ``before`` the product."""
    projection: int = 0
    """Of the LSTM only: P, the size of the hidden state where it is projected; 0 where not."""
    peepholes: bool = False
    """Of the LSTM only: whether its gates look at the cell state."""
    coupled: bool = False
    """Of the LSTM only: whether its forget gate is what its input gate leaves, and has no block."""
    clip: float = 0.0
    """What the sums before the activations are clipped to; 0 where they are not."""
    cell_clip: float = 0.0
    """Of the LSTM only: what the cell state is clipped to; 0 where it is not."""

    def __post_init__(self) -> None:
        for field, allowed in (
            ("cell", BLOCKS),
            ("direction", DIRECTIONS),
            ("biases", BIASES),
            ("activation", ACTIVATIONS),
            ("reset", RESETS),
        ):
            if getattr(self, field) not in allowed:
                names = ", ".join(allowed)
                raise InvalidCase(
                    f"case.network.{field} is {getattr(self, field)!r}: use one of {names}"
                )
        for field, largest in (("inputs", 1 << 20), ("units", 1 << 20), ("layers", 1 << 10)):
            size = getattr(self, field)
            if type(size) is not int or not 1 <= size <= largest:
                raise InvalidCase(
                    f"case.network.{field} is {size!r}: use a whole number from 1 to {largest}"
                )
        for field, fits in (
            ("projection", type(self.projection) is int and 0 <= self.projection <= self.units),
            ("peepholes", type(self.peepholes) is bool),
            ("coupled", type(self.coupled) is bool),
            ("clip", isinstance(self.clip, int | float) and 0 <= self.clip < inf),
            ("cell_clip", isinstance(self.cell_clip, int | float) and 0 <= self.cell_clip < inf),
        ):
            if not fits:
                raise InvalidCase(
                    f"case.network.{field} is {getattr(self, field)!r}: {FITS[field]}"
                )
        for field in self.extras:
            if field in LSTM_ONLY and self.cell != "lstm":
                raise InvalidCase(f"case.network.{field}: a {self.cell.upper()} has none")

    @property
    def extras(self) -> tuple[str, ...]:
        """What it has beyond the cards: keys of EXTRAS."""
        return tuple(name for name in EXTRAS if getattr(self, name))

    @property
    def hidden(self) -> int:
        """The size of the hidden state: P where it is projected, H elsewhere."""
        return self.projection or self.units

    @property
    def blocks(self) -> tuple[str, ...]:
        """The names of the blocks of parameters, in the order of the equations."""
        return tuple(b for b in BLOCKS[self.cell] if b != "forget" or not self.coupled)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states, hidden state first."""
        return STATES[self.cell]

    @property
    def directions(self) -> tuple[str, ...]:
        """The directions of every layer: one, or forward then backward."""
        return DIRECTIONS[self.direction]

    def width(self, layer: int) -> int:
        """The size of what a layer reads: the input's, or that of the layer below, joined."""
        return self.inputs if layer == 0 else self.hidden * len(self.directions)

    def size(self, state: str) -> int:
        """The size of a state, by name."""
        return self.hidden if state == "hidden" else self.units

    def biased(self, block: str, side: str) -> bool:
        """Whether a block has a bias on a side, ``input`` or ``recurrent``."""
        if side == "input":
            return self.biases in ("input", "both", "candidate")
        return self.biases in ("recurrent", "both") or (
            self.biases == "candidate" and block == "candidate"
        )

    def places(self) -> Iterator[tuple[Place, tuple[int, ...]]]:
        """Every place that must hold weights, with the shape of the array there."""
        for layer in range(self.layers):
            for direction in self.directions:
                for block in self.blocks:
                    at = (layer, direction, block)
                    yield Place(*at, "input"), (self.units, self.width(layer))
                    yield Place(*at, "recurrent"), (self.units, self.hidden)
                    for side in ("input", "recurrent"):
                        if self.biased(block, side):
                            yield Place(*at, f"{side}_bias"), (self.units,)
                    if self.peepholes and block in PEEPHOLES:
                        yield Place(*at, "peephole"), (self.units,)
                if self.projection:
                    at = (layer, direction, "hidden")
                    yield Place(*at, "projection"), (self.projection, self.units)

    def __str__(self) -> str:
        """The network in a few words, with the options that its cell has."""
        option = {"rnn": self.activation, "gru": f"reset {self.reset}"}.get(self.cell)
        words = [self.cell.upper(), plural(self.inputs, "input"), plural(self.units, "unit")]
        words += [option] if option else []
        words += [plural(self.layers, "layer")] if self.layers > 1 else []
        words += ["both directions" if self.direction == "both" else self.direction]
        for name in self.extras:
            value = getattr(self, name)
            words.append(EXTRAS[name] + (f" ({value:g})" if value is not True else ""))
        return ", ".join([*words, BIASES[self.biases]])

    def as_dict(self) -> dict[str, Any]:
        """The fields, as plain data; of what is beyond the cards, those that are used."""
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in EXTRAS or name in self.extras
        }
