"""How cases are drawn, so that they find defects and shrink to something that a person can read.

Hypothesis chooses sizes, one switch for every block of numbers, a scale, a resolution and a seed,
each of which shrinks to the simplest; the numbers themselves come from the seed. So a failing
case shrinks to one unit, one step and the one or two numbers that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Literal, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Precision

RESOLUTIONS = (2, 8, 64, 4096)
"""Numbers are multiples of one of these parts of the scale."""
KERNEL_WIDTHS = (9, 17, 33, 130)
"""Sizes just past the widths at which kernels change their ways."""
LONG = (33, 65, 130, 200)
"""Numbers of steps past the usual ones."""
RARITY = 20
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
    """Whether one size in RARITY is one of KERNEL_WIDTHS, or LONG."""
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


class Numbers:
    """Numbers from a seed: a raw stream of integers, which no version of NumPy changes."""

    def __init__(self, seed: int, resolution: int, precision: Precision) -> None:
        self.stream = np.random.PCG64(seed)
        self.resolution = resolution
        self.precision = precision

    def array(self, shape: tuple[int, ...], scale: float) -> Array:
        """Numbers of either sign, none of them zero, up to ``scale``, exact in the precision."""
        raw = np.asarray(self.stream.random_raw(int(np.prod(shape)))).reshape(shape)
        parts = (raw % np.uint64(self.resolution)).astype(np.float64) + 1.0
        signs = np.where((raw >> np.uint64(32)) & np.uint64(1), 1.0, -1.0)
        return self.precision.round(signs * parts * (scale / self.resolution))


def _size(sizes: Sizes, name: str) -> st.SearchStrategy[int]:
    """One draw, so that a rare large size shrinks to any ordinary one."""
    least, most = getattr(sizes, name)
    ordinary = range(least, most + 1)
    if not sizes.large:
        return st.sampled_from(ordinary)
    rare = LONG if name == "steps" else KERNEL_WIDTHS
    often = max(1, RARITY * len(rare) // len(ordinary))
    return st.sampled_from([*(list(ordinary) * often), *rare])


@st.composite
def cases(draw: st.DrawFn, offers: Sequence[Offer], dtypes: Sequence[str], sizes: Sizes) -> Case:
    """Cases of the given offers."""
    offer = draw(st.sampled_from(offers))
    dtype = draw(st.sampled_from(dtypes))
    kept = _kept(offer, dtype)
    size = {
        name: _clipped(kept[name], *getattr(sizes, name))
        if name in kept
        else draw(_size(sizes, name))
        for name in ("steps", "rows", "inputs", "units")
    }
    least, most = sizes.layers
    most = min(most, offer.network.layers)
    layers = _clipped(kept["layers"], least, most) if kept else draw(st.integers(least, most))
    network = replace(offer.network, inputs=size["inputs"], units=size["units"], layers=layers)
    way = draw(st.sampled_from(offer.ways)) if offer.ways else ""
    lengths = draw(_lengths(offer, sizes, size["steps"], size["rows"], kept))
    resolution = draw(st.sampled_from(RESOLUTIONS))
    # Hypothesis offers integers from 100 on that stand in the user's sources: digits are below
    seed = sum(draw(st.integers(0, 99)) * 100**k for k in range(4))
    numbers = Numbers(seed, resolution, PRECISIONS[dtype])

    def array(shape: tuple[int, ...], scale: float) -> Array:
        drawn = numbers.array(shape, scale)
        zero = {0: 0.0, 12: -0.0}.get(draw(st.integers(0, 12)))
        return drawn if zero is None else np.full(shape, zero)

    scale = draw(st.sampled_from(sizes.weights))
    steady = max(1.0, sqrt(network.units / STEADY_UNITS))
    weights = {
        place: array(shape, scale / steady if place.part == "recurrent" else scale)
        for place, shape in network.places()
    }
    data = draw(st.sampled_from(sizes.data))
    inputs = array((size["steps"], size["rows"], network.inputs), data)
    shape = (layers * len(network.directions), size["rows"], network.units)
    states = {}
    for name in network.states:
        scales = sizes.cells if name == "cell" else (data,)
        # a missing state is drawn as well, and shrinks to a given one: rather that than more steps
        missing = not sizes.states and (kept["missing"] if kept else draw(st.booleans()))
        state = array(shape, draw(st.sampled_from(scales)))
        if not missing:
            states[name] = state
    case = Case(network, weights, inputs, states, lengths, dtype, way=way)
    aim = {name: draw(st.sampled_from(list(of(case)))) for name, of in sizes.aim.items()}
    return case.changed(aim=aim)


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


@st.composite
def _lengths(
    draw: st.DrawFn, offer: Offer, sizes: Sizes, steps: int, rows: int, kept: Mapping[str, int]
) -> npt.NDArray[np.int64] | None:
    """How many steps of each row are valid, from 1 to all; or None, the same as all."""
    if sizes.lengths == "never" or not offer.lengths:
        return None
    if sizes.lengths == "may" and not (kept["lengths"] if kept else draw(st.booleans())):
        return None
    one = st.sampled_from(range(steps, 0, -1))
    return np.array([draw(one) for _ in range(rows)], dtype=np.int64)
