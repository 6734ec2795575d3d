"""What an adapter declares of its framework, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnspec.reference.conventions import Conventions, pack
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import BIASES, EXTRAS, Network, plural
from rnnspec.reference.precision import Level
from rnnspec.spec.claim import Claim
from rnnspec.spec.trial import told

ORIENTATIONS = {"out,in": "units are rows", "in,out": "units are columns"}
UPDATES = {"keeps": "open, it keeps the past", "takes": "open, it takes the candidate"}
RESETS = {"after": "after the recurrent product", "before": "before the recurrent product"}
PAST = {
    "zero": "zero",
    "held": "the last valid output once more",
    "unspecified": "unspecified",
}

INPUTS, UNITS = 3, 5
"""Sizes by which a shape says what it is made of: no multiple of the units is the inputs."""


def cells(implementation: Implementation) -> Iterator[tuple[str, list[str]]]:
    """For each cell that is offered, its name and a line a convention."""
    for cell, conventions in implementation.conventions.items():
        yield cell, [f"{name}: {words}" for name, words in _conventions(cell, conventions)]


def beyond_cells(implementation: Implementation) -> list[str]:
    """A line for the dtypes, and one for the other ways to the same layer."""
    levels = [
        f"{dtype} ({level.name}: {_level(level)})" for dtype, level in implementation.levels.items()
    ]
    ways = [f"{name} ({kind})" for name, kind in implementation.ways.items()]
    return [
        f"sigmoid and tanh, by dtype: {', '.join(levels) or 'no dtype is offered'}",
        f"other ways: {', '.join(ways) or 'none'}",
    ]


def packed(cell: str, declared: Conventions, biases: str = "none") -> list[tuple[int, ...]]:
    """The shapes of what one layer and direction of I inputs and H units holds: the two matrices,
    then the biases.
    """
    network = Network(cell, INPUTS, UNITS, biases=biases)
    held = pack(network, {at: np.zeros(of) for at, of in network.places()}, declared)
    return [array.shape for array in vars(held).values() if array is not None]


def shape(sizes: tuple[int, ...]) -> str:
    """A shape in terms of I and H: ``4H x I``."""
    times = {n: f"{n // UNITS}H" if n > UNITS else "H" for n in sizes}
    return " x ".join("I" if n == INPUTS else times[n] for n in sizes)


def applies(claim: Claim, implementation: Implementation) -> str:
    """Whether a claim applies to an implementation, in a sentence."""
    if claim.kind == "finding":
        return f"{claim.id} is a finding: it is run on no adapter."
    try:
        offers = claim.offers(implementation)
    except Exception as error:
        return f"{implementation.name} does not say what it offers: {told(error)}"
    if isinstance(offers, str):
        return f"{claim.id} does not apply: {offers}."
    kinds = plural(len(offers), "kind")
    return f"{claim.id} applies to {implementation.name}: {kinds} of networks."


def _conventions(cell: str, declared: Conventions) -> Iterator[tuple[str, str]]:
    if len(declared.blocks) > 1:
        yield "order of the gates", ", ".join(declared.blocks)
    yield "packed matrices", ORIENTATIONS[declared.orientation]
    yield "their shapes", "; ".join(map(shape, packed(cell, declared)[:2]))
    yield "biases", "; ".join(BIASES[each] for each in declared.biases)
    if cell == "rnn":
        yield "activation", " or ".join(declared.activations)
    if cell == "gru":
        yield "reset gate", "; or ".join(RESETS[form] for form in declared.resets)
        yield "update gate", UPDATES[declared.update]
    if cell == "lstm":
        offset = f"{declared.forget_offset:g}" if declared.forget_offset else "nothing"
        yield "added to the forget gate", offset
        yield "order of the states", ", ".join(declared.states)
    yield "directions", ", ".join(declared.directions)
    yield "layers", f"up to {declared.layers}" if declared.layers > 1 else "one"
    past = [f"{PAST[held]} ({direction})" for direction, held in declared.past_end.items()]
    yield "past the end of a row", ", ".join(past) or "no lengths are offered"
    if declared.extras:
        yield "beyond the cards", ", ".join(EXTRAS[each] for each in declared.extras)


def _level(level: Level) -> str:
    """The error that is allowed, in units of the unit roundoff; and what is rounded to integers."""
    parts = [f"{level.relative:g} u of the value"] if level.relative else []
    parts += [f"{level.absolute:g} u of full scale"] if level.absolute else []
    rounded = [
        f"; {part} in {grid.steps} steps"
        for part, grid in (("weights", level.weights), ("operands", level.operands))
        if grid.steps
    ]
    return (" and ".join(parts) or "exact") + "".join(rounded)
