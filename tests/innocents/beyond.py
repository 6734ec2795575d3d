"""What is beyond the cards, written in other ways."""

from __future__ import annotations

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent

innocent(
    "beyond.rest-of-opposite",
    "coupled gates: the forget gate is the sigmoid of the opposite argument",
    rest=lambda self, input, argument: self.sigmoid(-argument),
)


class Interpolated(Backward):
    """``c + i * (g - c)``: with coupled gates the cell state goes some way to the candidate."""

    def remembered(self, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
        if not self.case.network.coupled:
            return super().remembered(forget, c, input, candidate)
        return self.round(c + self.round(input * self.round(candidate - c)))


innocent("beyond.interpolated", "coupled gates: c + i * (g - c)", Interpolated)


class PeepholesFirst(Backward):
    """What a gate sees of the cell state is added to the past, and then to the input."""

    def unrolled(self, case: Case) -> Answer:
        self.sides: dict[str, tuple[Array, Array]] = {}
        return super().unrolled(case)

    def added(self, drive: Array, past: Array, block: str) -> Array:
        self.sides[block] = drive, past
        return super().added(drive, past, block)

    def seen(self, total: Array, block: str, c: Array) -> Array:
        weight = self.weight(Place(*self.at[:2], block, "peephole"))
        if weight is None:
            return super().seen(total, block, c)
        drive, past = self.sides[block]
        return self.clipped(self.round(drive + self.peeped(past, weight, c)), block)


innocent(
    "beyond.peepholes-first", "peepholes: the past and what is seen are added first", PeepholesFirst
)
