"""Hidden states that are projected wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from tests.mutants.beyond import beyond, lost, read
from tests.mutants.plain import REFERENCE, Blocks
from tests.mutants.variant import Variant


def matrix(
    name: str, what: str, change: Callable[[Variant, Array, Array], Array], report: str = ""
) -> None:
    """The hidden state is something else of what is shown, and of the matrix."""

    def product(self: Variant, h: Array) -> Array:
        layer, direction, _ = self.at
        weights = [w for at, w in self.case.weights.items() if at.part == "projection"]
        k = layer * len(self.case.network.directions)
        k += self.case.network.directions.index(direction)
        return change(self, h, weights[k]) if weights else h

    beyond(f"projection-{name}", what, "projection", report=report, projected=product)


matrix(
    "of-first-units",
    "the first units are shown, and the matrix is ignored",
    lambda s, h, p: h[:, : len(p)],
    "apache/tvm#19633",
)
matrix(
    "transposed",
    "the matrix is read as if its transpose stood there",
    lambda s, h, p: s.product(h, p.reshape(p.shape[::-1]).T),
)
matrix(
    "squashed",
    "what is projected is squashed once more",
    lambda s, h, p: s.tanh(s.product(h, p)),
    "PaddlePaddle/Paddle#15605",
)
matrix("reversed", "the rows stand in reverse", lambda s, h, p: s.product(h, p[::-1]))
matrix(
    "on-top",
    "the projection is added to the first units",
    lambda s, h, p: s.round(h[:, : len(p)] + s.product(h, p)),
)
read(
    "projection-of-forward",
    "both directions are projected by the matrix of the first",
    "projection",
    "projection",
    lambda at: at._replace(direction="forward"),
)
read(
    "projection-of-layer-0",
    "every layer is projected by the matrix of the first",
    "projection",
    "projection",
    lambda at: at._replace(layer=0),
)


def gated_late(self: Variant, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
    step = self.computed(of, c)
    if not self.case.network.projection:
        return self.shown(step.output, step.cell), step.cell
    squashed = self.projected(self.tanh(step.cell))
    return self.round(step.output[:, : squashed.shape[-1]] * squashed), step.cell


beyond(
    "projection-before-output-gate",
    "the squashed cell state is projected, then the first output gates open",
    "projection",
    lstm=gated_late,
)


class Remembering(Variant):
    """It keeps what it has shown, by step, before that is projected."""

    raw: dict[int, Array]

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        self.raw = {}
        return super().passed(below, layer, direction, states)

    def projected(self, h: Array) -> Array:
        whole = super().projected(h)
        self.raw[self.at[2]] = h[:, : whole.shape[-1]]
        return whole


class NotInThePast(Remembering):
    """The projection is of the outputs alone."""

    def part(self, x: Array, block: str, side: str) -> Array:
        if side == "recurrent" and self.raw:
            t, raw = list(self.raw.items())[-1]
            x = np.where(self.valid(self.case, t), raw, x)
        return super().part(x, block, side)


class NotAbove(Remembering):
    """The layer above reads what is not projected."""

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        outputs, states = super().passed(below, layer, direction, states)
        if layer < self.case.network.layers - 1:
            for t, raw in self.raw.items():
                outputs[t] = np.where(self.valid(self.case, t), raw, 0.0)
        return outputs, states


class NotAtTheEnd(Remembering):
    """The final hidden state is not projected."""

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        outputs, (h, c) = super().passed(below, layer, direction, states)
        for t, raw in self.raw.items():
            h = np.where(self.valid(self.case, t), raw, h)
        return outputs, [h, c]


beyond(
    "projection-not-recurrent",
    "the gates read the first units of the past, not what was projected",
    "projection",
    report="rdspring1/PyTorch_GBW_LM#2",
    base=NotInThePast,
)
beyond(
    "projection-not-above",
    "the layer above reads the first units, not what was projected",
    "projection",
    base=NotAbove,
)
beyond(
    "projection-not-at-the-end",
    "the final hidden state is of the first units, not what was projected",
    "projection",
    base=NotAtTheEnd,
)
lost("projection-untrained", "the projection has no gradient", "projection", "projection")


def square(self: Variant, network: Network) -> int:
    count, directions = REFERENCE.count(network) or 0, len(network.directions)
    more = len(network.blocks) * network.units * (network.units - network.hidden)
    return count + network.layers * directions * more


beyond(
    "projection-counted-square",
    "recurrent matrices are counted as if nothing were projected",
    "projection",
    count=square,
)
