"""``pytest --rnnspec-adapter NAME``: one test a claim, in any test suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rnnspec import catalogue
from rnnspec.spec.claims import CLAIMS

Ran = CompletedProcess[str]
Pytest = Callable[..., Ran]

CONFTEST = """
from rnnspec import catalogue

def odd():
    from rnnspec.reference.implementation import Refused
    from rnnspec.reference.layer import ReferenceLayer

    class Odd(ReferenceLayer):
        name = "odd"

        def count(self, network):
            return super().count(network) + 1

        def run(self, case):
            if case.network.cell == "rnn" and not case.aim:
                raise Refused("no simple unit")
            return super().run(case)

        def offers(self, network):
            return "it offers no GRU" if network.cell == "gru" else None

    return Odd()

load = catalogue.load
catalogue.load = lambda name: odd() if name == "odd" else load(name)
"""
FASTER = ("-p", "no:hypothesispytest")
"""Without Hypothesis' own plugin, which takes a second to import."""


@pytest.fixture(name="pytest_")
def run_pytest(python: Callable[..., Ran], tmp_path: Path) -> Pytest:
    """Pytest in a folder with a test of its own, and the layer ``odd``."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    options = ("-p", "no:cacheprovider", "-W", "error")
    return lambda *arguments: python("-m", "pytest", *options, *arguments)


def test_each_claim_is_one_test_named_by_its_label(pytest_: Pytest) -> None:
    ran = pytest_("--rnnspec-adapter", "reference", "--collect-only", "-q", *FASTER)
    assert ran.returncode == 0, ran.stdout
    ids = [line for line in ran.stdout.splitlines() if "::" in line]
    assert ids == ["test_own.py::test_own", *(f"rnnspec[reference]::{label}" for label in CLAIMS)]
    assert f"{len(CLAIMS) + 1} tests collected" in ran.stdout


def test_nothing_is_added_where_no_adapter_is_named(pytest_: Pytest) -> None:
    ran = pytest_("-v", *FASTER)
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout
    assert "rnnspec: " not in ran.stdout


def test_claims_are_selected_and_counted_like_other_tests(pytest_: Pytest) -> None:
    ran = pytest_("--rnnspec-adapter", "reference", "-k", "three-gates", "-v", *FASTER)
    assert ran.returncode == 0, ran.stdout
    assert "rnnspec: adapter reference, profile quick, seed 0" in ran.stdout
    assert f"collected {len(CLAIMS) + 1} items / {len(CLAIMS)} deselected / 1 sel" in ran.stdout
    assert "\nrnnspec[reference]::lstm.three-gates PASSED" in ran.stdout
    assert f"1 passed, {len(CLAIMS)} deselected" in ran.stdout


def test_each_failure_is_shown_as_the_command_line_shows_it(
    pytest_: Pytest, tmp_path: Path
) -> None:
    chosen = "test_own or three-gates or rnn.step or gru.step"
    ran = pytest_("--rnnspec-adapter", "odd", "-k", chosen, "-rs", "--junitxml", "tests.xml")
    assert ran.returncode == 1
    out = ran.stdout
    assert "2 failed, 1 passed, 1 skipped" in out
    assert "_ rnnspec[odd]::lstm.three-gates _" in out
    assert "\nviolated: lstm.three-gates (card 2)\n" in out
    assert f"\n    {CLAIMS['lstm.three-gates'].formula}\n" in out
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("    ")]
    assert [word for word in shown if word in ("observed", "expected", "bound")] == [
        "observed",
        "expected",
        "bound",
    ]
    assert "\nrefused: rnn.step (card 1)\n" in out
    assert "\n  Refused: no simple unit\n" in out
    assert "not applicable: odd: it offers no GRU" in out
    assert "Traceback" not in out
    xml = (tmp_path / "tests.xml").read_text(encoding="utf-8")
    assert "rnnspec[odd]" in xml
    assert 'lstm.three-gates"' in xml


WAIVERS = """
[[waiver]]
claim = "lstm.three-gates"
adapter = "odd"
versions = { numpy = ">=1" }
reason = "counts one too many"
link = "https://example.org/7"
[[waiver]]
claim = "lstm.units"
adapter = "odd"
versions = { numpy = ">=1" }
reason = "was wrong once"
link = "https://example.org/8"
[[waiver]]
claim = "rnn.step"
adapter = "odd"
versions = { numpy = "<1" }
reason = "not in this one"
link = "https://example.org/9"
"""


def test_a_waived_claim_is_an_expected_failure_and_a_stale_waiver_a_failure(
    pytest_: Pytest, tmp_path: Path
) -> None:
    (tmp_path / "known.toml").write_text(WAIVERS)
    chosen = "test_own or three-gates or lstm.units or gru.step"
    arguments = ("--rnnspec-adapter", "odd", "-k", chosen, "--rnnspec-waivers", "known.toml")
    ran = pytest_(*arguments, "-rxs", *FASTER)
    assert ran.returncode == 1
    assert "1 failed, 1 passed, 1 skipped" in ran.stdout
    assert "1 xfailed" in ran.stdout
    assert "counts one too many (https://example.org/7); a counterexample was found: " in ran.stdout
    assert "\nstale waiver: lstm.units (card " in ran.stdout
    shown = " ".join(ran.stdout.split())
    assert "the claim holds now, take waiver 2 out: was wrong once (https://example.org/8)" in shown
    assert "rnnspec: waiver 3 (rnn.step) is not applied: numpy is " in ran.stdout
    assert "  rnnspec run odd --only lstm.units --profile quick --seed 0 --waivers known.toml" in (
        ran.stdout.splitlines()
    )
    assert "Traceback" not in ran.stdout
    hard = pytest_(*arguments, "--runxfail", *FASTER)
    assert "2 failed, 1 passed, 1 skipped" in hard.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--rnnspec-adapter", "numpy"],
            f"there is no adapter 'numpy': use one of {', '.join(catalogue.names())}",
        ),
        (
            ["--rnnspec-adapter", "reference", "--rnnspec-profile", "bad"],
            "argument --rnnspec-profile: invalid choice: 'bad'",
        ),
        (
            ["--rnnspec-adapter", "reference", "--rnnspec-waivers", "none.toml"],
            "none.toml cannot be read: No such file or directory",
        ),
        (
            ["--rnnspec-adapter", "reference", "--rnnspec-waivers", "conftest.py"],
            "conftest.py is no waiver file: it is not TOML: ",
        ),
        (["--rnnspec-adapter", "reference", "--rnnspec-seed", "x"], "argument --rnnspec-seed: "),
    ],
    ids=["adapter", "profile", "waivers", "no waivers", "seed"],
)
def test_wrong_usage_is_told_in_a_sentence(
    arguments: list[str], told: str, pytest_: Pytest
) -> None:
    ran = pytest_(*arguments, *FASTER)
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert told in ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
