"""How cases are drawn, so that they find defects and shrink to something that a person can read.

Hypothesis chooses sizes, one switch for every block of numbers, a scale, a resolution and a seed,
each of which shrinks to the simplest; the numbers themselves come from the seed. So a failing
case shrinks to one unit, one step and the one or two numbers that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations, groupby
from math import sqrt
from typing import Any, Literal, NamedTuple, TypeVar
from zlib import crc32

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from rnnspec.reference.case import Case, Weights
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.numbers import Numbers

Chosen = TypeVar("Chosen")

RESOLUTIONS = (2, 8, 64, 4096)
"""Numbers are multiples of one of these parts of the scale."""
KERNEL_WIDTHS = (9, 17, 33, 130)
"""Sizes just past the widths at which kernels change their ways."""
LONG = (33, 65, 130, 200)
"""Numbers of steps past the usual ones."""
STEADY_UNITS = 4
"""Above so many units, weights are scaled down by the square root of how many there are."""


class Offer(NamedTuple):
    """What can be drawn of one implementation: a network's options, and what goes with them."""

    network: Network
    """One input and unit, and as many layers as one call may have."""
    lengths: bool
    """Whether rows may have lengths."""
    ways: tuple[str, ...]
    """The implementation's other ways that are asked for."""
    palette: tuple[Mapping[str, int], ...] = ()
    """The sizes to keep to, if any."""


@dataclass(frozen=True)
class Sizes:
    """What a claim's cases look like. Pairs are inclusive ranges."""

    steps: tuple[int, int] = (1, 6)
    rows: tuple[int, int] = (1, 4)
    inputs: tuple[int, int] = (1, 4)
    units: tuple[int, int] = (1, 6)
    layers: tuple[int, int] = (1, 1)
    lengths: Literal["never", "may", "must"] = "never"
    """Whether rows have lengths."""
    ways: str = ""
    """Of which kind a way other than the ordinary one is taken, ``path`` or ``layout``, if any."""
    large: bool = False
    """Whether some cases have one size among KERNEL_WIDTHS, or LONG."""
    weights: tuple[float, ...] = (1.0, 2.0, 0.25)
    """Scales of the weights and biases."""
    data: tuple[float, ...] = (1.0,)
    """Scales of the inputs and of the initial hidden state."""
    cells: tuple[float, ...] = (1.0, 8.0, 1 / 64)
    """Scales of the initial cell state."""
    states: bool = False
    """Whether initial states are always given."""
    aim: Mapping[str, Callable[[Case], Sequence[str]]] = field(default_factory=dict)
    """What the intervention is aimed at: names, and the choices that a case has."""


WIDE = Sizes(
    steps=(1, 12),
    rows=(1, 5),
    inputs=(1, 8),
    units=(1, 20),
    large=True,
    weights=(1.0, 2.0, 8.0, 0.25, 2.0**-12),
    data=(1.0, 4.0),
)
"""What the equations themselves are held on: one layer of any size."""


APART = 1000
"""More than any draw has choices."""
SEED_DIGITS, DIGIT = 4, 100
"""Hypothesis offers integers from 100 on that stand in the user's sources: digits are below."""


@cache
def _index(place: int, choices: int) -> st.SearchStrategy[int]:
    """One of so many indices. Made once: to make a strategy takes longer than to draw from it.

    Every place has a strategy of its own, or Hypothesis would take most of its examples from others
    by repeating at one place what it drew at another: five of six would have the same sizes.
    """
    return st.sampled_from(range(place * APART, place * APART + choices))


class Draws:
    """The draws of one case."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.place = draw, 0

    def index(self, choices: int) -> int:
        """A number from 0 on, below how many choices there are."""
        self.place += 1
        return self.draw(_index(self.place, choices)) % APART if choices > 1 else 0

    def one(self, choices: Sequence[Chosen]) -> Chosen:
        """One of several; the first is the simplest."""
        return choices[self.index(len(choices))]

    def seed(self) -> int:
        """What numbers come from."""
        return sum(self.index(DIGIT) * DIGIT**k for k in range(SEED_DIGITS))


OFTEN = {0: 2, 1: 1, 2: 1, 3: 9, 4: 52}
"""How many of a hundred digits leave each choice of so many parts of a block on."""
ON = [
    frozenset(parts)
    for number, often in OFTEN.items()
    for parts in combinations(range(4), number)
    for _ in range(often)
]
"""By digit: which of four arrays hold numbers, and not zeros. The fewest are the simplest."""
PAST_USUAL = (*[""] * 4, "steps", "rows", "inputs", "units")
"""What a case has more of than is usual, if anything."""


def _sizes(sizes: Sizes, name: str, past_usual: str) -> Sequence[int]:
    """The choices of a size, in one draw: so one past the usual shrinks to any of those."""
    usual = range(getattr(sizes, name)[0], getattr(sizes, name)[1] + 1)
    if name != past_usual:
        return usual
    large = [size for size in (LONG if name == "steps" else KERNEL_WIDTHS) if size not in usual]
    return [*usual, *large * max(1, len(usual) // len(large))]


@st.composite
def cases(draw: st.DrawFn, offers: Sequence[Offer], dtypes: Sequence[str], sizes: Sizes) -> Case:
    """Cases of the given offers."""
    draws = Draws(draw)
    one = draws.one
    offer, dtype = one(offers), one(dtypes)
    kept = _kept(offer, dtype)
    past_usual = one(PAST_USUAL) if sizes.large else ""
    size = {
        name: _clipped(kept[name], *getattr(sizes, name))
        if name in kept
        else one(_sizes(sizes, name, past_usual))
        for name in ("steps", "rows", "inputs", "units")
    }
    lowest, highest = sizes.layers[0], min(sizes.layers[1], offer.network.layers)
    layers = _clipped(kept["layers"], lowest, highest) if kept else one(range(lowest, highest + 1))
    network = replace(
        offer.network,
        inputs=size["inputs"],
        units=size["units"],
        layers=layers,
        **_beyond(draws, offer.network, size["units"]),
    )
    way = one(offer.ways) if offer.ways else ""
    lengths = _lengths(draws, offer, sizes, size["steps"], size["rows"], kept)
    resolution = one(RESOLUTIONS)
    seed = draws.seed()
    scale, data = one(sizes.weights), one(sizes.data)
    recurrent = scale / max(1.0, sqrt(network.units / STEADY_UNITS))
    shape = (layers * len(network.directions), size["rows"])
    places = dict(network.places())
    wanted = [
        *((s, recurrent if at.part == "recurrent" else scale) for at, s in places.items()),
        ((size["steps"], size["rows"], network.inputs), data),
        *(
            ((*shape, network.size(name)), one(sizes.cells) if name == "cell" else data)
            for name in network.states
        ),
    ]
    arrays = Numbers(seed, resolution, PRECISIONS[dtype]).arrays(wanted)
    zero = -0.0 if seed % 2 else 0.0
    weights = dict(zip(places, arrays, strict=False))
    inputs, *given = arrays[len(places) :]
    _switch([inputs, *given], draws, zero)
    for _, block in groupby(weights, key=lambda at: (at[:3], at.part == "peephole")):
        _switch([weights[at] for at in block], draws, zero)
    # a missing state is drawn as well, and shrinks to a given one: rather that than more steps
    states = {
        name: state
        for name, state in zip(network.states, given, strict=True)
        if sizes.states or not (kept["missing"] if kept else draws.index(2))
    }
    case = Case(network, weights, inputs, states, lengths, dtype, way=way)
    aim = {name: one(of(case)) for name, of in sizes.aim.items()}
    return case.changed(aim=aim)


@st.composite
def calls(
    draw: st.DrawFn,
    network: Network,
    weights: Weights,
    dtype: str,
    lengths: bool,
    palette: Sequence[Mapping[str, int]] = (),
) -> Case:
    """Calls of a network that has its weights: steps and rows, inputs, initial states, lengths."""
    draws = Draws(draw)
    kept = draws.one(palette) if palette else {}
    steps, rows = (
        kept.get(name) or draws.one(range(1, most + 1))
        for name, most in (("steps", 8), ("rows", 3))
    )
    ends = [steps - draws.index(steps) for _ in range(rows if lengths and draws.index(2) else 0)]
    resolution, seed = draws.one(RESOLUTIONS), draws.seed()
    data, cells = draws.one(WIDE.data), draws.one(WIDE.cells)
    states = {
        name: (network.layers * len(network.directions), rows, network.size(name))
        for name in network.states
        if not draws.index(2)
    }
    wanted = [((steps, rows, network.inputs), data)]
    wanted += [(shape, cells if name == "cell" else data) for name, shape in states.items()]
    inputs, *given = Numbers(seed, resolution, PRECISIONS[dtype]).arrays(wanted)
    _switch([inputs, *given], draws, 0.0)
    return Case(
        network,
        weights,
        inputs,
        dict(zip(states, given, strict=True)),
        np.array(ends, dtype=np.int64) if ends else None,
        dtype,
    )


CLIPS = (1.0, 0.25, 4.0)
"""What sums and cell states are clipped to."""


def _beyond(draws: Draws, network: Network, units: int) -> dict[str, Any]:
    """The sizes of what a network has beyond the cards."""
    drawn: dict[str, Any] = {}
    if network.projection:
        drawn["projection"] = draws.one(range(1, max(units, 2)))
    for name in ("clip", "cell_clip"):
        if getattr(network, name):
            drawn[name] = draws.one(CLIPS)
    return drawn


def _switch(arrays: Sequence[Array], draws: Draws, zero: float) -> None:
    """Leave some of up to four arrays on, and the others zero."""
    on = ON[draws.index(DIGIT)]
    for k, array in enumerate(arrays):
        if k not in on:
            array.fill(zero)


def _kept(offer: Offer, dtype: str) -> Mapping[str, int]:
    """What goes with the kind of network and the dtype where something is built for every new kind
    of call: the sizes, the layers, whether there are lengths and whether states are missing.
    """
    if not offer.palette:
        return {}
    variant = crc32(f"{offer.network} {dtype}".encode())
    return {
        "layers": 1 + variant % 3,
        "lengths": variant // 3 % 2,
        "missing": variant // 6 % 2,
        **offer.palette[variant % len(offer.palette)],
    }


def _clipped(size: int, least: int, most: int) -> int:
    return min(max(size, least), most)


def _lengths(
    draws: Draws, offer: Offer, sizes: Sizes, steps: int, rows: int, kept: Mapping[str, int]
) -> npt.NDArray[np.int64] | None:
    """How many steps of each row are valid, from 1 to all; or None, the same as all."""
    if sizes.lengths == "never" or not offer.lengths:
        return None
    if sizes.lengths == "may" and not (kept["lengths"] if kept else draws.index(2)):
        return None
    return np.array([steps - draws.index(steps) for _ in range(rows)], dtype=np.int64)
