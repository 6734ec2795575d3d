"""``rnnspec.conformance(MyAdapter)``: the claims inside another's test suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import rnnspec
from rnnspec.conformance_ import spec_of
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.spec.claims import CLAIMS

pytest_plugins = ["pytester"]

Suite = Callable[..., pytest.RunResult]

ODD = """
from rnnspec.reference.layer import ReferenceLayer

class Odd(ReferenceLayer):
    name = "odd"

    def count(self, network):
        return super().count(network) + 1

    def offers(self, network):
        return "it offers no GRU" if network.cell == "gru" else None

class Other(Odd):
    name = "other"

def made():
    return Odd()
"""
OWN = """
import rnnspec
from odd import Odd, Other, made

test_conformance = rnnspec.conformance({arguments})
"""


@pytest.fixture(name="own")
def suite_of_ones_own(suite: Suite, pytester: pytest.Pytester) -> Suite:
    """``own("Odd, seed=1", "-v")``: a suite with that conformance, run with these options."""
    pytester.makepyfile(odd=ODD)
    pytester.syspathinsert()

    def run(arguments: str, *options: str, more: str = "") -> pytest.RunResult:
        (pytester.path / "tests").mkdir(exist_ok=True)
        module = OWN.format(arguments=arguments) + more
        (pytester.path / "tests" / "test_own.py").write_text(module)
        return suite(*options)

    return run


ID = "tests/test_own.py::test_conformance"
COUNTS = "only=['lstm.three-gates', 'lstm.units']"


def test_each_claim_is_one_test_named_by_its_label(own: Suite) -> None:
    ran = own("Odd", "--collect-only", "-q")
    assert [line for line in ran.stdout.lines if "::" in line] == [
        f"{ID}[{each}]" for each in CLAIMS
    ]
    ran = own("Odd, only='gru.*'", "--collect-only", "-q")
    gru = [f"{ID}[{each}]" for each in CLAIMS if each.startswith("gru.")]
    assert [line for line in ran.stdout.lines if "::" in line] == gru


def test_one_is_selected_by_its_node_id_or_a_keyword(own: Suite) -> None:
    own("Odd", f"{ID}[lstm.units]").assert_outcomes(passed=1)
    ran = own("Odd", "-k", "lstm.units")
    ran.assert_outcomes(passed=1, deselected=len(CLAIMS) - 1)


def test_verdicts_end_as_they_do_with_the_plugin(own: Suite, pytester: pytest.Pytester) -> None:
    ran = own("Odd", "-k", "three-gates or units or gru.step or apply.ner", "-rfs", "-vv")
    ran.assert_outcomes(passed=2, failed=1, skipped=2, deselected=len(CLAIMS) - 5)
    out = ran.stdout.str()
    assert f"\n{ID}[lstm.three-gates] FAILED " in out
    assert "\nviolated: lstm.three-gates (card 2)\n" in out
    # where a test stands is where it was asked for
    assert "] tests/test_own.py:5: not applicable: odd: it offers no GRU\n" in out
    assert "] tests/test_own.py:5: not run: a finding: an experiment, not a check\n" in out
    (file,) = pytester.path.glob(".rnnspec/odd-lstm.three-gates-*.json")
    assert f"\n  rnnspec replay .rnnspec/{file.name} --adapter odd:Odd\n" in out
    again = "  rnnspec run odd:Odd --only lstm.three-gates --profile quick --seed 0"
    assert again in ran.stdout.lines
    assert "Traceback" not in out


def test_it_may_stand_in_a_class(own: Suite) -> None:
    more = f"class TestIt:\n    test_it = rnnspec.conformance(Odd, {COUNTS})\n"
    ran = own(f"Odd, {COUNTS}", "tests/test_own.py::TestIt::test_it[lstm.units]", "-v", more=more)
    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("adapter", "spec"),
    [("Odd", "odd:Odd"), ("made", "odd:made"), ("Odd()", None), ("lambda: Odd()", None)],
)
def test_an_adapter_is_a_class_a_callable_or_an_instance(
    adapter: str, spec: str | None, own: Suite
) -> None:
    ran = own(f"{adapter}, {COUNTS}")
    ran.assert_outcomes(passed=1, failed=1)
    lines = [line for line in ran.stdout.lines if line.startswith("  rnnspec ")]
    if spec is None:  # no line is printed that nobody can run
        assert lines == []
        ran.stdout.fnmatch_lines(
            ["  This counterexample is kept in .rnnspec/odd-lstm.three-gates-*"]
        )
    else:
        assert [line.split()[1] for line in lines] == ["replay", "run"]
        assert all(f" {spec}" in line for line in lines)


def test_only_what_can_be_imported_has_a_name_there(tmp_path: Path) -> None:
    class Hidden(ReferenceLayer):
        """Nobody can import this."""

    assert spec_of(ReferenceLayer, tmp_path) == "rnnspec.reference.layer:ReferenceLayer"
    assert spec_of(Hidden, tmp_path) is None
    assert spec_of(ReferenceLayer(), tmp_path) is None


def test_a_class_that_only_pytest_finds_has_no_name_on_the_command_line(own: Suite) -> None:
    more = f"class Local(Odd):\n    pass\ntest_local = rnnspec.conformance(Local, {COUNTS})\n"
    ran = own("Odd, only='lstm.units'", more=more)
    ran.assert_outcomes(passed=2, failed=1)
    assert not [line for line in ran.stdout.lines if line.startswith("  rnnspec ")]


def test_what_is_not_given_comes_from_the_command_line(
    own: Suite, pytester: pytest.Pytester
) -> None:
    (pytester.path / "known.toml").write_text(WAIVERS)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "ours.toml").write_text(WAIVERS.replace("too many", "more"))
    options = ["-rx", "--rnnspec-profile", "standard", "--rnnspec-seed", "7"]
    options += ["--rnnspec-waivers", "known.toml", "--junitxml", "tests.xml", "-k", "three-gates"]
    ran = own("Odd", *options)
    ran.assert_outcomes(xfailed=1, deselected=len(CLAIMS) - 1)
    assert "counts one too many (https://example.org/7); a counterexample" in ran.stdout.str()
    xml = (pytester.path / "tests.xml").read_text()
    assert 'name="profile" value="standard"' in xml
    assert 'name="seed" value="7"' in xml
    # what is given goes before; a waiver file is looked for where the test module is
    ran = own("Odd, profile='quick', seed=8, waivers='ours.toml'", *options)
    ran.assert_outcomes(xfailed=1, deselected=len(CLAIMS) - 1)
    assert "counts one more (https://example.org/7); a counterexample" in ran.stdout.str()
    xml = (pytester.path / "tests.xml").read_text()
    assert 'name="profile" value="quick"' in xml
    assert 'name="seed" value="8"' in xml


WAIVERS = """
[[waiver]]
claim = "lstm.three-gates"
adapter = "odd"
versions = { numpy = ">=1" }
reason = "counts one too many"
link = "https://example.org/7"
[[waiver]]
claim = ["lstm.three-gates", "lstm.units"]
adapter = "other"
versions = { numpy = ">=1" }
reason = "as odd as the other"
link = "https://example.org/8"
"""


def test_one_waiver_file_is_enough_for_two_adapters(own: Suite, pytester: pytest.Pytester) -> None:
    (pytester.path / "known.toml").write_text(WAIVERS)
    more = f"test_other = rnnspec.conformance(Other, {COUNTS}, waivers='../known.toml')\n"
    ran = own(f"Odd, {COUNTS}, waivers='../known.toml'", more=more)
    ran.assert_outcomes(xfailed=2, passed=1, failed=1)
    out = ran.stdout.str()
    assert "stale waiver: lstm.units " in out
    again = "  rnnspec run odd:Other --only lstm.units --profile quick --seed 0 --waivers "
    assert f"{again}tests/../known.toml" in ran.stdout.lines
    own(f"Odd, {COUNTS}, waivers='../known.toml'", "--runxfail").assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("'torch'", "the adapter is 'torch': give a class, a callable, or an instance"),
        ("Odd, only='lsm.*'", "no claim matches 'lsm.*': 'rnnspec list' names them all"),
        ("Odd, only=['a', 'b']", "no claim matches 'a' or 'b': "),
        ("Odd, profile='slow'", "there is no profile 'slow': use one of quick, standard, "),
        ("Odd, seed=-1", "the seed is -1: it must be a whole number from 0 on"),
        ("Odd, seed='1'", "the seed is '1': it must be a whole number from 0 on"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(arguments: str, told: str, own: Suite) -> None:
    ran = own(arguments)
    assert ran.ret == pytest.ExitCode.INTERRUPTED
    ran.assert_outcomes(errors=1)
    assert f"\nrnnspec.conformance: {told}" in ran.stdout.str()
    assert "Traceback" not in ran.stdout.str()


BROKEN = """
class Broken(Odd):
    def __init__(self):
        raise RuntimeError("no licence\\nhere")

class Hindered(Odd):
    def obstacle(self):
        return "needs another backend"
"""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("Broken", "adapter broken: lstm.units (card 3)"),
        ("Broken", "cannot be made: RuntimeError: no licence here"),
        ("Hindered", "the adapter 'odd' needs another backend"),
        ("Odd, waivers='none.toml'", "/none.toml cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_used_fails_when_it_is_used(
    arguments: str, told: str, own: Suite, pytester: pytest.Pytester
) -> None:
    (pytester.path / "odd.py").write_text(ODD + BROKEN)
    more = "from odd import Broken, Hindered\n"
    more += f"test_used = rnnspec.conformance({arguments}, only='lstm.units')\n"
    ran = own("Odd, only='lstm.units'", more=more)
    ran.assert_outcomes(passed=1, failed=1)
    assert told in ran.stdout.str()
    assert "Traceback" not in ran.stdout.str()
    assert "During handling" not in ran.stdout.str()


COLLECTED = """
import sys, pytest
assert pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider"]) == 0
print("\\nMODULES", *sys.modules)
"""


def test_no_framework_is_imported_to_collect(
    python: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "test_own.py").write_text(
        "import rnnspec\n"
        "from rnnspec.adapters.torch_ import TorchLayer\n"
        "test_conformance = rnnspec.conformance(TorchLayer)\n"
    )
    ran = python("-c", COLLECTED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found, _, modules = ran.stdout.rpartition("\nMODULES ")
    assert f"\n{len(CLAIMS)} tests collected" in found
    assert "rnnspec.adapters.torch_" in modules.split()
    assert "torch" not in modules.split()


HYPOTHESIS = """
import rnnspec
from hypothesis import given, settings, strategies as st
from odd import Odd

test_first = rnnspec.conformance(Odd, only="lstm.units")

settings.load_profile("default")  # in a CI, Hypothesis' own has no database

@given(st.integers(0, 1000))
def test_hypothesis(number):
    assert number < 100
"""


def test_the_examples_of_other_tests_stay_where_they_are(
    python: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "odd.py").write_text(ODD)
    (tmp_path / "test_own.py").write_text(HYPOTHESIS)
    ran = python("-m", "pytest")
    assert "1 failed, 1 passed" in ran.stdout
    assert list((tmp_path / ".hypothesis" / "examples").iterdir())


def test_it_is_the_same_function_each_time() -> None:
    """A module of that name would hide it from the second time on."""
    assert rnnspec.conformance is rnnspec.conformance
    assert callable(rnnspec.conformance)
