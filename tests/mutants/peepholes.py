"""Gates that see the cell state wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from tests.mutants.beyond import beyond, lost, read
from tests.mutants.plain import Blocks
from tests.mutants.variant import Computed, Variant

NOWHERE = Place(-1, "", "", "")


def sees(name: str, what: str, change: Callable[[Variant, Array], Array]) -> None:
    """Every gate sees something else than the cell state."""

    def seen(self: Variant, total: Array, block: str, c: Array) -> Array:
        return Variant.seen(self, total, block, change(self, c))

    beyond(f"peepholes-{name}", what, "peepholes", seen=seen)


sees(
    "whole", "a gate sees the sum of all cell states", lambda s, c: c.sum(-1, keepdims=True) + 0 * c
)
sees("neighbour", "a gate sees the cell state of the next unit", lambda s, c: np.roll(c, 1, -1))
sees("squashed", "a gate sees the cell state squashed", lambda s, c: s.tanh(c))


def reads(name: str, what: str, where: Callable[[Place], Place], report: str = "") -> None:
    """The weights of peepholes are read elsewhere."""
    read(f"peepholes-{name}", what, "peepholes", "peephole", where, report)


reads("ignored", "peepholes are accepted and ignored", lambda at: NOWHERE, "apache/tvm#19633")
reads(
    "in-another-order",
    "peepholes stand as input, output, forget, and are read as input, forget, output",
    lambda at: at._replace(block={"forget": "output", "output": "forget"}.get(at.block, at.block)),
    "webmachinelearning/webnn-baseline#81",
)
reads(
    "not-backward",
    "the backward direction has no peepholes",
    lambda at: at if at.direction == "forward" else NOWHERE,
)
reads("of-layer-0", "every layer has the peepholes of the first", lambda at: at._replace(layer=0))


def one_for_all(self: Variant, at: Place) -> Array | None:
    """The weight of the first unit, for every unit."""
    weight = Variant.weight(self, at)
    return weight if weight is None or at.part != "peephole" else np.full_like(weight, weight[0])


beyond("peepholes-shared", "all units share one peephole", "peepholes", weight=one_for_all)


class Watching(Variant):
    """It keeps the cell state that a step began with, and the one that it ended with."""

    old: Array
    new: Array | None = None

    def computed(self, of: Blocks, c: Array) -> Computed:
        self.old, self.new = c, None
        self.new = Variant.computed(self, of, c).cell
        return Variant.computed(self, of, c)


def output_sees_old(self: Watching, total: Array, block: str, c: Array) -> Array:
    return Variant.seen(self, total, block, self.old)


def forget_sees_new(self: Watching, total: Array, block: str, c: Array) -> Array:
    sees_new = block == "forget" and self.new is not None
    return Variant.seen(self, total, block, self.new if sees_new else c)  # type: ignore[arg-type]


def candidate_sees(self: Watching, total: Array, block: str) -> Array:
    weight = self.weight(Place(*self.at[:2], "input", "peephole"))
    if block == "candidate" and weight is not None:
        total = self.peeped(total, weight, self.old)
    return Variant.clipped(self, total, block)


beyond(
    "peepholes-all-old",
    "the output gate sees the old cell state",
    "peepholes",
    report="MartinuzziFrancesco/LuxRecurrentLayers.jl#29",
    base=Watching,
    seen=output_sees_old,
)
beyond(
    "peepholes-forget-sees-new",
    "the forget gate sees the new cell state",
    "peepholes",
    base=Watching,
    seen=forget_sees_new,
)
beyond(
    "peepholes-candidate-sees",
    "the candidate sees the cell state, too, as the input gate does",
    "peepholes",
    base=Watching,
    clipped=candidate_sees,
)
lost("peepholes-untrained", "peepholes have no gradient", "peepholes", "peephole")


def without(self: Variant, network: Network) -> int:
    places = network.places()
    return sum(int(np.prod(shape)) for at, shape in places if at.part != "peephole")


beyond("peepholes-not-counted", "peepholes are not counted", "peepholes", count=without)
