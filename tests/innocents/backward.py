"""A plain layer with a way back that is written by hand: what an innocent is another way to write.

It shares nothing with the tape of the reference. It keeps with what each step began, and goes back
through layers, directions and steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Precision
from tests.innocents.rounding import Round, rounding
from tests.innocents.step_back import StepBack


class Backward(StepBack):
    """``arithmetic`` says how every operation rounds, ``facing`` which way a sequence is turned."""

    def arithmetic(self, precision: Precision) -> Round:
        """What is done to the result of every operation."""
        return rounding(precision)

    def facing(self, sequence: Array, direction: str) -> Array:
        """A sequence ``(T, B, ...)`` as a direction goes through it, and back."""
        return sequence

    def told(self, case: Case) -> Case:
        """Where batch first is asked for, the rows come first in memory."""
        if self.ways.get(case.way) == "layout":
            case = case.changed(inputs=case.inputs.swapaxes(0, 1).copy().swapaxes(0, 1))
        return case

    def unrolled(self, case: Case) -> Answer:
        self.entered: dict[tuple[int, str, int], tuple[Array, list[Array]]] = {}
        return super().unrolled(case)

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        self.round = self.arithmetic(PRECISIONS[self.case.dtype])
        return super().passed(below, layer, direction, states)

    def step(
        self, x: Array, states: list[Array], layer: int, direction: str, t: int
    ) -> list[Array]:
        self.entered[layer, direction, t] = x, states
        return super().step(x, states, layer, direction, t)

    # ---- back through layers, directions, steps

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        with np.errstate(all="ignore"):
            case = self.told(case)
            answer = self.returned(case, self.unrolled(case))
            network = case.network
            self.owing = {at: [] for at in case.weights}
            states = {
                n: cotangents.get(n, np.zeros(case.shape_of(n))).copy() for n in network.states
            }
            owed = cotangents.get("outputs", np.zeros(case.output_shape))
            for layer in reversed(range(network.layers)):
                below = np.zeros((*owed.shape[:2], network.width(layer)))
                halves = np.split(owed, len(network.directions), axis=-1)
                for k, direction in enumerate(network.directions):
                    index = layer * len(network.directions) + k
                    ends = [states[name][index] for name in network.states]
                    further, starts = self.passed_back(halves[k], layer, direction, ends)
                    below = self.round(below + further)
                    for name, start in zip(network.states, starts, strict=True):
                        states[name][index] = start
                owed = below
            rounded = PRECISIONS[case.dtype].round
            weights = {at: rounded(self.gathered(t)) for at, t in self.owing.items()}
            given = {name: rounded(states[name]) for name in case.states}
            return Gradients(
                answer,
                rounded(owed),
                given,
                {at: g.reshape(case.weights[at].shape) for at, g in weights.items()},
            )

    def gathered(self, terms: Sequence[tuple[Array, Array]]) -> Array:
        """The gradient of a matrix, of what each step owes it: ``(B, H)`` and what it read."""
        whole = np.zeros((terms[0][0].shape[1], terms[0][1].shape[1]))
        for owed, read in terms:
            whole = self.round(whole + self.product(owed.T, read.T))
        return whole

    def passed_back(
        self, owed: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        """Back through one direction of one layer: what is owed to what it read, and to the states
        that it started from.
        """
        owed = self.facing(owed, direction)
        below = np.zeros((*owed.shape[:2], self.case.network.width(layer)))
        for t in reversed(self.order(self.case.steps, direction)):
            self.at = layer, direction, t
            x, before = self.entered[self.at]
            valid = self.valid(self.case, t)
            own = [np.where(valid, s, 0.0) for s in states]
            own[0] = self.round(own[0] + np.where(valid, owed[t], 0.0))
            below[t], back = self.stepped_back(np.where(valid, x, 0.0), before, own)
            states = [np.where(valid, b, s) for b, s in zip(back, states, strict=True)]
        return self.facing(below, direction), states
