"""Divergences that are known: a claim that is waived for an adapter is still run.

While it fails, it is *waived*; as soon as it holds, the waiver is *stale*, and that is a failure.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import EXTRAS
from rnnspec.replay import tried
from rnnspec.spec.claim import Claim
from rnnspec.spec.search import Outcome, Verdict, each_case, judge
from rnnspec.spec.strategies import cases
from rnnspec.version_ranges import Ranges, unmet

Search = Callable[[Callable[[Case], bool] | None], Outcome]
"""The search for a counterexample, leaving out cases of which something is true."""
DRAWN, TRIED = 60, 12
"""So many cases are drawn in each dtype, to see whether what is excused still fails; so many of
those that are excused are tried."""

EXCUSED = (Verdict.VIOLATED, Verdict.REFUSED, Verdict.ERROR)
"""What a waiver excuses."""


@dataclass(frozen=True)
class Waiver:
    """A table of a waiver file."""

    place: str
    """Where in the file it stands."""
    claim: str
    adapter: str
    versions: Ranges
    """The versions under test for which it is meant, by package."""
    reason: str
    link: str | None = None
    reproducer: str | None = None
    """A path, as the file has it; so is the next."""
    counterexample: str | None = None
    data: Mapping[str, Any] | None = None
    """The counterexample, as it was read."""
    when: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    """Which cases it excuses: those of which one of these is true, by ``facts``; all where there
    are none. The others are searched as ever."""

    def __str__(self) -> str:
        """The reason, and where more stands."""
        return f"{self.reason} ({self.link or self.reproducer})"

    def as_dict(self) -> dict[str, str | None]:
        """What a report says of it."""
        names = ("reason", "link", "reproducer", "counterexample")
        return {name: getattr(self, name) for name in names}

    def excuses(self, case: Case) -> bool:
        """Whether a case is one of those that are known to fail."""
        known = facts(case)
        return not self.when or any(
            all(_among(known.get(name), values) for name, values in when.items())
            for when in self.when
        )

    def judged(
        self, claim: Claim, implementation: Implementation, search: Search, seed: int
    ) -> Outcome:
        """A claim's outcome, given the waiver: what it excuses is tried, but not searched."""
        known = self.known(implementation)
        if not self.when:
            return known or self.settled(search(None))
        if known is None and not self._still_fails(claim, implementation, seed):
            return self.settled(search(None))
        outcome = search(self.excuses)
        if outcome.verdict is Verdict.HOLDS:
            told = (", ".join(f"{n} {' or '.join(of)}" for n, of in w.items()) for w in self.when)
            outcome.verdict = Verdict.WAIVED
            outcome.reason = f"{self}; it fails with {'; and with '.join(told)}; it holds otherwise"
        return outcome

    def _still_fails(self, claim: Claim, implementation: Implementation, seed: int) -> bool:
        """Whether some of the first cases that it excuses, as they are drawn, fail."""
        offers = claim.offers(implementation)
        found: list[Case] = []
        if isinstance(offers, str):
            return False
        for dtype in implementation.levels:
            drawn = cases(offers, [dtype], claim.sizes)
            each_case(drawn, DRAWN, f"{seed} waived {claim.id} {dtype}", found.append)
        excused = [case for case in found if self.excuses(case)]
        tried = excused[:: max(1, len(excused) // TRIED)]
        return any(judge(claim, implementation, case).verdict in EXCUSED for case in tried)

    def known(self, implementation: Implementation) -> Outcome | None:
        """*Waived*, where its counterexample still fails. Call it in a session."""
        if self.data is None:
            return None
        started = time.monotonic()
        outcome = tried(self.data, implementation)
        if outcome.verdict not in EXCUSED:
            return None
        reason = f"{self}; its counterexample still fails: {outcome.reason}"
        # the counterexample is in the waiver: it is neither printed nor kept once more
        return Outcome(
            outcome.claim,
            Verdict.WAIVED,
            reason,
            outcome.examples,
            seconds=time.monotonic() - started,
            dtypes=outcome.dtypes,
        )

    def settled(self, outcome: Outcome) -> Outcome:
        """What a search found, given the waiver."""
        excused = outcome.case is None or self.excuses(outcome.case)
        if outcome.verdict in EXCUSED and excused:
            new = "its counterexample passes now, another" if self.data else "a counterexample"
            seen = f"{new} was found: {outcome.verdict}: {outcome.reason}"
            outcome.verdict, outcome.reason = Verdict.WAIVED, f"{self}; {seen}"
        elif outcome.verdict is Verdict.HOLDS:
            outcome.verdict = Verdict.STALE_WAIVER
            outcome.reason = f"the claim holds now, take {self.place} out: {self}"
        return outcome


def _among(known: str | None, values: tuple[str, ...]) -> bool:
    """Whether a fact is one of these values; ``4+`` is every whole number from 4 on."""
    least = (int(value[:-1]) for value in values if re.fullmatch(r"\d+\+", value))
    return known in values or (
        known is not None and known.isdecimal() and any(int(known) >= number for number in least)
    )


def facts(case: Case) -> dict[str, str]:
    """What a waiver may ask of a case."""
    return {
        **{name: str(value) for name, value in case.network.as_dict().items()},
        **{name: "on" if name in case.network.extras else "off" for name in EXTRAS},
        "dtype": case.dtype,
        "way": case.way or "ordinary",
        "lengths": "none" if case.lengths is None else "given",
        "states": "given" if case.states else "none",
        "steps": str(case.steps),
        **{name: str(value) for name, value in case.aim.items()},
    }


def applying(
    waivers: Iterable[Waiver], implementation: Implementation, versions: Mapping[str, str]
) -> tuple[dict[str, Waiver], dict[str, str]]:
    """The waivers for an implementation by claim; and why others of its own do not apply."""
    applied, notes = {}, {}
    for waiver in waivers:
        if waiver.adapter != implementation.name:
            # keras, on one of its backends
            if waiver.adapter == getattr(type(implementation), "name", None):
                why = f"{waiver.adapter} is {implementation.name} here, so name that"
                notes[waiver.claim] = f"{waiver.place} ({waiver.claim}) is not applied: {why}"
            continue
        if why := unmet(waiver.versions, versions):
            notes[waiver.claim] = f"{waiver.place} ({waiver.claim}) is not applied: {why}"
        else:
            applied[waiver.claim] = waiver
    # of two for one claim, the one that applies is enough
    return applied, {claim: note for claim, note in notes.items() if claim not in applied}
