"""Fused multiply-adds: a product and a sum with one rounding, computed without any error."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Precision
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent
from tests.innocents.sums import pairwise

SPLIT = 2.0**27 + 1.0
"""Cuts the 53 digits of a float64 into two halves."""


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """A sum, and what it lost: both together are exact (Knuth 1969)."""
    whole = a + b
    part = whole - a
    return whole, (a - (whole - part)) + (b - part)


def two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """A product, and what it lost (Dekker 1971); exact as long as that is no tiny number."""

    def halves(x: Array) -> tuple[Array, Array]:
        high = SPLIT * x - (SPLIT * x - x)
        return high, x - high

    whole, (a_high, a_low), (b_high, b_low) = a * b, halves(a), halves(b)
    lost = a_low * b_low - (((whole - a_high * b_high) - a_low * b_high) - a_high * b_low)
    return whole, lost


def odd_sum(a: Array, b: Array) -> Array:
    """A sum that is not exact is the neighbour whose last digit is odd: rounded once more, to
    fewer digits, it is what the exact sum rounds to.
    """
    whole, lost = two_sum(a, b)
    even = np.asarray(whole).view(np.int64) % 2 == 0
    beyond = np.nextafter(whole, np.copysign(np.inf, lost))
    return np.where(even & np.isfinite(lost) & (lost != 0.0), beyond, whole)


def fused(a: Array, b: Array, c: Array, precision: Precision) -> Array:
    """``a * b + c``, rounded once.

    In float64 by three numbers that are exact together (Boldo and Melquiond 2008); in narrower
    formats the product of two numbers is a float64.
    """
    if precision.digits < 53:
        return precision.round(odd_sum(a * b, c))
    high, low = two_product(a, b)
    upper, lower = two_sum(c, low)
    whole, rest = two_sum(high, upper)
    exact = whole + odd_sum(rest, lower)
    return np.where(np.isfinite(exact), exact, a * b + c)


class Fused(Backward):
    """Every product that is added to something is fused with the addition."""

    lanes = 1

    def fused(self, a: Array, b: Array, c: Array) -> Array:
        return fused(a, b, c, PRECISIONS[self.case.dtype])

    def product(self, x: Array, w: Array) -> Array:
        sums = []
        for lane in range(min(self.lanes, w.shape[1])):
            whole = self.round(x[:, lane, None] * w[:, lane])
            for k in range(lane + self.lanes, w.shape[1], self.lanes):
                whole = self.fused(x[:, k, None], w[:, k], whole)
            sums.append(whole)
        return pairwise(sums, lambda a, b: self.round(a + b))

    def remembered(self, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
        return self.fused(forget, c, self.round(input * candidate))

    def peeped(self, total: Array, weight: Array, c: Array) -> Array:
        return self.fused(weight, c, total)

    def updated(self, z: Array, n: Array, h: Array) -> Array:
        return self.fused(z, h, self.round(self.round(1.0 - z) * n))


class FusedLanes(Fused):
    """As a kernel does; and of two products that are added, the other one is fused."""

    lanes = 4

    def remembered(self, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
        return self.fused(input, candidate, self.round(forget * c))

    def updated(self, z: Array, n: Array, h: Array) -> Array:
        return self.fused(z, self.round(h - n), n)


innocent("fused.in-order", "multiply and add are one operation: z * h + ((1 - z) * n)", Fused)
innocent("fused.lanes-of-4", "the same in 4 lanes; z * (h - n) + n", FusedLanes)
