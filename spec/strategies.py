"""How cases are drawn, so that they find defects and shrink to something that a person can read.

Hypothesis chooses sizes, one switch for every block of numbers, a scale, a resolution and a seed,
each of which shrinks to the simplest; the numbers themselves come from the seed. So a failing
case shrinks to one unit, one step and the one or two numbers that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from math import sqrt
from typing import Any, Literal, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.numbers import Numbers

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


@cache
def _among(choices: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Made once: to make a strategy anew for every draw takes longer than the draw."""
    return st.sampled_from(choices)


EITHER = st.booleans()
BYTES = st.binary(min_size=16, max_size=16)
"""Sixteen small choices in one draw, which takes as long as one choice does. Of always the same
size: so what is drawn after it keeps its place while a case is made smaller."""
PARTS = ("input", "recurrent", "input_bias", "recurrent_bias")
PAST_USUAL = (*[""] * 4, "steps", "rows", "inputs", "units")
"""What a case has more of than is usual, if anything."""


def _switched(array: Array, switch: int) -> Array:
    """A block of numbers: most are on, some are zero of either sign, and 0 is the simplest."""
    if switch < 40:
        array.fill(0.0 if switch < 20 else -0.0)
    return array


def _size(sizes: Sizes, name: str, past_usual: str) -> st.SearchStrategy[int]:
    """One draw, so that a size past the usual ones shrinks to any of those."""
    usual = range(getattr(sizes, name)[0], getattr(sizes, name)[1] + 1)
    if name != past_usual:
        return _among(usual)
    large = [size for size in (LONG if name == "steps" else KERNEL_WIDTHS) if size not in usual]
    return _among((*usual, *large * max(1, len(usual) // len(large))))


def cases(offers: Sequence[Offer], dtypes: Sequence[str], sizes: Sizes) -> st.SearchStrategy[Case]:
    """Cases of the given offers."""
    return _cases(st.sampled_from(offers), st.sampled_from(dtypes), sizes)


@st.composite
def _cases(
    draw: st.DrawFn,
    offers: st.SearchStrategy[Offer],
    dtypes: st.SearchStrategy[str],
    sizes: Sizes,
) -> Case:
    def one(choices: Sequence[Any]) -> Any:
        return draw(_among(choices)) if len(choices) > 1 else choices[0]

    offer, dtype = draw(offers), draw(dtypes)
    kept = _kept(offer, dtype)
    past_usual = one(PAST_USUAL) if sizes.large else ""
    size = {
        name: _clipped(kept[name], *getattr(sizes, name))
        if name in kept
        else draw(_size(sizes, name, past_usual))
        for name in ("steps", "rows", "inputs", "units")
    }
    lowest, highest = sizes.layers[0], min(sizes.layers[1], offer.network.layers)
    layers = _clipped(kept["layers"], lowest, highest) if kept else one(range(lowest, highest + 1))
    network = replace(offer.network, inputs=size["inputs"], units=size["units"], layers=layers)
    way = one(offer.ways) if offer.ways else ""
    lengths = _lengths(draw, offer, sizes, size["steps"], size["rows"], kept)
    resolution = one(RESOLUTIONS)
    tossed = draw(BYTES)  # a seed, and for inputs and states whether they are on, or missing
    numbers = Numbers(int.from_bytes(tossed[:4]), resolution, PRECISIONS[dtype])
    scale = one(sizes.weights)
    recurrent = scale / max(1.0, sqrt(network.units / STEADY_UNITS))
    data = one(sizes.data)
    shape = (layers * len(network.directions), size["rows"], network.units)
    places = dict(network.places())
    wanted = [
        *((s, recurrent if at.part == "recurrent" else scale) for at, s in places.items()),
        ((size["steps"], size["rows"], network.inputs), data),
        *((shape, one(sizes.cells) if name == "cell" else data) for name in network.states),
    ]
    arrays = numbers.arrays(wanted)
    switches = {half: draw(BYTES) for half in product(range(layers), network.directions)}
    weights = {}
    for at, array in zip(places, arrays, strict=False):
        index = 4 * network.blocks.index(at.block) + PARTS.index(at.part)
        weights[at] = _switched(array, switches[at.layer, at.direction][index])
    inputs, *given = map(_switched, arrays[len(places) :], tossed[4:])
    # a missing state is drawn as well, and shrinks to a given one: rather that than more steps
    states = {
        name: state
        for name, state, missing in zip(network.states, given, tossed[8:], strict=False)
        if sizes.states or not (kept["missing"] if kept else missing >= 128)
    }
    case = Case(network, weights, inputs, states, lengths, dtype, way=way)
    aim = {name: one(tuple(of(case))) for name, of in sizes.aim.items()}
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


def _lengths(
    draw: st.DrawFn, offer: Offer, sizes: Sizes, steps: int, rows: int, kept: Mapping[str, int]
) -> npt.NDArray[np.int64] | None:
    """How many steps of each row are valid, from 1 to all; or None, the same as all."""
    if sizes.lengths == "never" or not offer.lengths:
        return None
    if sizes.lengths == "may" and not (kept["lengths"] if kept else draw(EITHER)):
        return None
    one = _among(range(steps, 0, -1))
    return np.array([draw(one) for _ in range(rows)], dtype=np.int64)
