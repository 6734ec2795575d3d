"""A network as a model of ncnn: one layer a line, and its weights behind one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions, pack

MAGIC = "7767517"
"""What a file of parameters begins with."""
RAW = bytes(4)
"""The tag of weights in float32, of which there is one in front of every array."""
DIRECTIONS = {"forward": 0, "backward": 1, "both": 2}
"""ncnn's numbers for ours."""


@dataclass(frozen=True)
class Model:
    """What is loaded, and the names of the blobs that go in and come out."""

    parameters: str
    weights: bytes
    inputs: tuple[str, ...]
    """The input, then the initial states of each layer."""
    outputs: tuple[str, ...]
    """The outputs of the top layer, then the final states of each layer."""


def model(case: Case, conventions: Conventions, *, bare: bool = False) -> Model:
    """The model of a case. A bare one has no blobs of states: none go in, and none come out."""
    network = case.network
    names = () if bare else network.states
    given = names if case.states else ()
    layers, blobs = range(network.layers), ["x0"]
    entering = [f"initial_{name}{layer}" for layer in layers for name in given]
    lines = [f"Input {name} 0 1 {name}" for name in ["x0", *entering]]
    for layer in layers:
        above = [f"x{layer + 1}", *(f"{name}{layer}" for name in names)]
        below = [f"x{layer}", *(f"initial_{name}{layer}" for name in given)]
        size = network.width(layer) * network.units * len(network.blocks) * len(network.directions)
        fields = {0: network.units, 1: size, 2: DIRECTIONS[network.direction]}
        options = " ".join(f"{number}={value}" for number, value in fields.items())
        head = f"{network.cell.upper()} layer{layer} {len(below)} {len(above)}"
        lines.append(" ".join([head, *below, *above, options]))
        blobs += above
    sizes = f"{len(lines)} {len(blobs) + len(entering)}"
    return Model(
        "\n".join([MAGIC, sizes, *lines, ""]),
        b"".join(_weights(case, conventions, layer) for layer in layers),
        ("x0", *entering),
        (f"x{network.layers}", *(f"{name}{layer}" for layer in layers for name in names)),
    )


def _weights(case: Case, conventions: Conventions, layer: int) -> bytes:
    """Of a layer, those of the input, the biases and those of the past, of each direction. A GRU
    has one more bias, of the candidate's past.
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
    )
    return b"".join(RAW + np.stack(part).astype("<f4").tobytes() for part in parts)
