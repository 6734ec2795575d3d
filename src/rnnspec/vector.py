"""A vector: a request of the process protocol under a name of its own, with numbers from its name,
and flags for what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from rnnspec.reference.case import Case, Lengths
from rnnspec.reference.network import ACTIVATIONS, BIASES, DIRECTIONS, RESETS, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import valid_steps
from rnnspec.spec.numbers import Numbers

Flags = Mapping[str, str | int]
FLAGS = (
    *("do", "cell", "activation", "reset", "direction", "layers", "biases", "dtype", "lengths"),
    *("states", "size", "values", "cotangents"),
)
"""In the order in which they are told."""
ALL = "all"
"""Of the parts of an answer."""
ORDINARY = {
    "activation": "tanh", "reset": "after", "direction": "forward", "layers": 1, "biases": "none",
    "lengths": "none", "states": "none",
}  # fmt: skip
"""What is no option."""
EMPTY = "layer.empty"
"""The claim that lets a layer say no in words."""
DENSE = 16
"""Above so many units, a unit reads but a few of the others: the files stay small."""
OF_STEPS = {
    "rnn": ("rnn.step",),
    "lstm": ("lstm.cell-state", "lstm.hidden-state"),
    "gru": ("gru.step",),
}
"""The claims of one layer's equations."""


class Sizes(NamedTuple):
    """What a call has of everything but layers."""

    steps: int
    rows: int
    inputs: int
    units: int


@dataclass(frozen=True, eq=False)
class Vector:
    """A request, and what it is about."""

    id: str
    do: str
    """``run``, ``gradients`` or ``count``."""
    network: Network
    flags: Flags
    case: Case | None = None
    """None where parameters are counted."""
    cotangents: Mapping[str, Array] = field(default_factory=dict)

    @property
    def claims(self) -> tuple[str, ...]:
        """The labels of the claims that a wrong answer bears on: those that compare the same."""
        return tuple(dict.fromkeys(_claims(self.do, self.network, self.flags)))


def options(cell: str) -> dict[str, Sequence[Any]]:
    """What a network of a cell may have, by the name of the field."""
    own: dict[str, dict[str, Sequence[Any]]] = {
        "rnn": {"activation": ACTIVATIONS},
        "gru": {"reset": RESETS},
    }
    biases = [each for each in BIASES if each != "candidate" or cell == "gru"]
    return {
        **own.get(cell, {}),
        "direction": tuple(DIRECTIONS),
        "layers": (1, 2, 3),
        "biases": biases,
    }


def counted(name: str, network: Network) -> Vector:
    """What counts the parameters of a network."""
    return Vector(name, "count", network, _flags("count", network))


def called(
    name: str,
    cell: str,
    sizes: Sizes,
    *,
    turn: int = 0,
    lengths: str = "none",
    states: str = "given",
    dtype: str = "float32",
    weights: float = 1.0,
    data: float = 1.0,
    hidden: float = 1.0,
    cells: float = 1.0,
    resolution: int = 64,
    size: str = "usual",
    values: str = "usual",
    **network: Any,
) -> Vector:
    """A call. Its numbers are up to these scales, none is zero; lengths are those of a turn."""
    of = Network(cell, sizes.inputs, sizes.units, **network)
    start = (of.layers * len(of.directions), sizes.rows, of.units)
    places = dict(of.places())
    wanted = [
        *((shape, weights) for shape in places.values()),
        ((sizes.steps, sizes.rows, of.inputs), data),
        *((start, cells if state == "cell" else hidden) for state in of.states),
    ]
    arrays = Numbers(crc32(name.encode()), resolution, PRECISIONS[dtype]).arrays(wanted)
    if of.activation == "relu":  # or most of what it puts out were 0
        for k, at in enumerate((*places, None)):
            mixed = at is not None and at.part == "recurrent"
            arrays[k] = arrays[k] if mixed else np.abs(arrays[k])
    inputs, *starts = arrays[len(places) :]
    kept = {"given": of.states, "none": ()}.get(states, (states,))
    case = Case(
        of,
        {at: _sparse(w) for at, w in zip(places, arrays, strict=False)},
        inputs,
        {each: array for each, array in zip(of.states, starts, strict=True) if each in kept},
        _lengths(lengths, sizes, turn),
        dtype,
    )
    flags = {
        **_flags("run", of),
        "dtype": dtype,
        "lengths": lengths,
        "states": states if states in ("given", "none") else f"{states} alone",
        "size": size,
        "values": values,
    }
    return Vector(name, "run", of, flags, case)


def back(vector: Vector, part: str) -> Vector:
    """The same call, and the way back from a part of its answer or from all; but from nothing past
    the end of a row.
    """
    case = vector.case
    assert case is not None
    shapes = {
        "outputs": case.output_shape,
        **{name: case.shape_of(name) for name in case.network.states},
    }
    numbers = Numbers(crc32(f"{vector.id} back".encode()), 64, PRECISIONS[case.dtype])
    cotangents = {
        name: numbers.array(shape, 1.0) for name, shape in shapes.items() if part in (name, ALL)
    }
    valid = valid_steps(case)
    if "outputs" in cotangents and valid is not None:
        cotangents["outputs"] = np.where(valid, cotangents["outputs"], 0.0)
    flags = {**vector.flags, "do": "gradients", "cotangents": part}
    return Vector(vector.id, "gradients", vector.network, flags, case, cotangents)


def _flags(do: str, network: Network) -> dict[str, str | int]:
    fields = network.as_dict()
    own = {name: fields[name] for name in options(network.cell)}
    return {"do": do, "cell": network.cell, **own}


def _lengths(which: str, sizes: Sizes, turn: int) -> Lengths | None:
    """Of all steps, of one and of some, and two alike; a row alone is a step short."""
    if which == "none":
        return None
    steps = sizes.steps
    some = (steps, 1, steps - 1, steps - 1) if which == "given" else (0, 3, 1)
    turn = 2 if sizes.rows == 1 else turn
    return np.array([some[(turn + row) % len(some)] for row in range(sizes.rows)], dtype=np.int64)


def _sparse(w: Array) -> Array:
    """Of a large square matrix, two numbers in every sixteen of a row and of a column."""
    if w.ndim < 2 or w.shape[0] != w.shape[1] or w.shape[0] <= DENSE:
        return w
    row, column = np.indices(w.shape)
    return np.where((3 * row + column) % DENSE < 2, w, 0.0)


def _claims(do: str, network: Network, flags: Flags) -> Sequence[str]:
    one, both = network.layers == 1, network.direction == "both"
    if do == "count":
        plain = one and network.direction == "forward" and network.cell != "rnn"
        found = {"compare.parameters": plain, "deep.parameters": not one, "bi.parameters": both}
        return [label for label, bears in found.items() if bears]
    if do == "gradients":
        trained = one and (network.cell, network.direction) == ("lstm", "forward")
        return ["layer.gradients", *(["lstm.trained"] if trained else [])]
    lengths = flags.get("lengths", "none")
    if flags.get("size") == "none" or lengths == "with 0":
        return [EMPTY]
    if flags.get("values") == "nan":
        return ["layer.nan"]
    found = {
        **dict.fromkeys(OF_STEPS[network.cell], one),
        "deep.stacked": not one,
        "bi.two-passes": both and one,
        "layer.options": any(flags.get(name, usual) != usual for name, usual in ORDINARY.items()),
        "layer.padding": lengths != "none",
        "layer.final-state": True,
        "layer.initial-state": True,
        "layer.dtype": lengths == "none",
    }
    return [label for label, bears in found.items() if bears]
