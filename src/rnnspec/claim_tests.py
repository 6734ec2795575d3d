"""Claims as tests of pytest: what a verdict is there, what is told of a failure, what is kept."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

import pytest

from rnnspec import hypothesis_notes
from rnnspec.catalogue import Unusable
from rnnspec.console import explain
from rnnspec.pytest_plugin import NEW_SEED, NOT_APPLIED
from rnnspec.reference.implementation import Implementation
from rnnspec.replay import encode, keep
from rnnspec.runner import Runner, exit_status, kept_of, seed_of, versions_of
from rnnspec.session import Usage, waivers_of
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import NIGHTLY, Outcome, Verdict
from rnnspec.waivers import applying


class ClaimTests:
    """The claims on one adapter, in one run of pytest. Its framework waits for the first of them.

    A profile, a seed and waivers that are not given are those of pytest's command line. The
    adapter's ``spec`` is what ``rnnspec run`` knows it by, if it does; to ``load`` it may raise
    Unusable.
    """

    def __init__(
        self,
        config: pytest.Config,
        load: Callable[[], Implementation],
        spec: str | None,
        profile: str | None = None,
        seed: int | None = None,
        waivers: Path | None = None,
    ) -> None:
        option = partial(config.getoption, default=None)  # without the plugin there is none
        self.config, self.load, self.spec = config, load, spec
        self.here = config.invocation_params.dir
        self.profile = profile or option("rnnspec_profile") or "quick"
        given = seed if seed is not None else option("rnnspec_seed")
        if given is None and self.profile == NIGHTLY:
            given = config.stash.get(NEW_SEED, None)
        self.seed = seed_of(self.profile, given)
        file = option("rnnspec_waivers")
        self.waivers = waivers or (self.here / file if file else None)
        self.not_applied: dict[str, str] = {}

    @cached_property
    def runner(self) -> Runner:
        """What judges them. Raises Usage or Unusable."""
        waivers = waivers_of(str(self.waivers)) if self.waivers else []
        implementation = self.load()
        versions = versions_of(implementation)
        applied, self.not_applied = applying(waivers, implementation, versions)
        kept = kept_of(self.profile, self._folder)
        return Runner(implementation, self.profile, self.seed, applied, kept)

    def run(self, label: str, item: pytest.Item) -> None:
        """Pass where the claim holds; else raise another of pytest's endings."""
        __tracebackhide__ = True
        card = CLAIMS[label].card or CLAIMS[label].under
        about = {"claim": label, "card": card, "kind": CLAIMS[label].kind}
        item.user_properties.extend({**about, "profile": self.profile, "seed": self.seed}.items())
        outcome = self._outcome(label)
        if label in self.not_applied:
            item.user_properties.append((NOT_APPLIED, self.not_applied[label]))
        kept = self._kept(outcome)
        waived = outcome.verdict is Verdict.WAIVED
        if waived:  # with --runxfail this returns, and the claim fails
            pytest.xfail("; ".join([outcome.reason, *kept]))
        if waived or exit_status([outcome.verdict]) != 0:
            notes = [self.not_applied[label]] if label in self.not_applied else []
            lines = [f"  {line}" for line in (*notes, *kept, *self._again(label))]
            pytest.fail("\n".join([explain(outcome), "", *lines]), pytrace=False)
        if outcome.verdict is not Verdict.HOLDS:
            pytest.skip(f"{outcome.verdict}: {outcome.reason}")

    def _outcome(self, label: str) -> Outcome:
        current: Outcome | None = None

        def progress(outcome: Outcome) -> None:
            nonlocal current
            current = outcome

        try:
            with hypothesis_notes.elsewhere():
                return self.runner.outcome(CLAIMS[label], progress)
        except Unusable as error:
            return Outcome(CLAIMS[label], Verdict.ADAPTER_BROKEN, str(error))
        except Usage as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        except KeyboardInterrupt:
            if current is None or current.case is None:
                raise
            # it failed already, and was being made smaller or explained
            told = "; ".join([f"{current.verdict}: {label}", *self._kept(current)])
            raise KeyboardInterrupt(told) from None

    @property
    def _folder(self) -> Path:
        return self.config.rootpath / ".rnnspec"

    def _kept(self, outcome: Outcome) -> list[str]:
        """Keep a counterexample, if there is one; the line that replays it."""
        if outcome.case is None:  # there may be no runner, either
            return []
        tested = self.runner.implementation
        data = encode(outcome, tested.name, versions_of(tested)) or {}
        try:
            file = shlex.quote(self._from_here(keep(data, self._folder)))
        except OSError as error:
            return [f"This counterexample could not be kept ({error})."]
        if self.spec is None:
            return [f"This counterexample is kept in {file}"]
        adapter = "" if self.spec == tested.name else f" --adapter {shlex.quote(self.spec)}"
        return [f"rnnspec replay {file}{adapter}"]

    def _again(self, label: str) -> list[str]:
        """The line that runs it again, if the adapter is known there."""
        if self.spec is None:
            return []
        again = f"rnnspec run {shlex.quote(self.spec)} --only {label}"
        again += f" --profile {self.profile} --seed {self.seed}"
        waivers = self.waivers and shlex.quote(self._from_here(self.waivers))
        return [f"{again} --waivers {waivers}" if waivers else again]

    def _from_here(self, path: Path) -> str:
        """A path as it is typed where pytest was started."""
        return str(path.relative_to(self.here) if path.is_relative_to(self.here) else path)
