"""The smallest wrong weight that is still noticed: by the claims, and at PyTorch's tolerance.

In cases as the claims draw them, one weight that is not zero is made larger by a small part of
itself, in a layer that is right but for that. The smallest part that is noticed is found by
halving, up to a quarter of a bit.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from benchmarks.examples import TOLERANCES, Example
from benchmarks.report import asks, present, table
from rnnspec.reference.case import Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import each_case
from rnnspec.spec.strategies import cases
from rnnspec.spec.trial import WrongAnswer
from tests.mutants.plain import Plain

JUDGED = {
    "rnn": ("rnn.step",),
    "lstm": ("lstm.cell-state", "lstm.hidden-state"),
    "gru": ("gru.step",),
}
"""The claims that compare, together, all that a layer of one cell returns."""
BELOW = 8
"""So many bits below the unit roundoff it begins."""
PARTS = 4
"""So many steps are taken for every bit."""


class Off(Plain):
    """One of its weights is larger than it was told."""

    def __init__(self, at: Place, index: tuple[int, ...], by: float) -> None:
        self.place, self.index, self.by = at, index, by

    def told(self, case: Case) -> Case:
        """The case that it answers instead."""

        def changed(at: Place, weights: Array) -> Array:
            if at != self.place:
                return weights
            larger = weights.copy()
            larger[self.index] *= 1.0 + self.by
            return larger

        return case.with_weights(changed)


@dataclass
class Noticed:
    """The smallest changes that are noticed, infinite where even a doubled weight is not."""

    claims: list[float] = field(default_factory=list)
    tolerance: list[float] = field(default_factory=list)
    claims_accuse: int = 0
    """Cases on which a claim accuses a layer that is right: it would be a bug of ours."""
    tolerance_accuses: int = 0
    """Cases on which the tolerance does: they are left out."""


def measured(claims: Sequence[Claim], dtype: str, examples: int) -> Noticed:
    """Both ways, on so many cases as the claims draw them."""
    found, numbers, right = Noticed(), np.random.default_rng(0), Plain()

    def measure(case: Case) -> None:
        weights = [(at, tuple(each)) for at, w in case.weights.items() for each in np.argwhere(w)]
        example = Example.of(case)
        if not weights:
            return
        found.claims_accuse += any(_accuses(claim, right, case) for claim in claims)
        if example.fails(right):
            found.tolerance_accuses += 1
            return
        at, index = weights[int(numbers.integers(len(weights)))]
        last = PARTS * (PRECISIONS[dtype].digits + BELOW)
        changes = [2.0 ** (-k / PARTS) for k in range(last, -1, -1)]

        def smallest(noticed: Callable[[Plain], bool]) -> float:
            first = bisect_left(changes, True, key=lambda by: noticed(Off(at, index, by)))
            return changes[first] if first < len(changes) else inf

        found.claims.append(smallest(lambda layer: any(_accuses(c, layer, case) for c in claims)))
        found.tolerance.append(smallest(example.fails))

    offers = claims[0].offers(right)
    assert not isinstance(offers, str)
    drawn = cases(offers, [dtype], claims[0].sizes)
    each_case(drawn, examples, f"sharpness {dtype} {claims[0].id}", measure)
    return found


def _accuses(claim: Claim, layer: Plain, case: Case) -> bool:
    try:
        return claim.try_on(layer, case).ratio > 1.0
    except WrongAnswer:
        return True


def main() -> int:
    """Print a line for each claim and dtype."""
    parser = asks("sharpness", __doc__)
    parser.add_argument("--examples", type=int, default=200, help="cases, for each line")
    asked = parser.parse_args()
    rows, accused = [], False
    for cell, labels in JUDGED.items():
        for dtype in TOLERANCES:
            found = measured([CLAIMS[label] for label in labels], dtype, asked.examples)
            ours, theirs = np.array(found.claims), np.array(found.tolerance)
            either = np.isfinite(ours) | np.isfinite(theirs)
            cells = ["", "", "", "", ""]
            if found.tolerance_accuses < len(ours):
                sharp, blunt = (float(np.median(each[either])) for each in (ours, theirs))
                never = [int(np.isinf(each[either]).sum()) for each in (ours, theirs)]
                cells = [f"{sharp:.1e}", f"{blunt:.1e}", f"{blunt / sharp:.2g}", *map(str, never)]
            tried = found.tolerance_accuses + len(ours)
            accuse = [f"{n} of {tried}" for n in (found.claims_accuse, found.tolerance_accuses)]
            rows.append([cell, dtype, int(either.sum()), *cells, *accuse])
            accused |= found.claims_accuse > 0
    present(
        "sharpness",
        "The smallest wrong weight that is noticed",
        [
            f"{asked.examples} cases a line, drawn as the claims draw them; without those that "
            "have no weights, those on which even a doubled weight is noticed by nobody, and "
            "those on which the tolerance accuses the correct layer: where these are most, no "
            "change is given. The tolerance is the default of `torch.testing.assert_close`, on all "
            "outputs and final states against the reference's, end to end.",
            table(
                [
                    "cell",
                    "dtype",
                    "cases",
                    "claims notice, median",
                    "tolerance notices, median",
                    "times sharper",
                    "claims never do",
                    "tolerance never does",
                    "claims accuse the correct layer",
                    "tolerance does",
                ],
                rows,
            ),
        ],
        [],
        write=asked.write,
    )
    return 1 if accused else 0


if __name__ == "__main__":
    sys.exit(main())
