"""``pytest --rnnspec-adapter torch``: one test a claim, named by its label.

Installed with the package, so it is loaded by every pytest in the same environment: it imports
nothing but pytest until an adapter is asked for.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rnnspec.runner import Runner
    from rnnspec.spec.search import Outcome


NOTES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which adapter, how thoroughly, from which seed."""
    group = parser.getgroup("rnnspec", "conformance of recurrent layers")
    group.addoption("--rnnspec-adapter", metavar="NAME", help="Run every claim on this adapter.")
    group.addoption(
        "--rnnspec-profile",
        choices=["quick", "standard", "thorough", "nightly"],
        default="quick",
        help="How many informative examples a claim needs (default: quick).",
    )
    group.addoption(
        "--rnnspec-seed", type=int, help="Of the cases (default: 0; nightly: a new one)."
    )
    group.addoption("--rnnspec-waivers", metavar="FILE", help="Known divergences, waived.")


def pytest_configure(config: pytest.Config) -> None:
    """The seed is chosen once, for what is printed, for what is run and for every worker."""
    if config.getoption("--rnnspec-adapter") is not None:
        from rnnspec.runner import seed_of

        profile, seed = (config.getoption(f"--rnnspec-{each}") for each in ("profile", "seed"))
        config.option.rnnspec_seed = seed_of(profile, seed)


def pytest_report_header(config: pytest.Config) -> str | None:
    """What is run, and the seed that gives the same cases again."""
    name = config.getoption("--rnnspec-adapter")
    if name is None:
        return None
    profile, seed = (config.getoption(f"--rnnspec-{each}") for each in ("profile", "seed"))
    return f"rnnspec: adapter {name}, profile {profile}, seed {seed}"


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Which waivers are not applied, and why."""
    return [f"rnnspec: {note}" for note in config.stash.get(NOTES, [])]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Beside the files of the session stands the adapter that was asked for."""
    report = yield
    name = collector.config.getoption("--rnnspec-adapter")
    if name is not None and isinstance(collector, pytest.Session) and report.passed:
        nodeid = f"rnnspec[{name}]"
        claims = Claims.from_parent(collector, name=nodeid, nodeid=nodeid, adapter=name)
        report.result.append(claims)
    return report


class Claims(pytest.Collector):
    """The claims, on one adapter."""

    def __init__(self, *, adapter: str, **options: Any) -> None:
        from rnnspec import catalogue
        from rnnspec.runner import Runner, kept_of, versions_of
        from rnnspec.session import Usage, waivers_of
        from rnnspec.waivers import applying

        super().__init__(**options)
        option = self.config.getoption
        profile, seed = option("--rnnspec-profile"), option("--rnnspec-seed")
        file = option("--rnnspec-waivers")
        try:
            implementation = catalogue.load(adapter)
            waivers = waivers_of(file, [adapter])
        except (catalogue.Unusable, Usage) as error:
            raise pytest.UsageError(str(error)) from None
        applied, notes = applying(waivers, implementation, versions_of(implementation))
        self.config.stash[NOTES] = list(notes.values())
        kept = kept_of(profile, self.config.rootpath / ".rnnspec")
        self.runner = Runner(implementation, profile, seed, applied, kept)

    def collect(self) -> Iterable[pytest.Item]:
        """An item a claim."""
        from rnnspec.spec.claims import CLAIMS

        return [Claim.from_parent(self, name=label, runner=self.runner) for label in CLAIMS]


class Fails(Exception):
    """A claim whose verdict is a failure."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"{outcome.claim.id}: {outcome.verdict}: {outcome.reason}")
        self.outcome = outcome


class Claim(pytest.Item):
    """A claim on an implementation."""

    def __init__(self, *, runner: Runner, **options: Any) -> None:
        super().__init__(**options)
        self.runner = runner

    def runtest(self) -> None:
        """Pass where it holds; skip, with the reason, where nothing can be said."""
        from rnnspec.runner import exit_status
        from rnnspec.spec.claims import CLAIMS
        from rnnspec.spec.search import Verdict

        outcome = self.runner.outcome(CLAIMS[self.name])
        waived = outcome.verdict is Verdict.WAIVED
        if waived:
            pytest.xfail(outcome.reason)  # with --runxfail this returns, and the claim fails
        if waived or exit_status([outcome.verdict]) != 0:
            raise Fails(outcome)
        if outcome.verdict is not Verdict.HOLDS:
            pytest.skip(f"{outcome.verdict}: {outcome.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The counterexample, as the command line prints it."""
        if not isinstance(excinfo.value, Fails):
            return super().repr_failure(excinfo, style)
        from rnnspec.console import explain

        runner = self.runner
        again = f"rnnspec run {runner.implementation.name} --only {self.name}"
        again += f" --profile {runner.profile} --seed {runner.seed}"
        waivers = self.config.getoption("--rnnspec-waivers")
        again += f" --waivers {shlex.quote(waivers)}" if waivers else ""
        return f"{explain(excinfo.value.outcome)}\n\n  {again}"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where a report says that it stands."""
        return self.path, None, self.nodeid
