"""Sums in other orders: every product of two numbers rounds, and every addition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from tests.innocents.backward import Backward
from tests.innocents.innocent import innocent
from tests.innocents.rounding import rounding

Terms = Sequence[Array]
Add = Callable[[Array, Array], Array]


class Summed(Backward):
    """``total`` adds up the terms of a product of a matrix, ``plus`` adds two of them."""

    def plus(self, a: Array, b: Array) -> Array:
        return self.round(a + b)

    def terms(self, x: Array, w: Array) -> list[Array]:
        products = self.round(x[:, None, :] * w)
        return [products[..., k] for k in range(products.shape[-1])]

    def product(self, x: Array, w: Array) -> Array:
        return self.total(self.terms(x, w))

    def total(self, terms: Terms) -> Array:
        return reduce(self.plus, terms)


def pairwise(terms: Terms, plus: Add) -> Array:
    """Neighbours, then the sums of neighbours, and so on."""
    while len(terms) > 1:
        odd = terms[len(terms) // 2 * 2 :]
        pairs = zip(terms[::2], terms[1::2], strict=False)
        terms = [*(plus(*pair) for pair in pairs), *odd]
    return terms[0]


def shuffled(terms: Terms, plus: Add) -> Array:
    """In an order without sense, the same for all sums of one length."""
    order = np.random.default_rng(len(terms)).permutation(len(terms))
    return reduce(plus, [terms[k] for k in order])


def lanes(width: int) -> Callable[[Terms, Add], Array]:
    """As a vector register does: each lane adds every so-many-th term, then the lanes are added."""
    return lambda terms, plus: pairwise(
        [reduce(plus, terms[k::width]) for k in range(min(width, len(terms)))], plus
    )


def blocks(width: int) -> Callable[[Terms, Add], Array]:
    """So many terms that are neighbours at a time, then what they add up to."""
    return lambda terms, plus: reduce(
        plus, [reduce(plus, terms[k : k + width]) for k in range(0, len(terms), width)]
    )


def compensated(terms: Terms, plus: Add) -> Array:
    """What each addition loses is added to the next term (Kahan 1965)."""
    whole, lost = terms[0], np.zeros_like(terms[0])
    for term in terms[1:]:
        more = plus(term, lost)
        after = plus(whole, more)
        lost = plus(more, -plus(after, -whole))
        whole, lost = after, np.where(np.isfinite(lost), lost, 0.0)  # infinity loses nothing
    return whole


for name, what, order in (
    ("in-order", "from the first to the last", lambda terms, plus: reduce(plus, terms)),
    ("reversed", "from the last to the first", lambda terms, plus: reduce(plus, terms[::-1])),
    ("pairwise", "pairwise", pairwise),
    ("shuffled", "in a shuffled order", shuffled),
    ("lanes-of-4", "in 4 lanes", lanes(4)),
    ("lanes-of-8", "in 8 lanes", lanes(8)),
    ("blocks-of-4", "by blocks of 4", blocks(4)),
    ("blocks-of-8", "by blocks of 8", blocks(8)),
    ("compensated", "with compensation for what each addition loses", compensated),
):
    innocent(
        f"sums.{name}",
        f"sums are added up {what}",
        Summed,
        total=lambda self, terms, order=order: order(terms, self.plus),
    )


class Wide(Summed):
    """Narrow formats are multiplied and accumulated in float32, and rounded at the end."""

    def product(self, x: Array, w: Array) -> Array:
        return self.round(self.accumulated(x, w))

    def accumulated(self, x: Array, w: Array) -> Array:
        narrow = self.case.dtype.endswith("float16")
        rounded = rounding(PRECISIONS["float32"]) if narrow else self.round
        products = rounded(x[:, None, :] * w)
        return reduce(lambda a, b: rounded(a + b), [products[..., k] for k in range(w.shape[-1])])


innocent("sums.wide", "float16 and bfloat16 are accumulated in float32", Wide)


class WideWithBias(Wide):
    def affine(self, x: Array, w: Array | None, b: Array | None) -> Array:
        assert w is not None
        return self.round(self.accumulated(x, w) + (0.0 if b is None else b))


innocent(
    "sums.wide-with-bias", "the same, and the bias is added before the sum is rounded", WideWithBias
)
