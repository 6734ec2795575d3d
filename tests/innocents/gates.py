"""Gates, states and slopes, written in other ways."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent
from tests.mutants.plain import Blocks

ABSOLUTE_IN_ALL = dict.fromkeys(PRECISIONS, ABSOLUTE)

innocent(
    "gru.interpolated",
    "n + z * (h - n)",
    updated=lambda self, z, n, h: self.round(n + self.round(z * self.round(h - n))),
)


class Complement(Backward):
    """A GRU by the share that it takes of the candidate: 1 - z, which has not the digits of a
    small z. So what the gate does, seen from outside, is accurate to full scale alone.
    """

    levels = ABSOLUTE_IN_ALL

    def updated(self, z: Array, n: Array, h: Array) -> Array:
        return self.round(h - self.round(self.round(1.0 - z) * self.round(h - n)))


innocent("gru.from-the-past", "h - (1 - z) * (h - n)", Complement, ABSOLUTE_IN_ALL)


class Takes(Complement):
    """The update gate takes the candidate: it is the sigmoid of the opposite argument."""

    def gru(self, drive: Blocks, h: Array) -> Array:
        r = self.sigmoid(self.added(drive["reset"], self.part(h, "reset", "recurrent"), "reset"))
        past = self.part(h, "update", "recurrent")
        u = self.sigmoid(-self.added(drive["update"], past, "update"))
        n = self.tanh(self.added(drive["candidate"], self.past(r, h), "candidate"))
        return self.taken(u, n, h)

    def taken(self, u: Array, n: Array, h: Array) -> Array:
        return self.round(self.round(self.round(1.0 - u) * h) + self.round(u * n))


class TakesFrom(Takes):
    def taken(self, u: Array, n: Array, h: Array) -> Array:
        return self.round(h + self.round(u * self.round(n - h)))


innocent("gru.takes", "(1 - u) * h + u * n, u of the opposite argument", Takes, ABSOLUTE_IN_ALL)
innocent("gru.takes-from", "h + u * (n - h), the same", TakesFrom, ABSOLUTE_IN_ALL)


class OtherSlopes(Backward):
    """y - y * y, and (1 - y) (1 + y)."""

    def sigmoid_slope(self, y: Array) -> Array:
        return self.round(y - self.round(y * y))

    def tanh_slope(self, y: Array) -> Array:
        return self.times(self.round(1.0 - y), self.round(1.0 + y))


innocent("gradients.other-slopes", "y - y * y for sigmoid, (1 - y) (1 + y) for tanh", OtherSlopes)


class OtherBrackets(Backward):
    """The slopes are multiplied with what lies behind them first, the cotangent comes last."""

    def chained(self, owed: Array, factor: Array, slope: Array) -> Array:
        return self.times(self.times(slope, factor), owed)


innocent("gradients.other-brackets", "an LSTM's cotangents are multiplied last", OtherBrackets)
innocent(
    "gradients.at-once",
    "the gradient of a matrix is one product over all steps",
    gathered=lambda self, terms: self.product(
        np.concatenate([owed for owed, _ in terms]).T, np.concatenate([x for _, x in terms]).T
    ),
)
