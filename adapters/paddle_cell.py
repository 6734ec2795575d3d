"""PaddlePaddle's cells: ``SimpleRNNCell``, ``LSTMCell``, ``GRUCell``, in ``RNN`` and ``BiRNN``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnnspec.adapters.paddle_ import EVALUATION, STATIC, TIME_MAJOR, PaddleLayer
from rnnspec.adapters.paddle_script import SIDES, cells_of, counting, leaves, of_cells
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

DIRECTIONS = ("forward", "backward", "both")
STEPWISE = "step by step"
"""The way that calls the cells themselves, row by row as far as a row goes."""


class PaddleCell(PaddleLayer):
    """The cells, looped over by ``RNN`` (in either direction) or by ``BiRNN``.

    What these put out past the end of a row is documented nowhere.
    """

    name = "paddle-cell"
    conventions: Mapping[str, Conventions] = {
        cell: replace(
            how,
            biases=tuple(SIDES),
            directions=DIRECTIONS,
            layers=1,
            past_end=dict.fromkeys(DIRECTIONS, "unspecified"),
            extras=(),
        )
        for cell, how in PaddleLayer.conventions.items()
    }
    ways: Mapping[str, str] = {
        EVALUATION: "path",
        STATIC: "path",
        STEPWISE: "path",
        TIME_MAJOR: "layout",
    }
    suffix = "Cell"

    def built(self, network: Network, dtype: str, way: str = "") -> Any:
        """A cell of a network's sizes in an RNN, or two in a BiRNN."""
        cells = [self.module(network, dtype) for _ in network.directions]
        major = way == TIME_MAJOR
        if network.direction == "both":
            return self.paddle.nn.BiRNN(*cells, time_major=major)
        backward = network.direction == "backward"
        return self.paddle.nn.RNN(*cells, is_reverse=backward, time_major=major)

    def looped(self, layer: Any, k: int) -> Any:
        """There is one."""
        return layer

    def nested(self, network: Network, states: Mapping[str, Any]) -> Any:
        """A cell's states have no axis of layers; there is one cell's after the other."""
        nested = super().nested
        each = [
            nested(network, {name: state[k] for name, state in states.items()})
            for k in range(len(network.directions))
        ]
        if not states:
            return None
        return tuple(each) if len(each) > 1 else each[0]

    def joined(self, network: Network, states: Any) -> dict[str, Any]:
        """The inverse."""
        joined = super().joined
        each = [joined(network, s) for s in (states if network.direction == "both" else [states])]
        return {name: self.paddle.stack([s[name] for s in each]) for name in network.states}

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """A case of the ordinary way, in Paddle's own words."""
        how = self.conventions[case.network.cell]
        return None if case.way else of_cells(case, how, cotangents)

    def counting(self, network: Network) -> str | None:
        """The same, of each cell."""
        return counting(cells_of(network))

    def leaves(self, case: Case) -> dict[str, Array]:
        """The same, of each cell."""
        return leaves(case, self.conventions[case.network.cell], cells=True)

    def forward(
        self, layer: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """In an RNN or BiRNN; or by the cells themselves."""
        if case.way != STEPWISE:
            return super().forward(layer, case, inputs, given)
        states = self.completed(case, given)
        rows = [
            self._row(layer, case, row, inputs, {n: s[:, row : row + 1] for n, s in states.items()})
            for row in range(case.rows)
        ]
        return {name: self.paddle.concat([row[name] for row in rows], 1) for name in rows[0]}

    def _row(
        self, layer: Any, case: Case, row: int, inputs: Any, states: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One row, cut to its length; past its end stands 0."""
        network, end = case.network, case.steps
        if case.lengths is not None:
            end = int(case.lengths[row])
        halves, finals = [], []
        for k, ((_, direction), cell) in enumerate(self.cells(layer, network)):
            held = super().nested(network, {name: state[k] for name, state in states.items()})
            outputs = [self.paddle.zeros([1, network.units], inputs.dtype)] * case.steps
            for t in range(end) if direction == "forward" else reversed(range(end)):
                outputs[t], held = cell(inputs[t, row : row + 1], held)
            halves.append(self.paddle.stack(outputs))
            finals.append(held)
        nested = tuple(finals) if network.direction == "both" else finals[0]
        return {"outputs": self.paddle.concat(halves, -1), **self.joined(network, nested)}
