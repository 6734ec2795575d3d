"""The search for a counterexample, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import ceil, inf
from pathlib import Path
from zlib import crc32

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.strategies import SearchStrategy

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Level
from rnnspec.spec.claim import Claim
from rnnspec.spec.strategies import Offer, Sizes, cases
from rnnspec.spec.trial import Comparison, NotOffered, Trial, told

PROFILES = {"quick": 20, "standard": 100, "thorough": 1000, "nightly": 1000}
"""How many informative examples a claim must have to hold."""
NIGHTLY = "nightly"
"""The profile with another seed every time, which keeps what fails and tries it first."""
FEWEST_KINDS = 4
"""Of networks, where something is built for each."""
ONCE_MORE = 10
"""So many examples at a time are drawn where something was aimed at in vain."""
SHRINKING = 120.0
"""Seconds in which a failing case is made smaller: a process that hangs takes long each time."""
PATIENCE = 10
"""A search gives up after so many times the examples that it needs."""


def needed(claim: Claim, profile: str) -> int:
    """How many informative examples a claim must have, over all dtypes."""
    return ceil(PROFILES[profile] / claim.fewer)


class Verdict(StrEnum):
    """What is said of a claim, for an implementation."""

    HOLDS = "holds"
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"
    NOT_RUN = "not run"
    INCONCLUSIVE = "inconclusive"
    VIOLATED = "violated"
    STALE_WAIVER = "stale waiver"
    REFUSED = "refused"
    ERROR = "error"
    ADAPTER_BROKEN = "adapter broken"


class Violated(Exception):
    """Tells Hypothesis that an example fails."""


@dataclass
class Outcome:
    """A verdict, and what it rests on."""

    claim: Claim
    verdict: Verdict = Verdict.NOT_RUN
    reason: str = ""
    """In a sentence, where the verdict needs one."""
    examples: int = 0
    informative: int = 0
    elements: int = 0
    """Numbers in informative examples that were compared with something known."""
    used: float = 0.0
    """The largest share of an allowed error among the examples that passed."""
    shares: dict[str, float] = field(default_factory=dict)
    """The same, by dtype; of one in which nothing could be judged there is none."""
    seconds: float = 0.0
    case: Case | None = None
    """The smallest base case that failed."""
    comparison: Comparison | None = None
    """What was wrong in it."""
    call: Case | None = None
    """Where no comparison was wrong, the call that was."""
    cotangents: Mapping[str, Array] | None = None
    """What that call went back from; None where it did not go back."""
    level: Level | None = None
    """The accuracy of sigmoid and tanh with which the failing case was judged."""
    explanation: str = ""
    """The convention under which it would hold, in a sentence, where one was found."""
    measured: tuple[str, ...] = ()
    """The dtypes that were judged with a measured accuracy, since they meet no declared level."""
    notes: dict[str, str] = field(default_factory=dict)
    """What was measured beside, by what it is about: the last that was said of each."""
    dtypes: dict[str, int] = field(default_factory=dict)
    """Examples by dtype."""
    aims: dict[str, int] = field(default_factory=dict)
    """Informative examples by what they were aimed at: 0 for what was drawn in vain."""

    @property
    def note(self) -> str:
        """What was measured beside, in one line."""
        return "; ".join(f"{about}: {text}" for about, text in self.notes.items())


def not_run(claim: Claim, reason: str) -> Outcome:
    """A claim that was not tried."""
    return Outcome(claim, reason=reason)


def judge(claim: Claim, implementation: Implementation, case: Case) -> Outcome:
    """Try a claim on one case: holds, violated, refused or error; inconclusive where nothing in
    it can be judged, since every number is beyond the range of its dtype, or NaN was put in.

    Raises InvalidCase where the claim does not speak of such a case.
    """
    claim.speaks_of(case)
    outcome = Outcome(claim, Verdict.HOLDS, examples=1, dtypes={case.dtype: 1})
    trial = Trial(implementation)
    try:
        claim.check(trial, case.copied())  # it may write into what it is given
    except NotOffered as none:
        outcome.verdict, outcome.reason = Verdict.NOT_APPLICABLE, str(none)
    except (Refused, NotImplementedError) as no:
        outcome.verdict, outcome.reason, outcome.case = Verdict.REFUSED, told(no), case
        outcome.call, outcome.cotangents = trial.call, trial.cotangents
    except (Exception, SystemExit) as crash:
        outcome.verdict, outcome.reason, outcome.case = Verdict.ERROR, told(crash), case
        outcome.call, outcome.cotangents = trial.call, trial.cotangents
    else:
        _weigh(outcome, trial, case)
    return outcome


def _weigh(outcome: Outcome, trial: Trial, case: Case) -> None:
    outcome.notes = dict(trial.notes)  # a refusal, too, where nothing came back to be judged
    outcome.elements = sum(int(np.isfinite(each.bound).sum()) for each in trial.comparisons)
    if trial.ratio > 1.0:
        outcome.verdict, outcome.case, outcome.comparison = Verdict.VIOLATED, case, trial.worst
        outcome.reason = f"{trial.worst.what} is off" if trial.worst else ""
        outcome.level = trial.implementation.levels[case.dtype]
    elif outcome.elements:
        outcome.used, outcome.shares = trial.ratio, {case.dtype: trial.ratio}
    else:
        outcome.verdict, outcome.reason = Verdict.INCONCLUSIVE, "nothing in it can be judged"


def search(
    claim: Claim,
    implementation: Implementation,
    profile: str = "standard",
    seed_: int = 0,
    progress: Callable[[Outcome], None] = lambda outcome: None,
    left_out: Callable[[Case], bool] | None = None,
    kept: Path | None = None,
) -> Outcome:
    """Draw cases until one fails, or enough informative ones have not. Call it in a session.

    What fails is kept in the folder ``kept``, if there is one, and tried first the next time.
    """
    started = time.monotonic()
    outcome = Outcome(claim, Verdict.INCONCLUSIVE)
    try:
        offers = claim.offers(implementation)
        if not implementation.levels:
            raise ValueError("it declares no dtype")
        for dtype, level in implementation.levels.items():
            if dtype not in PRECISIONS or not isinstance(level, Level):
                raise ValueError(f"levels has {dtype!r}: {level!r}, where a dtype has a Level")
    except Exception as error:
        outcome.verdict = Verdict.ADAPTER_BROKEN
        outcome.reason = f"{implementation.name} does not say what it offers: {told(error)}"
        return outcome
    if isinstance(offers, str):
        outcome.verdict, outcome.reason = Verdict.NOT_APPLICABLE, offers
        return outcome
    share = ceil(needed(claim, profile) / len(implementation.levels))
    short = []
    # what no share has shown is looked for once more where it is easiest to see
    widest = max(implementation.levels, key=lambda dtype: PRECISIONS[dtype].digits)
    for dtype, vain in [*((dtype, False) for dtype in implementation.levels), (widest, True)]:
        wanted = ONCE_MORE if vain else share
        own = None if kept is None else kept / implementation.name / claim.id / dtype
        share_of = _Share(claim, implementation, offers, dtype, wanted, seed_, left_out, vain, own)
        if not share_of.found(outcome, progress):
            short.append(share_of.lacks(outcome))
        if outcome.verdict is not Verdict.INCONCLUSIVE:
            break
    if outcome.verdict is Verdict.INCONCLUSIVE:
        if short:
            outcome.reason = f"{', '.join(short)} informative examples needed"
        else:
            outcome.verdict = Verdict.HOLDS
    outcome.seconds = time.monotonic() - started
    return outcome


@dataclass
class _Share:
    """The part of a search that is done in one dtype: each has its share of what is needed."""

    claim: Claim
    implementation: Implementation
    offers: list[Offer]
    dtype: str
    needed: int
    seed: int
    left_out: Callable[[Case], bool] | None = None
    vain: bool = False
    """Whether it looks for what was aimed at in vain, and for nothing else."""
    kept: Path | None = None
    """The folder for what fails, if there is one."""
    informative: int = 0
    examples: int = 0
    excused: int = 0
    """Cases that were left out."""

    def found(self, outcome: Outcome, progress: Callable[[Outcome], None]) -> bool:
        """Search until enough informative examples were found, or none will be."""
        failed_at = inf

        def example(case: Case) -> None:
            nonlocal failed_at
            if time.monotonic() - failed_at > SHRINKING:
                return
            if self.left_out is not None and self.left_out(case):
                self.excused += 1
                return
            tried = judge(self.claim, self.implementation, case)
            if tried.verdict not in (Verdict.HOLDS, Verdict.INCONCLUSIVE):
                failed_at = min(failed_at, time.monotonic())
                _keep(outcome, tried)
                progress(outcome)
                raise Violated(tried.verdict)
            if outcome.verdict is not Verdict.INCONCLUSIVE:
                return  # shrinking: nothing more to learn from what passes
            self.examples += 1
            outcome.examples += 1
            outcome.dtypes[case.dtype] = outcome.dtypes.get(case.dtype, 0) + 1
            outcome.used = max(outcome.used, tried.used)
            for dtype, share in tried.shares.items():
                outcome.shares[dtype] = max(outcome.shares.get(dtype, 0.0), share)
            outcome.notes |= tried.notes
            informs = self.claim.informs(self.implementation, case)
            self.informative += informs
            outcome.informative += informs
            outcome.elements += informs * tried.elements
            for name, choice in case.aim.items():
                aim = f"{name} {choice}"
                outcome.aims[aim] = outcome.aims.get(aim, 0) + informs
            progress(outcome)

        while _in_vain(outcome) if self.vain else self.informative < self.needed:
            tried, patience = self.examples + self.excused, PATIENCE * self.needed
            if self.examples >= patience or tried >= PATIENCE * patience:  # to excuse takes no time
                return False
            # a few more than what is missing: each search begins with the simplest case of all
            once_more = "once more" * self.vain
            start = f"{self.seed} {self.dtype} {tried} {self.claim.id}{once_more}"
            missing = self.needed if self.vain else self.needed - self.informative
            drawn = cases(self._kinds(), [self.dtype], self._sizes(outcome))
            try:
                each_case(drawn, missing + 3, start, example, self.kept)
            except Exception:
                if outcome.verdict is Verdict.INCONCLUSIVE:  # not ours: let it be seen
                    raise
                break
        return True

    def _kinds(self) -> list[Offer]:
        """Of what is offered, as many kinds of networks as are used three times where something is
        built for each of them; which, is by the seed, the claim and the dtype.
        """
        if not self.implementation.palette:
            return self.offers
        if self.vain:  # in any of the sizes: what is missing may be of a unit that others have not
            return [o._replace(palette=(sizes,)) for o in self.offers for sizes in o.palette]

        def rank(offer: Offer) -> int:
            return crc32(f"{self.seed} {self.dtype} {self.claim.id} {offer.network}".encode())

        kinds = {offer.network: offer for offer in self.offers}.values()
        return sorted(kinds, key=rank)[: max(FEWEST_KINDS, self.needed // 3)]

    def _sizes(self, outcome: Outcome) -> Sizes:
        """The claim's; in vain, what is missing is aimed at wherever there is such a thing."""
        if not self.vain:
            return self.claim.sizes
        missing = set(_in_vain(outcome))

        def narrowed(
            name: str, choices: Callable[[Case], Sequence[str]]
        ) -> Callable[[Case], Sequence[str]]:
            def left(case: Case) -> Sequence[str]:
                every = choices(case)
                return [one for one in every if f"{name} {one}" in missing] or every

            return left

        aim = {name: narrowed(name, choices) for name, choices in self.claim.sizes.aim.items()}
        return replace(self.claim.sizes, aim=aim)

    def lacks(self, outcome: Outcome) -> str:
        """What was not found, in words."""
        if self.vain:
            return f"in {self.dtype} with {' and '.join(_in_vain(outcome))} 0 of 1"
        return f"in {self.dtype} {self.informative} of {self.needed}"


def _in_vain(outcome: Outcome) -> list[str]:
    """What was aimed at, and no informative example has shown."""
    return [aim for aim, informative in outcome.aims.items() if not informative]


def _keep(outcome: Outcome, tried: Outcome) -> None:
    """A failing example: the last one kept is the smallest."""
    outcome.verdict, outcome.reason = tried.verdict, tried.reason
    outcome.case, outcome.comparison = tried.case, tried.comparison
    outcome.call, outcome.cotangents = tried.call, tried.cotangents
    outcome.level = tried.level


def each_case(
    drawn: SearchStrategy[Case],
    examples: int,
    start: str,
    example: Callable[[Case], None],
    kept: Path | None = None,
) -> None:
    """Draw cases and try them, and shrink what fails. ``start`` decides which are drawn. What fails
    is kept in a folder, if there is one; what is in there already comes first.
    """

    # the seed is set first: it takes the examples that are kept away
    @settings(
        max_examples=examples,
        database=None if kept is None else DirectoryBasedExampleDatabase(kept),
        deadline=None,
        phases=(Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        backend="hypothesis",  # the profile of a suite around may name one without seeds
    )
    @seed(crc32(start.encode()))
    @given(case=drawn)
    def each(case: Case) -> None:
        example(case)

    each()
