"""How cases are drawn, so that they find defects and shrink to something that a person can read.

Hypothesis chooses sizes, one switch for every block of numbers, a scale, a resolution and a seed,
each of which shrinks to the simplest; the numbers themselves come from the seed. So a failing
case shrinks to one unit, one step and the one or two numbers that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np
from hypothesis import strategies as st

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Precision

RESOLUTIONS = (2, 8, 64, 4096)
"""Numbers are multiples of one of these parts of the scale."""
KERNEL_WIDTHS = (9, 17, 33, 130)
"""Sizes just past the widths at which kernels change their ways."""
RARITY = 20
STEADY_UNITS = 4
"""Above so many units, weights are scaled down by the square root of how many there are."""


@dataclass(frozen=True)
class Sizes:
    """What a claim's cases look like. Pairs are inclusive ranges."""

    steps: tuple[int, int] = (1, 6)
    rows: tuple[int, int] = (1, 4)
    inputs: tuple[int, int] = (1, 4)
    units: tuple[int, int] = (1, 6)
    large: bool = False
    """Whether one size in RARITY is one of KERNEL_WIDTHS."""
    weights: tuple[float, ...] = (1.0, 2.0, 0.25)
    """Scales of the weights and biases."""
    data: tuple[float, ...] = (1.0,)
    """Scales of the inputs and of the initial hidden state."""
    cells: tuple[float, ...] = (1.0, 8.0, 1 / 64)
    """Scales of the initial cell state."""
    states: bool = False
    """Whether initial states are always given."""
    aim: Mapping[str, Callable[[Network], Sequence[str]]] = field(default_factory=dict)
    """What the intervention is aimed at: names, and the choices that a network has."""


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
    often = RARITY * len(KERNEL_WIDTHS) // len(ordinary)
    return st.sampled_from([*(list(ordinary) * often), *KERNEL_WIDTHS])


@st.composite
def cases(
    draw: st.DrawFn, networks: Sequence[Network], dtypes: Sequence[str], sizes: Sizes
) -> Case:
    """Cases of the networks' kinds: one layer, all steps valid."""
    kind = draw(st.sampled_from(networks))
    dtype = draw(st.sampled_from(dtypes))
    size = {name: draw(_size(sizes, name)) for name in ("steps", "rows", "inputs", "units")}
    network = replace(kind, inputs=size["inputs"], units=size["units"])
    aim = {name: draw(st.sampled_from(list(of(network)))) for name, of in sizes.aim.items()}
    resolution = draw(st.sampled_from(RESOLUTIONS))
    # Hypothesis offers integers from 100 on that stand in the user's sources: digits are below
    seed = sum(draw(st.integers(0, 99)) * 100**k for k in range(4))
    numbers = Numbers(seed, resolution, PRECISIONS[dtype])

    def array(shape: tuple[int, ...], scale: float) -> Array:
        drawn = numbers.array(shape, scale)
        return drawn if draw(st.integers(0, 11)) else np.zeros(shape)

    scale = draw(st.sampled_from(sizes.weights))
    steady = max(1.0, sqrt(network.units / STEADY_UNITS))
    weights = {
        place: array(shape, scale / steady if place.part == "recurrent" else scale)
        for place, shape in network.places()
    }
    data = draw(st.sampled_from(sizes.data))
    inputs = array((size["steps"], size["rows"], network.inputs), data)
    shape = (len(network.directions), size["rows"], network.units)
    states = {}
    for name in network.states:
        scales = sizes.cells if name == "cell" else (data,)
        # a missing state is drawn as well, and shrinks to a given one: rather that than more steps
        missing = not sizes.states and draw(st.booleans())
        state = array(shape, draw(st.sampled_from(scales)))
        if not missing:
            states[name] = state
    return Case(network, weights, inputs, states, dtype=dtype, aim=aim)
