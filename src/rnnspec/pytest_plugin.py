"""``pytest --rnnspec-adapter torch``: a test for every claim, ``rnnspec::torch::lstm.cell-state``.

Installed with the package, so it is loaded by every pytest in the same environment: it imports
nothing but pytest until something is asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Mapping
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rnnspec.claim_tests import ClaimTests

PATH = tuple(sys.path)
"""Where modules are found without what pytest adds for test modules: this is loaded before."""
ROOT = "rnnspec"
"""What stands in the place of a file in the node id of a claim."""
NEW_SEED = pytest.StashKey[int]()
"""The seed of the nightly profile: the same in every process of a run."""
ASKED = pytest.StashKey[list[tuple["ClaimTests", list[str]]]]()
"""The adapters that are asked for, and the claims that are run on each."""
NOT_APPLIED = "waiver not applied"
"""The property of a test that says why not."""


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
        "--rnnspec-seed",
        metavar="N",
        type=seed,
        help="Of the cases (default: 0; nightly: a new one).",
    )
    group.addoption("--rnnspec-waivers", metavar="FILE", help="Known divergences, waived.")


def seed(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isdecimal():
        raise ValueError
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """What is wrong is told before anything is collected, and before there are other processes."""
    given = getattr(config, "workerinput", {})
    config.stash[NEW_SEED] = given.get("rnnspec_seed", SystemRandom().randrange(1 << 32))
    adapter, waivers = (config.getoption(f"rnnspec_{each}") for each in ("adapter", "waivers"))
    chosen: dict[str, set[str]] = {} if adapter is None else {adapter: set()}
    for arg in filter(partial(_is_ours, config), config.args):
        _, name, *label = arg.split("::", 2)
        chosen.setdefault(name, set()).add("".join(label))
    config.stash[ASKED] = []
    if chosen or waivers is not None:
        config.stash[ASKED] = _asked(config, chosen, waivers)


def _is_ours(config: pytest.Config, arg: str) -> bool:
    """Whether it is the node id of an adapter or a claim, as it is printed in this folder."""
    file, colons, _ = arg.partition("::")
    here, root = config.invocation_params.dir, config.rootpath
    return bool(colons) and Path(os.path.abspath(here / file)) in (here / ROOT, root / ROOT)


def _asked(
    config: pytest.Config, chosen: Mapping[str, set[str]], waivers: str | None
) -> list[tuple[ClaimTests, list[str]]]:
    from rnnspec import catalogue
    from rnnspec.claim_tests import ClaimTests
    from rnnspec.runner import unknown_claim
    from rnnspec.session import Usage, waivers_of
    from rnnspec.spec.claims import CLAIMS

    def on(name: str, labels: set[str]) -> tuple[ClaimTests, list[str]]:
        for label in labels - {"", *CLAIMS}:
            raise Usage(unknown_claim(label))
        loaded = catalogue.load(name)
        every = not labels or "" in labels
        tests = ClaimTests(config, lambda: loaded, name)
        return tests, [label for label in CLAIMS if every or label in labels]

    try:
        waivers_of(waivers)
        return [on(name, labels) for name, labels in chosen.items()]
    except (catalogue.Unusable, Usage) as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of pytest-xdist: every worker has the seed of them all."""
    node.workerinput["rnnspec_seed"] = node.config.stash[NEW_SEED]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What is run, and the seed that gives the same cases again."""
    asked = [tests for tests, _ in config.stash[ASKED]]
    return [
        f"rnnspec: adapter {each.spec}, profile {each.profile}, seed {each.seed}" for each in asked
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """A node id of ours names no file."""
    config = session.config
    config.args = [arg for arg in config.args if not _is_ours(config, arg)]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Beside the files of the session stand the adapters that were asked for."""
    report = yield
    if isinstance(collector, pytest.Session) and report.passed:
        for tests, labels in collector.config.stash[ASKED]:
            name = f"{tests.spec}"
            options = {"name": name, "nodeid": f"{ROOT}::{name}", "tests": tests, "labels": labels}
            report.result.append(Claims.from_parent(collector, **options))
    return report


class Claims(pytest.Collector):
    """Claims on one adapter."""

    def __init__(self, *, tests: ClaimTests, labels: Iterable[str], **options: Any) -> None:
        super().__init__(**options)
        self.tests, self.labels = tests, labels

    def collect(self) -> Iterable[pytest.Item]:
        """An item a claim."""
        return [Claim.from_parent(self, name=label, tests=self.tests) for label in self.labels]


class Claim(pytest.Item):
    """A claim on an adapter."""

    def __init__(self, *, tests: ClaimTests, **options: Any) -> None:
        super().__init__(**options)
        self.tests = tests

    def runtest(self) -> None:
        """What its verdict is in pytest."""
        self.tests.run(self.name, self)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where a report says that it stands; the node id itself would be printed as a class's."""
        return self.config.rootpath / ROOT, None, f"{self.name} on {self.tests.spec}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Which waivers were not applied, and why."""
    reports = [report for each in terminalreporter.stats.values() for report in each]
    properties = [known for report in reports for known in getattr(report, "user_properties", [])]
    for note in dict.fromkeys(value for name, value in properties if name == NOT_APPLIED):
        terminalreporter.write_line(f"rnnspec: {note}")
