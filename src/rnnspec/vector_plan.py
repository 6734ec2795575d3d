"""The plan of the vectors: which there are, under which names, in which order. It is the same
everywhere: nothing is drawn.

A change of any request makes another set, and needs another ``vector_form.VERSION``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np

from rnnspec.covering import covering
from rnnspec.reference.network import BLOCKS, DIRECTIONS, Network
from rnnspec.reference.unroll import valid_steps
from rnnspec.vector import ALL, DENSE, Sizes, Vector, back, called, counted, options

WIDE, NARROW = ("float32", "float64"), ("float16", "bfloat16")
PLAIN: Mapping[str, Sequence[Any]] = {
    "direction": ("forward",),
    "layers": (1,),
    "lengths": ("none",),
}


def _sizes(*each: tuple[int, int, int, int]) -> list[Sizes]:
    return [Sizes(*sizes) for sizes in each]


RUNS = _sizes(
    (5, 2, 3, 4), (6, 3, 2, 4), (4, 3, 1, 2), (5, 1, 2, 3), (6, 2, 1, 3), (5, 3, 2, 4),
    (4, 2, 1, 3), (6, 1, 3, 4), (4, 1, 3, 2), (6, 3, 1, 2), (5, 2, 1, 3),
)  # fmt: skip
"""All unequal, so that an axis in the place of another shows. There are eleven: what goes round
with them has another period."""
SHORT = _sizes((3, 2, 1, 4), (2, 3, 1, 4), (3, 1, 2, 4), (3, 2, 1, 4), (2, 3, 4, 1))
BACK = _sizes((3, 2, 1, 4), (4, 3, 1, 2), (4, 2, 1, 3), (3, 1, 2, 4), (4, 1, 2, 3))
COUNTS = ((3, 4), (5, 2), (1, 3), (7, 6), (4, 1))
"""Inputs and units."""
ODD: Mapping[str, Sizes] = {
    "one-step": Sizes(1, 3, 2, 4),
    "one-unit": Sizes(4, 3, 2, 1),
    "as-many-inputs-as-units": Sizes(5, 2, 3, 3),
    "more-inputs-than-units": Sizes(4, 2, 5, 3),
    "as-many-steps-as-rows": Sizes(3, 3, 2, 4),
    "4-rows": Sizes(5, 4, 2, 3),
    "9-rows": Sizes(2, 9, 1, 3),
    "9-inputs": Sizes(3, 2, 9, 4),
    "6-units": Sizes(4, 2, 3, 6),
}
LARGE: Mapping[str, Sizes] = {
    "17-units": Sizes(3, 2, 1, 17),
    "33-units": Sizes(2, 1, 3, 33),
    "130-units": Sizes(2, 1, 2, 130),
    "65-steps": Sizes(65, 2, 1, 3),
    "130-steps": Sizes(130, 1, 2, 3),
}
"""Just past the widths at which kernels change their ways."""
NONE = {"steps": Sizes(0, 2, 3, 4), "rows": Sizes(3, 0, 2, 4)}


def plan() -> Iterator[Vector]:
    """All of them."""
    for cell in BLOCKS:
        for family in (_runs, _again, _odd_sizes, _odd_numbers, _empty, _back, _counts):
            yield from family(cell)


def _given(cell: str) -> dict[str, Sequence[Any]]:
    """What a call may have beside its network."""
    alone = ("hidden", "cell") if cell == "lstm" else ()
    return {"lengths": ("none", "given"), "states": ("given", "none", *alone)}


def _numbered(prefix: str, rows: Iterable[Any]) -> Iterator[tuple[int, str, Any]]:
    for k, row in enumerate(rows):
        yield k, f"{prefix}-{k + 1:02}", row


def _runs(cell: str) -> Iterator[Vector]:
    """Any three options together in wide formats: of one layer that runs forward, which is all that
    many have, and of all. In narrow formats, where a bound soon says nothing, any two, over fewer
    steps and layers.
    """
    known = {**options(cell), **_given(cell), "dtype": WIDE}
    plain = covering({**known, **PLAIN, "weights": (1.0, 0.25, 2.0)}, 3)
    for k, name, row in _numbered(f"{cell}-plain", plain):
        yield called(name, cell, RUNS[k % len(RUNS)], **_turning(k), **row)
    for k, name, row in _numbered(f"{cell}-run", covering(known, 3)):
        weights = (1.0, 0.25, 1.0, 2.0)[k // 2 % 4]
        yield called(name, cell, RUNS[k % len(RUNS)], weights=weights, **_turning(k), **row)
    known |= {"layers": (1, 2), "weights": (1.0, 0.25), "dtype": NARROW}
    for k, name, row in _numbered(f"{cell}-narrow", covering(known, 2)):
        yield called(name, cell, SHORT[k % len(SHORT)], turn=k, resolution=4096, **row)


def _turning(k: int) -> dict[str, Any]:
    """What goes round with the number of a case."""
    data, cells = (1.0, 1.0, 4.0)[k % 3], (1.0, 8.0, 1 / 64)[k // 3 % 3]
    return {"turn": k, "data": data, "cells": cells, "resolution": (64, 4096)[k % 2]}


def _again(cell: str) -> Iterator[Vector]:
    """Calls of one network, one after another: what is kept of one shows in the next."""
    calls = ("none given", "both none", "both given", "both none", "none none")
    for _, name, call in _numbered(f"{cell}-again", calls):
        biases, states = call.split()
        yield called(name, cell, RUNS[0], biases=biases, states=states)


def _odd_sizes(cell: str) -> Iterator[Vector]:
    turns = zip(ODD.items(), cycle(DIRECTIONS), cycle(WIDE), strict=False)
    for (name, sizes), direction, dtype in turns:
        yield called(f"{cell}-{name}", cell, sizes, direction=direction, dtype=dtype, size="odd")
    name, alike = f"{cell}-2-layers-with-as-many-inputs-as-units", ODD["as-many-inputs-as-units"]
    yield called(name, cell, alike, layers=2, size="odd")
    for (name, sizes), direction in zip(LARGE.items(), cycle(DIRECTIONS), strict=False):
        way = "forward" if sizes.units > 2 * DENSE else direction
        yield called(f"{cell}-{name}", cell, sizes, direction=way, weights=0.5, size="large")


def _odd_numbers(cell: str) -> Iterator[Vector]:
    """Gates that are saturated, weights and states that are tiny, and what is no number."""
    for sizes, (kind, weights, data) in zip(
        RUNS,
        (("saturating", 64.0, 4.0), ("large", 8.0, 1.0), ("small", 2.0**-12, 1.0)),
        strict=False,
    ):
        states = data * min(weights, 1.0)
        for dtype in WIDE:
            yield called(
                f"{cell}-{kind}-{dtype}", cell, sizes, dtype=dtype, weights=weights, data=data,
                hidden=states, cells=states, resolution=4096, values=kind,
            )  # fmt: skip
    for k, direction in enumerate(DIRECTIONS):
        name, layers = f"{cell}-nan-{direction}", 1 + k % 2
        vector = called(name, cell, RUNS[1], direction=direction, layers=layers, values="nan")
        yield _spoiled(vector, (2, 0, 0))
        name, layers = f"{cell}-nan-past-the-end-{direction}", 2 - k % 2
        vector = called(
            name, cell, RUNS[1], direction=direction, layers=layers, lengths="given",
            values="nan past the end",
        )  # fmt: skip
        assert vector.case is not None
        valid = valid_steps(vector.case)
        assert valid is not None
        yield _spoiled(vector, ~valid[..., 0])


def _spoiled(vector: Vector, at: Any) -> Vector:
    """The same with NaN in its inputs."""
    assert vector.case is not None
    inputs = vector.case.inputs.copy()
    inputs[at] = np.nan
    return replace(vector, case=vector.case.changed(inputs=inputs))


def _empty(cell: str) -> Iterator[Vector]:
    """No steps, no rows; rows of no steps."""
    for direction in ("forward", "both"):
        for name, sizes in NONE.items():
            name = f"{cell}-no-{name}-{direction}"
            yield called(name, cell, sizes, direction=direction, size="none")
    for direction in DIRECTIONS:
        name = f"{cell}-a-row-of-no-steps-{direction}"
        yield called(name, cell, RUNS[1], direction=direction, lengths="with 0")


def _back(cell: str) -> Iterator[Vector]:
    """Any two options together, of one layer that runs forward and of all; in narrow formats over
    one step of one layer, since a bound says nothing of more.
    """
    known = {**options(cell), **_given(cell), "part": ("outputs", *_parts(cell), ALL)}
    known |= {"weights": (1.0, 0.25), "dtype": WIDE}
    for k, name, row in _numbered(f"{cell}-plain-gradients", covering({**known, **PLAIN}, 2)):
        yield _gone_back(name, cell, BACK[k % len(BACK)], turn=k, **row)
    for k, name, row in _numbered(f"{cell}-gradients", covering(known, 2)):
        yield _gone_back(name, cell, BACK[k % len(BACK)], turn=k, **row)
    known = {name: known[name] for name in ("direction", "part")} | {"dtype": NARROW}
    for k, name, row in _numbered(f"{cell}-narrow-gradients", covering(known, 2)):
        yield _gone_back(name, cell, BACK[k % len(BACK)]._replace(steps=1), **row)
    for _, name, part in _numbered(f"{cell}-gradients-again", (ALL, "outputs")):
        yield _gone_back(name, cell, BACK[0], part=part)


def _parts(cell: str) -> tuple[str, ...]:
    return Network(cell, 1, 1).states


def _gone_back(name: str, cell: str, sizes: Sizes, *, part: str, **row: Any) -> Vector:
    return back(called(name, cell, sizes, **row), part)


def _counts(cell: str) -> Iterator[Vector]:
    known = {name: of for name, of in options(cell).items() if name != "activation"}
    for k, name, row in _numbered(f"{cell}-count", covering(known, 2)):
        yield counted(name, Network(cell, *COUNTS[k % len(COUNTS)], **row))
