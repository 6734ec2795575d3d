"""A network as a model of ncnn: one layer a line, and its weights behind one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions, pack
from rnnspec.reference.operations import Array

MAGIC = "7767517"
"""What a file of parameters begins with."""
RAW = bytes(4)
"""The tag of weights in float32, of which there is one in front of every array."""
LESSER = ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage")
"""The options of a net that allow less than float32."""
DIRECTIONS = {"forward": 0, "backward": 1, "both": 2}
"""ncnn's numbers for ours."""


@dataclass(frozen=True)
class Model:
    """What is loaded, and the names of the blobs that go in and come out."""

    parameters: str
    weights: tuple[Array, ...]
    inputs: tuple[str, ...]
    """The input, then the initial states of each layer."""
    outputs: tuple[str, ...]
    """The outputs of the top layer, then the final states of each layer."""

    @property
    def binary(self) -> bytes:
        """The weights as they are read."""
        return b"".join(RAW + array.astype("<f4").tobytes() for array in self.weights)


def model(case: Case, conventions: Conventions, *, bare: bool = False) -> Model:
    """The model of a case. A bare one has no blobs of states: none go in, and none come out."""
    network = case.network
    names = () if bare else network.states
    given = names if case.states else ()
    layers, blobs = range(network.layers), ["x0"]
    states = [f"initial_{name}{layer}" for layer in layers for name in given]
    lines = [f"Input {name} 0 1 {name}" for name in ["x0", *states]]
    for layer in layers:
        above = [f"x{layer + 1}", *(f"{name}{layer}" for name in names)]
        below = [f"x{layer}", *(f"initial_{name}{layer}" for name in given)]
        size = network.width(layer) * network.units * len(network.blocks) * len(network.directions)
        fields = {0: network.hidden, 1: size, 2: DIRECTIONS[network.direction]}
        if network.projection:
            fields[3] = network.units
        options = " ".join(f"{number}={value}" for number, value in fields.items())
        head = f"{network.cell.upper()} layer{layer} {len(below)} {len(above)}"
        lines.append(" ".join([head, *below, *above, options]))
        blobs += above
    sizes = f"{len(lines)} {len(blobs) + len(states)}"
    return Model(
        "\n".join([MAGIC, sizes, *lines, ""]),
        tuple(part for layer in layers for part in _weights(case, conventions, layer)),
        ("x0", *states),
        (f"x{network.layers}", *(f"{name}{layer}" for layer in layers for name in names)),
    )


def entering(case: Case) -> list[Array]:
    """The input, then the initial states of each layer: what goes in, with an axis of rows."""
    each = len(case.network.directions)
    return [case.inputs] + [
        case.state(name)[layer * each : (layer + 1) * each]
        for layer in range(case.network.layers)
        for name in case.network.states
    ]


def _weights(case: Case, conventions: Conventions, layer: int) -> list[Array]:
    """Of a layer, those of the input, the biases, those of the past and of the projection, of each
    direction. A GRU has one more bias, of the candidate's past.
    """
    packed = [
        pack(case.network, case.weights, conventions, layer, direction)
        for direction in case.network.directions
    ]
    biases = [[p.input_bias, p.recurrent_bias] for p in packed]
    parts = (
        [p.input for p in packed],
        [np.concatenate([b for b in each if b is not None]) for each in biases],
        [p.recurrent for p in packed],
        [p.projection for p in packed if p.projection is not None],
    )
    return [np.stack(part) for part in parts if part]
