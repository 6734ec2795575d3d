"""Where the suite's time goes: examples a second by claim, and what is spent on what.

*Framework* is what the implementation takes for its runs, gradients and counts; *judge* what the
claims' checks take beside that; *contrast* the same check on the broken reference, which decides
whether an example is informative; *drawing* all the rest of a search: Hypothesis, the cases that
it draws, and copying them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.report import asks, present, table
from rnnspec import catalogue
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken
from rnnspec.spec.search import PROFILES, Verdict, search
from rnnspec.spec.trial import Trial

T = TypeVar("T")
IMPLEMENTATIONS = ("torch", "reference")
PARTS = ("drawing", "framework", "judge", "contrast")
SMALL = ("rnn.step", "lstm.cell-state", "lstm.hidden-state", "gru.step")
STEPS, UNITS = 5, 3
GOAL = 3.0
"""Milliseconds of the suite's own for an example of those sizes, at most."""


class Timed:
    """An implementation that knows how long it was at work."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation, self.seconds = implementation, 0.0
        self.name, self.levels = implementation.name, implementation.levels
        self.conventions, self.ways = implementation.conventions, implementation.ways
        self.palette = implementation.palette

    def versions(self) -> Mapping[str, str]:
        """As they are."""
        return self.implementation.versions()

    def offers(self, network: Network) -> str | None:
        """What it offers."""
        return self.implementation.offers(network)

    def session(self) -> AbstractContextManager[object]:
        """Its own."""
        return self.implementation.session()

    def run(self, case: Case) -> Answer:
        """Its answer."""
        return self._timed(lambda: self.implementation.run(case))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """Its gradients."""
        return self._timed(lambda: self.implementation.gradients(case, cotangents))

    def count(self, network: Network) -> int | None:
        """Its count."""
        return self._timed(lambda: self.implementation.count(network))

    def _timed(self, call: Callable[[], T]) -> T:
        started = time.process_time()
        try:
            return call()
        finally:
            self.seconds += time.process_time() - started


@dataclass(frozen=True)
class Spent:
    """What one search took, in seconds by part."""

    examples: int
    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        """All parts."""
        return sum(self.parts.values())

    @property
    def own(self) -> float:
        """All but the framework's, in milliseconds an example."""
        return 1e3 * (self.total - self.parts["framework"]) / self.examples

    def cells(self) -> list[str]:
        """Examples, examples a second, the share of each part, the suite's own milliseconds."""
        shares = [f"{100 * self.parts[name] / self.total:.0f} %" for name in PARTS]
        return [str(self.examples), f"{self.examples / self.total:.0f}", *shares, f"{self.own:.2f}"]


def spent(claim: Claim, implementation: Implementation, profile: str) -> Spent | None:
    """One search; None where the claim is not applicable.

    Raises RuntimeError where the claim does not hold: then an example more or less was shrunk.
    """
    timed, checks = Timed(implementation), {"judge": 0.0, "contrast": 0.0}

    def check(trial: Trial, case: Case) -> None:
        started = time.process_time()
        try:
            claim.check(trial, case)
        finally:
            part = "contrast" if isinstance(trial.implementation, Broken) else "judge"
            checks[part] += time.process_time() - started

    with timed.session():
        started = time.process_time()
        outcome = search(replace(claim, check=check), timed, profile)
        total = time.process_time() - started
    if outcome.verdict is Verdict.NOT_APPLICABLE:
        return None
    if outcome.verdict is not Verdict.HOLDS:
        raise RuntimeError(f"{claim.id} on {timed.name}: {outcome.verdict}, {outcome.reason}")
    parts = {
        "drawing": total - checks["judge"] - checks["contrast"],
        "framework": timed.seconds,
        "judge": checks["judge"] - timed.seconds,
        "contrast": checks["contrast"],
    }
    return Spent(outcome.examples, parts)


def together(all_of: Mapping[str, Spent]) -> Spent:
    """Several searches as one."""
    parts = {name: sum(each.parts[name] for each in all_of.values()) for name in PARTS}
    return Spent(sum(each.examples for each in all_of.values()), parts)


def small(claim: Claim) -> Claim:
    """The claim on one layer, forward, of fixed sizes: 3 inputs and units, 5 steps, 1 to 4 rows."""
    sizes = replace(
        claim.sizes,
        steps=(STEPS, STEPS),
        inputs=(UNITS, UNITS),
        units=(UNITS, UNITS),
        rows=(1, 4),
        large=False,
    )
    return replace(claim, sizes=sizes, about={**claim.about, "direction": ("forward",)})


def main() -> int:
    """Print a table for each implementation."""
    parser = asks("suite", __doc__)
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    asked = parser.parse_args()
    columns = ["claim", "examples", "a second", *PARTS, "own ms an example"]
    parts = [
        f"Profile {asked.profile}, seed 0; processor time. *Framework* is what the implementation "
        "takes, *judge* what the checks take beside, *contrast* the check on the broken "
        "reference, *drawing* all the rest. The suite's own part is all but the framework's."
    ]
    slow = False
    for name in IMPLEMENTATIONS:
        implementation = catalogue.load(name)
        fixed, every = {}, {}
        spent(CLAIMS[SMALL[0]], implementation, "quick")  # what is imported once is not counted
        for label, claim in CLAIMS.items():
            if label in SMALL and (one := spent(small(claim), implementation, asked.profile)):
                fixed[label] = one
            if claim.kind != "finding" and (one := spent(claim, implementation, asked.profile)):
                every[label] = one
                print(name, label, *one.cells(), file=sys.stderr, flush=True)
        every, fixed = ({**each, "together": together(each)} for each in (every, fixed))
        own = fixed["together"].own
        slow |= own > GOAL
        goal = f"{own:.2f} ms an example are the suite's own; the goal is at most {GOAL:g}."
        rows, few = ([[k, *v.cells()] for k, v in each.items()] for each in (every, fixed))
        parts += [f"## {name}", f"One layer, forward, T {STEPS}, H {UNITS}: {goal}"]
        parts += [table(columns, few), "Every claim, as it is:", table(columns, rows)]
    present("suite", "The suite's time", parts, ["hypothesis", "scipy", "torch"], write=asked.write)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
