"""One implementation, all claims: a verdict for each."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from copy import copy
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from secrets import randbelow
from types import MappingProxyType
from typing import TYPE_CHECKING

from rnnspec.reference.implementation import Implementation
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.claims.accuracy import accuracy
from rnnspec.spec.explanation import explain
from rnnspec.spec.measure import measured_levels
from rnnspec.spec.search import NIGHTLY, Outcome, Verdict, not_run, search
from rnnspec.spec.smoke import smoke
from rnnspec.spec.trial import told

if TYPE_CHECKING:
    from rnnspec.reference.case import Case
    from rnnspec.waivers import Waiver

Progress = Callable[[Outcome], None]

FAILING = (Verdict.VIOLATED, Verdict.STALE_WAIVER, Verdict.REFUSED)
BROKEN = (Verdict.ERROR, Verdict.ADAPTER_BROKEN)
FINDING = "a finding: an experiment, not a check"


class Runner:
    """Judges claims on one implementation, each in a session of its own.

    The smoke test comes first: where the adapter is broken, nothing is judged. Then comes the
    accuracy of its sigmoid and tanh, also where it is not asked for: what is found there is what
    everything else is judged with.
    """

    def __init__(
        self,
        implementation: Implementation,
        profile: str = "standard",
        seed: int = 0,
        waivers: Mapping[str, Waiver] = MappingProxyType({}),
        kept: Path | None = None,
    ) -> None:
        self.waivers, self.kept = waivers, kept
        self.implementation, self.profile, self.seed = implementation, profile, seed
        self.broken: str | None = None
        self.accuracy: Outcome | None = None
        self.measured: tuple[str, ...] = ()

    def outcome(self, claim: Claim, progress: Progress = lambda outcome: None) -> Outcome:
        """One claim's outcome. A finding is never run: nothing about it can be violated."""
        if claim.kind == "finding":
            return not_run(claim, FINDING)
        return in_session(claim, self.implementation, lambda: self._judged(claim, progress))

    def _judged(self, claim: Claim, progress: Progress) -> Outcome:
        if self.broken is None:
            self.broken = smoke(self.implementation)
        if self.broken:
            return Outcome(claim, Verdict.ADAPTER_BROKEN, self.broken)
        if self.accuracy is None:
            self.accuracy = self._accuracy(progress)
        if claim is accuracy:
            return self.accuracy
        outcome = self._tried(claim, progress)
        outcome.measured = self.measured
        return outcome

    def _accuracy(self, progress: Progress) -> Outcome:
        found = self._tried(accuracy, progress)
        if found.verdict in (Verdict.VIOLATED, Verdict.WAIVED):
            self.implementation = copy(self.implementation)
            levels = measured_levels(self.implementation, self.seed)
            self.implementation.levels = levels
            self.measured = tuple(d for d, level in levels.items() if level.name == "measured")
        return found

    def _tried(self, claim: Claim, progress: Progress) -> Outcome:
        """A claim that is waived is tried like any other: on its counterexample first."""
        waiver = self.waivers.get(claim.id)
        if waiver is None:
            return self._searched(claim, progress)
        return waiver.judged(
            claim,
            self.implementation,
            lambda left_out: self._searched(claim, progress, left_out),
            self.seed,
        )

    def _searched(
        self, claim: Claim, progress: Progress, left_out: Callable[[Case], bool] | None = None
    ) -> Outcome:
        started = time.monotonic()
        outcome = search(
            claim, self.implementation, self.profile, self.seed, progress, left_out, self.kept
        )
        explain(outcome, self.implementation, self.seed)
        outcome.seconds = time.monotonic() - started
        return outcome


def seed_of(profile: str, given: int | None) -> int:
    """The seed that was given; or 0, but a new one each time for the nightly profile."""
    if given is not None:
        return given
    return randbelow(1 << 32) if profile == NIGHTLY else 0


def kept_of(profile: str, folder: Path) -> Path | None:
    """Where the nightly profile keeps what it tries first, in the folder of counterexamples."""
    return folder / "examples" if profile == NIGHTLY else None


def in_session(
    claim: Claim, implementation: Implementation, judged: Callable[[], Outcome]
) -> Outcome:
    """An outcome that is reached in a session of the implementation.

    A session that does not begin or end is no verdict on the layer: *adapter broken*.
    """
    name, outcome = implementation.name, None
    try:
        session = implementation.session()
        session.__enter__()
    except (Exception, SystemExit) as error:
        reason = f"{name} cannot be used: {told(error)}"
        return Outcome(claim, Verdict.ADAPTER_BROKEN, reason)
    try:
        outcome = judged()
    finally:
        try:
            session.__exit__(None, None, None)
        except (Exception, SystemExit) as error:
            if outcome is not None:
                reason = f"{name} does not come back from use: {told(error)}"
                outcome = Outcome(claim, Verdict.ADAPTER_BROKEN, reason)
    return outcome


def versions_of(implementation: Implementation) -> dict[str, str]:
    """The versions of what is under test, or why they are not known."""
    try:
        return dict(implementation.versions())
    except (Exception, SystemExit) as error:
        return {"unknown": type(error).__name__}


def unknown_claim(label: str) -> str:
    """That there is no such claim, in a sentence that helps."""
    near = get_close_matches(label, CLAIMS, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else "'rnnspec list' names them all."
    return f"there is no claim {label!r}: {hint}"


def selected(only: str | Iterable[str] | None) -> list[str]:
    """The labels of the claims that match a pattern (``lstm.*``) or one of several; all where there
    is none. May be empty.
    """
    patterns = [only] if isinstance(only, str) else list(only or ["*"])
    return [label for label in CLAIMS if any(fnmatchcase(label, each) for each in patterns)]


def run(
    implementation: Implementation,
    *,
    only: str | Iterable[str] | None = None,
    profile: str = "standard",
    seed: int = 0,
    waivers: Mapping[str, Waiver] = MappingProxyType({}),
    progress: Progress = lambda outcome: None,
    kept: Path | None = None,
    reached: Container[str] = (),
) -> Iterator[Outcome]:
    """The outcome of every claim, as it is reached; claims that ``only`` (a pattern, or several)
    excludes are *not run*, and neither are findings. The waivers are those that apply, by claim.
    What fails is kept in the folder ``kept``, if there is one, and tried first the next time.
    Of claims that were ``reached`` before nothing is said.
    """
    runner, wanted = Runner(implementation, profile, seed, waivers, kept), selected(only)
    for label, claim in CLAIMS.items():
        if label in reached:
            continue
        if label in wanted:
            yield runner.outcome(claim, progress)
        else:
            yield not_run(claim, "deselected")


def exit_status(verdicts: Iterable[Verdict], *, strict: bool = False) -> int:
    """0 where nothing failed, 1 for a violation, 3 for an error; 1 wins over 3."""
    given = set(verdicts)
    if given & {*FAILING, *((Verdict.INCONCLUSIVE,) if strict else ())}:
        return 1
    return 3 if given & {*BROKEN} else 0
