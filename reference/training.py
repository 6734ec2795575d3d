"""Training: what an adapter is asked to learn, and what it gives back.

A recurrent network reads sequences, and a linear readout of its outputs says something at every
step. Where they start is drawn here and not by a framework: one seed is one start everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Weights
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

KEEPERS = {"lstm": "forget", "gru": "update"}
"""The gates that keep the past."""


@dataclass(frozen=True)
class Examples:
    """Sequences of one length, and what is to be said of them."""

    inputs: Array
    """``(T, N, I)``"""
    targets: npt.NDArray[np.int64] | Array
    """``(T, N)`` classes, or ``(T, N, O)`` numbers."""
    counts: npt.NDArray[np.bool_]
    """``(T, N)``: at which steps something is to be said."""

    def __len__(self) -> int:
        return int(self.inputs.shape[1])

    def chosen(self, rows: npt.NDArray[np.int64]) -> Examples:
        """Some of them."""
        return Examples(self.inputs[:, rows], self.targets[:, rows], self.counts[:, rows])


@dataclass(frozen=True)
class Training:
    """Where a network starts, and how it learns: Adam, of gradients clipped to a norm."""

    network: Network
    outputs: int
    """O: how many classes, or numbers, the readout says."""
    loss: str
    """``classes`` (cross entropy) or ``numbers`` (squared error), a mean over what counts."""
    updates: int
    """How many batches are learned from."""
    batch: int = 32
    rate: float = 0.01
    clip: float = 1.0
    """The largest norm of all gradients together."""
    seed: int = 0

    def start(self) -> tuple[Weights, Array]:
        """Initial weights, and the readout ``(O, D * H)``: uniform within the root of the number of
        units, biases 0, but for 1 on the gate that keeps the past (Jozefowicz et al. 2015).
        """
        net = self.network
        draw = np.random.default_rng([self.seed, 1])
        reach = net.units**-0.5
        weights = {place: draw.uniform(-reach, reach, shape) for place, shape in net.places()}
        side = "input_bias" if "input_bias" in {at.part for at in weights} else "recurrent_bias"
        for at, array in weights.items():
            if at.part.endswith("bias"):
                keeps = (at.block, at.part) == (KEEPERS.get(net.cell), side)
                weights[at] = np.full_like(array, float(keeps))
        joined = net.size("hidden") * len(net.directions)
        return weights, draw.uniform(-(joined**-0.5), joined**-0.5, (self.outputs, joined))

    def batches(self, examples: Examples) -> list[npt.NDArray[np.int64]]:
        """Which examples each update learns from: all in a random order, and again in another."""
        draw = np.random.default_rng([self.seed, 2])
        each = min(self.batch, len(examples))
        order: list[np.int64] = []
        chosen = []
        for _ in range(self.updates):
            if len(order) < each:
                order += list(draw.permutation(len(examples)))
            taken, order = order[:each], order[each:]
            chosen.append(np.array(taken, dtype=np.int64))
        return chosen


class Trained(Protocol):
    """A network that has learned."""

    losses: list[float]
    """One for each update, before it."""

    def weights(self) -> Weights:
        """The recurrent network's, by place."""

    def said(self, inputs: Array) -> Array:
        """What it says: ``(T, N, O)``, of classes before the softmax."""


@runtime_checkable
class Trains(Protocol):
    """An adapter that can train."""

    conventions: Mapping[str, Conventions]

    def versions(self) -> Mapping[str, str]:
        """As every implementation says them."""

    def train(self, training: Training, examples: Examples) -> Trained:
        """Learn. The same seed gives the same, on one machine."""
