"""Products of matrices, put together in other ways."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent
from tests.innocents.sums import Summed


class _Sided(Backward):
    """A gate's whole argument may be one sum; not so what a reset gate is multiplied by."""

    def apart(self, block: str) -> bool:
        """Whether what the past contributes to a block must be known by itself."""
        network = self.case.network
        return network.cell == "gru" and network.reset == "after" and block == "candidate"


class Joined(_Sided, Summed):
    """``[W; U] [x; h]`` and the biases in one accumulator: the input's side waits for the past."""

    bias_first = False

    def unrolled(self, case: Case) -> Answer:
        self.waiting: dict[str, Array] = {}
        return super().unrolled(case)

    def part(self, x: Array, block: str, side: str) -> Array:
        if self.apart(block):
            return super().part(x, block, side)
        at = Place(*self.at[:2], block, "input")
        if side == "input":
            self.waiting[block] = x
            return np.zeros((len(x), self.case.network.units))
        both = (self.waiting[block], at), (x, at._replace(part="recurrent"))
        terms = [
            term for read, place in both for term in self.terms(read, self.case.weights[place])
        ]
        biases = [self.weight(at._replace(part=f"{s}_bias")) for s in ("input", "recurrent")]
        given = [np.broadcast_to(b, terms[0].shape) for b in biases if b is not None]
        return self.total([*given, *terms] if self.bias_first else [*terms, *given])


class BiasFirst(Joined):
    bias_first = True


innocent("products.joined", "input and past in one sum, the biases last", Joined)
innocent("products.joined-bias-first", "input and past in one sum, from the biases on", BiasFirst)


class BiasesAdded(_Sided):
    """The biases of both sides are added together beforehand."""

    def weight(self, at: Place) -> Array | None:
        own = super().weight(at)
        if not at.part.endswith("bias") or self.apart(at.block):
            return own
        if at.part == "recurrent_bias":
            return None
        other = super().weight(at._replace(part="recurrent_bias"))
        if own is None or other is None:
            return other if own is None else own
        return self.round(own + other)


innocent("products.biases-added", "the two biases are added together beforehand", BiasesAdded)


class SideBySide(Backward):
    """All blocks in one product, of which each takes its own."""

    def part(self, x: Array, block: str, side: str) -> Array:
        blocks, units = self.case.network.blocks, self.case.network.units
        places = [Place(*self.at[:2], each, side) for each in blocks]
        whole = self.product(x, np.concatenate([self.case.weights[at] for at in places]))
        k = blocks.index(block)
        own = whole[:, k * units : (k + 1) * units]
        bias = self.weight(places[k]._replace(part=f"{side}_bias"))
        return own if bias is None else self.round(own + bias)


innocent("products.side-by-side", "all gates in one product", SideBySide)


class AllSteps(Backward):
    """What the inputs contribute is computed for all steps at once."""

    below: Array | None = None
    drives: dict[str, Array]

    def passed(
        self, below: Array, layer: int, direction: str, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        self.below, self.drives = below, {}
        passed = super().passed(below, layer, direction, states)
        self.below = None
        return passed

    def part(self, x: Array, block: str, side: str) -> Array:
        if side != "input" or self.below is None:
            return super().part(x, block, side)
        if block not in self.drives:
            flat = super().part(self.below.reshape(-1, x.shape[-1]), block, side)
            self.drives[block] = flat.reshape(*self.below.shape[:2], self.case.network.units)
        drive: Array = self.drives[block][self.at[2]]
        return drive


innocent("products.all-steps", "the input's part of all steps in one product", AllSteps)


innocent(
    "products.row-by-row",
    "each row of the batch by itself",
    product=lambda self, x, w: self.round(np.array([w @ row for row in x]).reshape(len(x), len(w))),
)
innocent(
    "products.columns",
    "the batch as columns: (W x^T)^T",
    product=lambda self, x, w: self.round((w @ x.T).T),
)
