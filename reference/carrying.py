"""The weights of a network, carried from one implementation's conventions to another's.

What is carried computes the same function of real numbers. Where no weights of the target do, that
is said, and nothing is carried; options are compared by name, and not by what single numbers make
of them. The equations that this follows stand in ``cells``: every bias is added to its block's sum,
but the candidate's on the side of the past in a GRU with reset after, which the reset gate scales.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rnnspec.reference.case import Weights
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import BIASES, InvalidCase, Network, Place, plural
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS

SIDES = {"input": "recurrent", "recurrent": "input"}
"""Where a block may have a bias, and the other side."""


class Uncarried(ValueError):
    """Why weights cannot be carried, in one sentence that names the block."""


class Held(NamedTuple):
    """What a layer holds, in the places that the equations have for it."""

    network: Network
    weights: Weights
    """float64 arrays of numbers of the dtype; but for a forget gate's bias into which a constant
    was folded that its implementation adds."""
    dtype: str

    def __str__(self) -> str:
        return f"{self.network}; {self.dtype}"


def fitted(
    held: Held,
    conventions: Conventions,
    offers: Callable[[Network], str | None] | None = None,
) -> tuple[Held, list[str]]:
    """The same function as a network that the conventions offer, and what was done to it, in
    sentences. As little as possible is done: zeros are added before any are left out, and these
    before any two biases are made one.

    ``offers`` says why a network is not offered, or None: what an implementation has in place of
    ``conventions.refuses``, where there is more to say. Raises Uncarried.
    """
    offers = conventions.refuses if offers is None else offers
    found: list[_Biases] = []
    refused: list[Uncarried] = []
    reason: str | None = None
    for biases in sorted(conventions.biases, key=list(BIASES).index):
        network = replace(held.network, biases=biases)
        if (why := offers(network)) is not None:
            reason = reason or why
            continue
        try:
            found.append(_with_biases(held, network))
        except Uncarried as error:
            refused.append(error)
    if not found:
        raise refused[-1] if refused else Uncarried(f"{held.network} cannot be carried: {reason}")
    least = min(found, key=lambda each: each.cost)
    return _exact(held, least, conventions)


def cast(held: Held, dtype: str) -> tuple[Held, list[str]]:
    """The same weights as numbers of a dtype, and by how much that changed them, if it did. Raises
    Uncarried where one is beyond its range.
    """
    weights, off = {}, dict[Place, float]()
    for at, array in held.weights.items():
        weights[at], off[at] = _rounded(at, array, 0.0, dtype)
    return Held(held.network, weights, dtype), _told(off, dtype)


def split(held: Held) -> list[Held]:
    """Each layer of a stack as a network of its own."""
    network = held.network
    return [
        Held(
            replace(network, layers=1, inputs=network.width(layer)),
            {at._replace(layer=0): w for at, w in held.weights.items() if at.layer == layer},
            held.dtype,
        )
        for layer in range(network.layers)
    ]


def stacked(parts: Sequence[Held]) -> Held:
    """The inverse: one stack of several, each reading the outputs of the one before it. Raises
    Uncarried where they are no stack of one network.
    """
    first, layers = parts[0], sum(part.network.layers for part in parts)
    try:
        network = replace(first.network, layers=layers)
    except InvalidCase as error:
        raise Uncarried(f"the layers are no stack: {error}") from None
    weights: dict[Place, Array] = {}
    layer = 0
    for number, part in enumerate(parts):
        own = replace(network, layers=part.network.layers, inputs=network.width(layer))
        if (part.network, part.dtype) != (own, first.dtype):
            raise Uncarried(
                f"layer {number} is no part of one stack: it is {part}, and to stand there it "
                f"would be {Held(own, {}, first.dtype)}"
            )
        weights |= {at._replace(layer=at.layer + layer): w for at, w in part.weights.items()}
        layer += part.network.layers
    return Held(network, weights, first.dtype)


class _Biases(NamedTuple):
    """The weights with other biases, and the blocks with which something was done."""

    network: Network
    weights: dict[Place, Array]
    off: dict[Place, float]
    """By how much a sum is off, where it is not exact."""
    added: list[str]
    moved: list[str]
    left_out: list[str]
    made: list[str]

    @property
    def cost(self) -> tuple[int, ...]:
        """Least where least was done, the worst of it first."""
        return tuple(len(blocks) for blocks in self[3:])

    def told(self) -> list[str]:
        """What was done, a sentence each."""
        words = {
            "added": "the two biases are added into one",
            "moved": "the bias goes to the other side, where the past or the input has none",
            "left_out": "a bias of zeros is left out",
            "made": "a bias of zeros is put where there was none",
        }
        given = {name: list(dict.fromkeys(getattr(self, name))) for name in words}
        return [f"{', '.join(given[name])}: {words[name]}" for name in words if given[name]]


def _with_biases(held: Held, network: Network) -> _Biases:
    """The weights with the biases of a network that differs in nothing else."""
    plain = {at: w for at, w in held.weights.items() if not at.part.endswith("_bias")}
    done = _Biases(network, plain, {}, [], [], [], [])
    for layer in range(network.layers):
        for direction in network.directions:
            for block in network.blocks:
                _with_bias(held, done, Place(layer, direction, block, ""))
    return done


def _with_bias(held: Held, done: _Biases, of: Place) -> None:
    """The same for one block."""
    block, network = of.block, done.network
    at = {side: of._replace(part=f"{side}_bias") for side in SIDES}
    given = {side: held.weights[at[side]] for side in SIDES if at[side] in held.weights}
    wanted = [side for side in SIDES if network.biased(block, side)]
    put = {side: given[side] for side in wanted if side in given}
    for side in given.keys() - set(wanted):
        other = SIDES[side]
        alone = other in wanted and other not in given
        if not alone and not np.any(given[side]):
            done.left_out.append(block)
            continue
        if not wanted:
            raise Uncarried(f"{at[side]} is not zero, and there is no bias to carry it to")
        scaled = (network.cell, network.reset, block) == ("gru", "after", "candidate")
        if scaled and np.any(given[side]):
            raise Uncarried(
                f"{at[side]} is not zero, and the target has {BIASES[network.biases]}: with reset "
                "after the product, the reset gate scales the one of the past, so that neither "
                "stands for the other"
            )
        if alone or not np.any(put[other]):
            done.moved.append(block)
            put[other] = given[side]
        else:
            done.added.append(block)
            put[other], done.off[at[other]] = _rounded(
                at[other], put[other], given[side], held.dtype
            )
    for side in wanted:
        if side not in put:
            done.made.append(block)
            put[side] = np.zeros(network.units)
        done.weights[at[side]] = put[side]


def _exact(held: Held, biases: _Biases, conventions: Conventions) -> tuple[Held, list[str]]:
    """The weights as they can be held: what the target adds itself taken out, they are numbers of
    the dtype.
    """
    weights, off, told = dict(biases.weights), dict(biases.off), biases.told()
    for at, array in biases.weights.items():
        constant = conventions.offset_at(at, biases.network)
        own = array
        for _ in range(2 if constant else 1):  # the first sum may lose a part of what is small
            own, _ = _rounded(at, own, -constant, held.dtype)
            own = own + constant if constant else own
        weights[at] = own
        with np.errstate(invalid="ignore"):
            off[at] = off.get(at, 0.0) + _farthest(own - array)
    if conventions.forget_offset and "forget" in biases.network.blocks:
        told.append(
            f"forget: the target adds {conventions.forget_offset:g} itself, which is taken out of "
            "the bias"
        )
    return Held(biases.network, weights, held.dtype), told + _told(off, held.dtype)


def _rounded(at: Place, array: Array, more: Array | float, dtype: str) -> tuple[Array, float]:
    """A sum as numbers of a dtype, and by how much it is off. Raises Uncarried beyond its range."""
    with np.errstate(all="ignore"):  # infinity and NaN are carried as they are
        total = array + more if np.any(more) else array
        found = PRECISIONS[dtype].round(total)
        other = total - array
        lost = (array - (total - other)) + (more - other)  # Knuth's: what the sum itself lost
        beyond = np.isinf(found) & np.isfinite(array) & np.isfinite(more)
        off = _farthest((found - total) - lost)
    if np.any(beyond):
        raise Uncarried(f"{at} holds {total[beyond][0]:g}, which is beyond {dtype}")
    return found, off


def _farthest(differences: Array) -> float:
    """The largest magnitude; what is no number counts as nothing."""
    return float(np.max(np.abs(np.where(np.isfinite(differences), differences, 0.0)), initial=0.0))


def _told(off: Mapping[Place, float], dtype: str) -> list[str]:
    """That something was rounded, and how far, where it was."""
    inexact = {at: error for at, error in off.items() if error}
    if not inexact:
        return []
    worst = max(inexact, key=lambda at: inexact[at])
    arrays = plural(len(inexact), "array")
    return [f"{arrays} rounded to {dtype}, by at most {inexact[worst]:.3g} (at {worst})"]
