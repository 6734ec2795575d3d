"""A waiver may say which cases it excuses: the others are searched as ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.version_ranges import ranges
from rnnspec.waivers import Waiver

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]

WAIVER = """
[[waiver]]
claim = ["gru.step", "gru.bounded"]
adapter = "odd"
versions = {{ odd = ">=1" }}
reason = "it is halved without biases"
link = "https://example.org/issues/7"
when = {when}
"""
# with this seed each kind of biases is drawn several times
ONLY = ("--profile", "quick", "--seed", "1", "--only", "gru.step")
RUN = ("run", "odd", *ONLY, "--waivers", "known.toml")


class Odd(ReferenceLayer):
    """Some of its answers are halved."""

    name = "odd"

    def __init__(self, *halved: str) -> None:
        self.halved = halved

    def versions(self) -> dict[str, str]:
        return {"odd": "1.0"}

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.network.cell != "gru" or case.network.biases not in self.halved:
            return answer
        return replace(answer, outputs=answer.outputs / 2)


@pytest.fixture
def ran(rnnspec: Program, known: Known, tmp_path: Path) -> Callable[..., Ran]:
    """Run the claim on a layer, with a waiver for some of its cases."""

    def run(layer: Odd, when: str) -> Ran:
        known(layer)
        (tmp_path / "known.toml").write_text(WAIVER.format(when=when), encoding="utf-8")
        return rnnspec(*RUN)

    return run


def test_what_is_excused_is_waived_and_the_rest_is_searched(ran: Callable[..., Ran]) -> None:
    done = ran(Odd("none"), '{ biases = "none" }')
    assert done.returncode == 0, done.stdout
    words = " ".join(done.stdout.split())
    assert "gru.step: waived: it is halved without biases (https://example.org/issues/7)" in words
    assert "it fails with biases none; it holds otherwise" in words


def test_another_failure_is_a_violation(ran: Callable[..., Ran]) -> None:
    done = ran(Odd("none", "both"), '{ biases = "none" }')
    assert done.returncode == 1
    assert "violated: gru.step" in done.stdout
    assert "two bias vectors" in done.stdout


def test_one_of_several_is_enough(ran: Callable[..., Ran]) -> None:
    assert ran(Odd("none", "both"), '[{ biases = "none" }, { biases = "both" }]').returncode == 0
    assert ran(Odd("none", "both"), '{ biases = ["none", "both"] }').returncode == 0


def test_where_nothing_that_is_excused_fails_it_is_stale(ran: Callable[..., Ran]) -> None:
    done = ran(Odd(), '{ biases = "none" }')
    assert done.returncode == 1
    assert "stale waiver" in done.stdout


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ('"none"', "waiver 1.when must be a table of what the cases have in common, or several"),
        ("{}", "waiver 1.when must be a table of what the cases have in common, or several"),
        ("{ biases = 3 }", "waiver 1.when.biases must be a string, or several"),
        ("{ biases = [] }", "waiver 1.when.biases must be a string, or several"),
        ('{ bias = "none" }', "waiver 1.when has 'bias': use some of "),
    ],
)
def test_what_is_wrong_is_a_sentence(ran: Callable[..., Ran], when: str, told: str) -> None:
    done = ran(Odd(), when)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert json.dumps("Traceback") not in done.stderr


def test_so_many_or_more_units_and_given_states() -> None:
    small, large = (
        Case(net, {at: np.zeros(shape) for at, shape in net.places()}, np.zeros((1, 1, 1)))
        for net in (Network("gru", 1, units) for units in (3, 12))
    )
    versions = ranges({"versions": {"odd": ">=1"}}, "it")
    known = partial(Waiver, "waiver 1", "gru.step", "odd", versions, "it is odd")
    assert known(when=({"units": ("4+",)},)).excuses(large)
    assert not known(when=({"units": ("4+",)},)).excuses(small)
    assert known(when=({"units": ("2", "3")},)).excuses(small)
    given = large.with_states(hidden=np.zeros((1, 1, 12)))
    assert known(when=({"states": ("given",)},)).excuses(given)
    assert not known(when=({"states": ("given",)},)).excuses(large)
