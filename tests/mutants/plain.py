"""A recurrent layer as one would write it by hand, every operation rounded: what a mutant is a
small change of.

It shares no equation with the reference. What a mutant may change is a method of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import expit

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level

REFERENCE = ReferenceLayer()
Blocks = Mapping[str, Array]
"""Numbers by gate, or candidate: each ``(B, H)``."""


class Plain:
    """Step by step, row by row side by side; ``told`` and ``returned`` are the way in and out."""

    name = "plain"
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    palette: Sequence[Mapping[str, int]] = ()
    ways: Mapping[str, str] = {"again": "path", "batch first": "layout"}
    conventions: Mapping[str, Conventions] = {
        cell: replace(each, extras=()) for cell, each in ReferenceLayer.conventions.items()
    }

    def versions(self) -> Mapping[str, str]:
        return {}

    def offers(self, network: Network) -> str | None:
        return self.conventions[network.cell].refuses(network)

    def session(self) -> AbstractContextManager[object]:
        return nullcontext()

    # ---- the way in and out

    def told(self, case: Case) -> Case:
        """What the layer makes of what it is asked."""
        return case

    def returned(self, case: Case, answer: Answer) -> Answer:
        """What it gives back of what it found."""
        return answer

    def run(self, case: Case) -> Answer:
        with np.errstate(all="ignore"):
            told = self.told(case)
            return self.returned(case, self.unrolled(told))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        return REFERENCE.gradients(case, cotangents)

    def count(self, network: Network) -> int | None:
        return REFERENCE.count(network)

    # ---- layers, directions, steps

    def unrolled(self, case: Case) -> Answer:
        self.case, self.round = case, PRECISIONS[case.dtype].round
        network = case.network
        finals: dict[str, list[Array]] = {name: [] for name in network.states}
        below = case.inputs
        for layer in range(network.layers):
            halves = []
            for direction in network.directions:
                index = layer * len(network.directions) + network.directions.index(direction)
                outputs, states = self.passed(below, layer, direction, self.initial(case, index))
                halves.append(outputs)
                for name, state in zip(network.states, states, strict=True):
                    finals[name].append(state)
            below = self.merged(below, halves, layer)
        return Answer(below, {name: np.stack(states) for name, states in finals.items()})

    def initial(self, case: Case, index: int) -> list[Array]:
        """The states that a direction of a layer starts from."""
        return [case.state(name)[index] for name in case.network.states]

    def merged(self, below: Array, halves: Sequence[Array], layer: int) -> Array:
        """The outputs of a layer, of those of its directions."""
        return np.concatenate(halves, axis=-1)

    def order(self, steps: int, direction: str) -> Sequence[int]:
        """The steps, in the order in which a direction takes them."""
        return range(steps) if direction == "forward" else range(steps)[::-1]

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        """One direction of one layer over time."""
        case, outputs = self.case, np.zeros((*below.shape[:2], self.case.network.hidden))
        for t in self.order(case.steps, direction):
            after = self.step(below[t], states, layer, direction, t)
            valid = self.valid(case, t)
            states = [np.where(valid, a, s) for a, s in zip(after, states, strict=True)]
            outputs[t] = np.where(valid, states[0], 0.0)
        return outputs, states

    def valid(self, case: Case, t: int) -> Any:
        """Which rows still go on at a step, ``(B, 1)``."""
        return True if case.lengths is None else (t < case.lengths)[:, None]

    # ---- one step

    def step(
        self, x: Array, states: list[Array], layer: int, direction: str, t: int
    ) -> list[Array]:
        network, self.at = self.case.network, (layer, direction, t)
        drive = {block: self.part(x, block, "input") for block in network.blocks}
        match network.cell:
            case "rnn":
                return [self.rnn(drive["hidden"], self.part(states[0], "hidden", "recurrent"))]
            case "lstm":
                past = {block: self.part(states[0], block, "recurrent") for block in drive}
                sums = {block: self.added(drive[block], past[block], block) for block in drive}
                return list(self.lstm(sums, *states))
            case _:
                return [self.gru(drive, states[0])]

    def part(self, x: Array, block: str, side: str) -> Array:
        """What one side contributes to a block."""
        layer, direction, _ = self.at
        at = Place(layer, direction, block, side)
        return self.affine(x, self.weight(at), self.weight(at._replace(part=f"{side}_bias")))

    def weight(self, at: Place) -> Array | None:
        return self.case.weights.get(at)

    def affine(self, x: Array, w: Array | None, b: Array | None) -> Array:
        assert w is not None
        product = self.product(x, w)
        return product if b is None else self.round(product + b)

    def product(self, x: Array, w: Array) -> Array:
        return self.round(x @ w.T)

    def sigmoid(self, x: Array) -> Array:
        return self.round(expit(x))

    def tanh(self, x: Array) -> Array:
        return self.round(np.tanh(x))

    def added(self, drive: Array, past: Array, block: str) -> Array:
        """What the input and the past contribute to a block, together."""
        return self.round(drive + past)

    def rnn(self, drive: Array, past: Array) -> Array:
        total = self.added(drive, past, "hidden")
        if self.case.network.activation == "relu":
            return np.maximum(total, 0.0)
        return self.tanh(total)

    def lstm(self, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
        forget, input, output = (self.sigmoid(of[b]) for b in ("forget", "input", "output"))
        c = self.remembered(forget, c, input, self.tanh(of["candidate"]))
        return self.shown(output, c), c

    def remembered(self, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
        """An LSTM's new cell state."""
        return self.round(self.round(forget * c) + self.round(input * candidate))

    def shown(self, output: Array, c: Array) -> Array:
        """What an LSTM shows of its cell state."""
        return self.round(output * self.tanh(c))

    def gru(self, drive: Blocks, h: Array) -> Array:
        r = self.sigmoid(self.added(drive["reset"], self.part(h, "reset", "recurrent"), "reset"))
        z = self.sigmoid(self.added(drive["update"], self.part(h, "update", "recurrent"), "update"))
        n = self.tanh(self.added(drive["candidate"], self.past(r, h), "candidate"))
        return self.updated(z, n, h)

    def past(self, r: Array, h: Array) -> Array:
        """What the past contributes to a GRU's candidate."""
        if self.case.network.reset == "after":
            return self.round(r * self.part(h, "candidate", "recurrent"))
        return self.part(self.round(r * h), "candidate", "recurrent")

    def updated(self, z: Array, n: Array, h: Array) -> Array:
        """A GRU's new hidden state."""
        return self.round(self.round((1.0 - z) * n) + self.round(z * h))
