"""Gates that are coupled wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnspec.reference.operations import Array
from tests.mutants.beyond import beyond
from tests.mutants.plain import Blocks
from tests.mutants.variant import Computed, Variant


def leaves(
    name: str, what: str, rest: Callable[[Variant, Array, Array], Array], report: str = ""
) -> None:
    """Another forget gate, of the layer, its input gate, and what that sees."""
    beyond(
        f"coupled-{name}",
        what,
        "coupled",
        report=report,
        rest=lambda self, input, argument: self.round(rest(self, input, argument)),
    )


leaves("alike", "the forget gate is the input gate", lambda s, i, x: i)
leaves("all-kept", "the forget gate is open, as if there were none", lambda s, i, x: 0 * i + 1)
leaves(
    "as-if-zeros",
    "coupling is ignored: the forget gate has a block of zeros",
    lambda s, i, x: 0 * i + 0.5,
    "sonos/tract#2751",
)
leaves("inside", "1 - x is taken before the sigmoid", lambda s, i, x: s.sigmoid(1.0 - x))
leaves(
    "by-mean",
    "what is left is the mean of all units'",
    lambda s, i, x: 1 - 0 * i - i.mean(-1, keepdims=True),
)
leaves("to-one-square", "the squares of both gates add up to 1", lambda s, i, x: np.sqrt(1 - i * i))


def exchanged(self: Variant, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
    if self.case.network.coupled:
        forget, input = input, forget
    return Variant.remembered(self, forget, c, input, candidate)


beyond(
    "coupled-the-other-way",
    "the block is the forget gate's, and the input gate is what that leaves",
    "coupled",
    remembered=exchanged,
)


class Blind(Variant):
    """What the forget gate is the rest of has not seen the cell state."""

    unseen: Array

    def computed(self, of: Blocks, c: Array) -> Computed:
        self.unseen = of["input"]
        return Variant.computed(self, of, c)

    def rest(self, input: Array, argument: Array) -> Array:
        return Variant.rest(self, self.sigmoid(self.unseen), self.unseen)


beyond(
    "coupled-before-peepholes",
    "the forget gate is what the input gate would leave without its peephole",
    *("coupled", "peepholes"),
    base=Blind,
)
