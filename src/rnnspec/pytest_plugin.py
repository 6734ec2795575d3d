"""``pytest --rnnspec-adapter torch``: one test a claim, named by its label.

Installed with the package, so it is loaded by every pytest in the same environment: it imports
nothing but pytest until an adapter is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rnnspec.runner import Runner
    from rnnspec.spec.search import Outcome


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which adapter, how thoroughly, from which seed."""
    group = parser.getgroup("rnnspec", "conformance of recurrent layers")
    group.addoption("--rnnspec-adapter", metavar="NAME", help="Run every claim on this adapter.")
    group.addoption(
        "--rnnspec-profile",
        choices=["quick", "standard", "thorough"],
        default="quick",
        help="How many informative examples a claim needs (default: quick).",
    )
    group.addoption("--rnnspec-seed", type=int, default=0, help="Of the cases (default: 0).")


def pytest_report_header(config: pytest.Config) -> str | None:
    """What is run, and the seed that gives the same cases again."""
    name = config.getoption("--rnnspec-adapter")
    if name is None:
        return None
    profile, seed = (config.getoption(f"--rnnspec-{each}") for each in ("profile", "seed"))
    return f"rnnspec: adapter {name}, profile {profile}, seed {seed}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the claims before anything is deselected."""
    name = session.config.getoption("--rnnspec-adapter")
    if name is not None:
        items.extend(_items(session, name))


def _items(session: pytest.Session, name: str) -> Iterable[pytest.Item]:
    from rnnspec import catalogue
    from rnnspec.runner import Runner
    from rnnspec.spec.claims import CLAIMS

    try:
        implementation = catalogue.load(name)
    except (catalogue.UnknownAdapter, catalogue.NotInstalled) as error:
        raise pytest.UsageError(str(error)) from None
    option = session.config.getoption
    runner = Runner(implementation, option("--rnnspec-profile"), option("--rnnspec-seed"))
    return [ClaimItem.from_parent(session, name=label, runner=runner) for label in CLAIMS]


class Fails(Exception):
    """A claim whose verdict is a failure."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"{outcome.claim.id}: {outcome.verdict}: {outcome.reason}")
        self.outcome = outcome


class ClaimItem(pytest.Item):
    """A claim on an implementation."""

    def __init__(self, *, runner: Runner, **options: Any) -> None:
        super().__init__(**options)
        self.runner = runner
        self._nodeid = f"rnnspec[{runner.implementation.name}]::{self.name}"

    def runtest(self) -> None:
        """Pass where it holds; skip, with the reason, where nothing can be said."""
        from rnnspec.runner import exit_status
        from rnnspec.spec.claims import CLAIMS
        from rnnspec.spec.search import Verdict

        outcome = self.runner.outcome(CLAIMS[self.name])
        if exit_status([outcome.verdict]) != 0:
            raise Fails(outcome)
        if outcome.verdict is not Verdict.HOLDS:
            pytest.skip(f"{outcome.verdict}: {outcome.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The counterexample, as the command line prints it."""
        if not isinstance(excinfo.value, Fails):
            return super().repr_failure(excinfo, style)
        from rnnspec.console import as_text

        return as_text(excinfo.value.outcome)

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Where a report says that it stands."""
        return "rnnspec", None, self.nodeid
