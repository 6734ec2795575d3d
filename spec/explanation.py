"""The convention that would explain a violation.

Each alternative is tried on the case that failed, then on more of them. One under which all pass is
named. Where none is, nothing is said: a guess would send the reader the wrong way.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.spec.alternatives import Alternative, alternatives
from rnnspec.spec.claim import Claim
from rnnspec.spec.search import Outcome, Verdict, each_case, judge
from rnnspec.spec.strategies import Offer, cases

MORE = 10
"""An alternative must pass on so many more cases."""
FAILING = 3
"""On at least so many of them the implementation must fail as declared: others tell nothing."""
DRAWN = 40
"""Where so many have not so many that fail, the defect is too rare to be a convention."""
FAILED = (Verdict.VIOLATED, Verdict.REFUSED, Verdict.ERROR)


def explain(outcome: Outcome, implementation: Implementation, seed: int = 0) -> None:
    """Give a violation its explanation, where there is one. Call it in a session.

    Never raises: whatever goes wrong here explains nothing, and the violation stands.
    """
    if outcome.verdict is not Verdict.VIOLATED or outcome.case is None:
        return
    try:
        tried = _Tried(outcome.claim, implementation, outcome.case, seed)
        for alternative in alternatives(implementation, outcome.case.network):
            if tried.explained_by(alternative):
                outcome.explanation = f"It would hold if {alternative}."
                return
    except (Exception, SystemExit):
        return


@dataclass
class _Tried:
    """A violation, and more cases of the cell that failed."""

    claim: Claim
    implementation: Implementation
    case: Case
    seed: int
    drawn: dict[tuple[Network, ...], list[tuple[Case, bool]]] = field(default_factory=dict)

    def explained_by(self, alternative: Alternative) -> bool:
        """Whether everything passes under an alternative, that did not without it."""
        try:
            # where it says nothing of the network that failed, the other cases decide alone
            if alternative.fits(self.case.network) and not self._passes(alternative, self.case):
                return False
            more = self._more(alternative)
            return bool(more) and all(
                self._passes(alternative, case, unjudged=not failed) for case, failed in more
            )
        except (Exception, SystemExit):
            return False

    def _passes(self, alternative: Alternative, case: Case, unjudged: bool = False) -> bool:
        """Whether a case holds; or has nothing that can be judged, where that is enough."""
        judged = judge(self.claim, alternative.implementation, alternative.judged(case)).verdict
        return judged is Verdict.HOLDS or (unjudged and judged is Verdict.INCONCLUSIVE)

    def _more(self, alternative: Alternative) -> list[tuple[Case, bool]]:
        """More cases, and whether they fail as declared. None where too few of them do."""
        offers = self.claim.offers(self.implementation)
        fitting = tuple(
            offer
            for offer in offers
            if isinstance(offer, Offer)
            and offer.network.cell == self.case.network.cell
            and alternative.fits(offer.network)
        )
        key = tuple(offer.network for offer in fitting)
        if key not in self.drawn:
            self.drawn[key] = self._judged(fitting)
        return self.drawn[key]

    def _judged(self, offers: tuple[Offer, ...]) -> list[tuple[Case, bool]]:
        found: list[Case] = []
        if offers:
            start = f"{self.seed} explain {self.claim.id}"
            drawn = cases(offers, [self.case.dtype], self.claim.sizes)
            each_case(drawn, DRAWN, start, found.append)
        judged: list[tuple[Case, bool]] = []
        for case in found:
            verdict = judge(self.claim, self.implementation, case).verdict
            judged.append((case, verdict in FAILED))
            if len(judged) >= MORE and sum(failed for _, failed in judged) >= FAILING:
                return judged
        return []
