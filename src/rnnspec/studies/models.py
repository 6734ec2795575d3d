"""Networks of equal units or equal parameters, what they cost, and what they score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.cost import cost
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.training import Examples, Trains

PREFERRED = ("both", "input", "candidate", "recurrent")


def network(trainer: Trains, cell: str, inputs: int, units: int) -> Network:
    """With the biases that the framework gives its layers: two vectors, where it has them."""
    offered = trainer.conventions[cell].biases
    return Network(cell, inputs, units, biases=min(offered, key=(*PREFERRED, "none").index))


def costs(net: Network) -> dict[str, float]:
    """What it holds, and what a step takes."""
    return {"parameters": parameters(net), "operations a step": sum(cost(net).values())}


def parameters(network: Network) -> int:
    """How many numbers are learned, the readout left out."""
    return sum(int(np.prod(shape)) for _, shape in network.places())


def of_as_many(other: Network, network: Network) -> Network:
    """The other network, with that number of units that brings it nearest in parameters."""
    wanted, most = parameters(network), 4 * max(other.units, network.units)
    sizes = (replace(other, units=units) for units in range(1, most))
    return min(sizes, key=lambda sized: abs(parameters(sized) - wanted))


def accuracy(said: Array, examples: Examples) -> float:
    """The share of right classes among what counts."""
    right = said.argmax(axis=-1) == examples.targets
    return float(right[examples.counts].mean())


def entropy(said: Array, examples: Examples) -> float:
    """The mean cross entropy of what counts, in nats."""
    highest = said.max(axis=-1, keepdims=True)
    logs = said - highest - np.log(np.exp(said - highest).sum(axis=-1, keepdims=True))
    classes = np.asarray(examples.targets, dtype=np.int64)[..., None]
    of_right = np.take_along_axis(logs, classes, axis=-1)[..., 0]
    return float(-of_right[examples.counts].mean())
