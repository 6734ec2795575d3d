"""``pytest --rnnspec-adapter NAME``: one test a claim, in any test suite."""

from __future__ import annotations

import errno
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rnnspec import catalogue
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.spec.claims import CLAIMS

pytest_plugins = ["pytester"]

Suite = Callable[..., pytest.RunResult]


class Odd(ReferenceLayer):
    """Counts one parameter too many, refuses the simple unit, and has no GRU."""

    name = "odd"

    def count(self, network: Network) -> int | None:
        return (super().count(network) or 0) + 1

    def run(self, case: Case) -> Answer:
        if case.network.cell == "rnn" and not case.aim:
            raise Refused("no simple unit")
        return super().run(case)

    def offers(self, network: Network) -> str | None:
        return "it offers no GRU" if network.cell == "gru" else None


@pytest.fixture(name="run")
def suite_with_a_test_of_its_own(
    suite: Suite, known: Callable[[Implementation], None], pytester: pytest.Pytester
) -> Suite:
    known(Odd())
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    return suite


def ids(ran: pytest.RunResult) -> list[str]:
    """The node ids that ``--collect-only -q`` printed."""
    assert ran.ret == 0, ran.stdout.str()
    return [line for line in ran.stdout.lines if "::" in line]


def test_each_claim_is_one_test_named_by_its_label(run: Suite) -> None:
    found = ids(run("--rnnspec-adapter", "reference", "--collect-only", "-q"))
    assert found == ["test_own.py::test_own", *(f"rnnspec::reference::{each}" for each in CLAIMS)]


def test_nothing_is_added_where_no_adapter_is_named(run: Suite) -> None:
    ran = run("-v")
    ran.assert_outcomes(passed=1)
    assert "rnnspec: " not in ran.stdout.str()


def test_claims_are_selected_and_counted_like_other_tests(run: Suite) -> None:
    ran = run("--rnnspec-adapter", "reference", "-k", "three-gates", "-v")
    ran.assert_outcomes(passed=1, deselected=len(CLAIMS))
    ran.stdout.fnmatch_lines(
        [
            "rnnspec: adapter reference, profile quick, seed 0",
            "rnnspec::reference::lstm.three-gates PASSED *",
        ]
    )


def test_no_label_is_part_of_another_so_a_keyword_is_exact() -> None:
    assert not [(a, b) for a in CLAIMS for b in CLAIMS if a != b and a in b]


def test_a_node_id_that_is_printed_can_be_given_back(run: Suite, pytester: pytest.Pytester) -> None:
    one, other = "rnnspec::reference::lstm.units", "rnnspec::odd::gru.step"
    ran = run(one, other, "-v")
    ran.assert_outcomes(passed=1, skipped=1)
    ran.stdout.fnmatch_lines([f"{one} PASSED *", f"{other} SKIPPED *"])
    assert len(ids(run("rnnspec::odd", "--collect-only", "-q"))) == len(CLAIMS)
    # an adapter that is asked for is narrowed to what is named of it, and files stay files
    asked = ("--rnnspec-adapter", "odd", "--collect-only", "-q")
    assert ids(run(*asked, other, one)) == [other, one]
    assert len(ids(run(*asked, one))) == len(CLAIMS) + 1
    assert ids(run(*asked, other, "test_own.py")) == ["test_own.py::test_own", other]
    assert len(ids(run(*asked, "--deselect", other))) == len(CLAIMS)
    # from another folder, it is printed as a path from there
    pytester.makeini("[pytest]")
    pytester.chdir()
    folder = pytester.mkdir("below")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ran = run(one, "-v")
        ran.stdout.fnmatch_lines([f"../{one} PASSED *"])
        assert ids(run(f"../{one}", "--collect-only", "-q")) == [one]


def test_each_failure_is_shown_as_the_command_line_shows_it(
    run: Suite, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as many a CI has it: not into what is kept as text
    chosen = "test_own or three-gates or rnn.step or gru.step"
    options = ("-rfs", "--junitxml", "tests.xml", "--color=no")
    ran = run("--rnnspec-adapter", "odd", "-k", chosen, *options)
    ran.assert_outcomes(passed=1, failed=2, skipped=1, deselected=len(CLAIMS) - 3)
    out = ran.stdout.str()
    assert "_ lstm.three-gates on odd _" in out
    assert "\nviolated: lstm.three-gates (card 2)\n" in out
    assert f"\n    {CLAIMS['lstm.three-gates'].formula}\n" in out
    shown = [line.split()[0] for line in ran.stdout.lines if line.startswith("    ")]
    assert [word for word in shown if word in ("observed", "expected", "bound")] == [
        "observed",
        "expected",
        "bound",
    ]
    assert "\nrefused: rnn.step (card 1)\n" in out
    assert "\n  Refused: no simple unit\n" in out
    assert "not applicable: odd: it offers no GRU" in out
    assert "FAILED rnnspec::odd::lstm.three-gates - Failed: violated: " in out
    assert "Traceback" not in out
    assert "\x1b" not in out
    (file,) = pytester.path.glob(".rnnspec/odd-lstm.three-gates-*.json")
    assert f"\n  rnnspec replay .rnnspec/{file.name}\n" in out
    again = "  rnnspec run odd --only lstm.three-gates --profile quick --seed 0"
    assert again in ran.stdout.lines


def test_a_report_for_machines_names_the_claim_and_its_card(
    run: Suite, pytester: pytest.Pytester
) -> None:
    chosen = ["rnnspec::odd::lstm.three-gates", "rnnspec::odd::layer.units"]
    run(*chosen, "--junitxml", "tests.xml")
    cases = ET.parse(pytester.path / "tests.xml").findall(".//testcase")
    assert [case.attrib["classname"] for case in cases] == ["rnnspec.odd"] * 2
    assert [case.attrib["name"] for case in cases] == ["lstm.three-gates", "layer.units"]
    known = [{p.attrib["name"]: p.attrib["value"] for p in case.iter("property")} for case in cases]
    same = {"profile": "quick", "seed": "0"}
    assert known == [
        {"claim": "lstm.three-gates", "card": "2", "kind": "count", **same},
        {"claim": "layer.units", "card": "all", "kind": "law", **same},
    ]
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("Failed: violated: lstm.three-gates (card 2)")


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
    run: Suite, pytester: pytest.Pytester
) -> None:
    (pytester.path / "known.toml").write_text(WAIVERS)
    chosen = "test_own or three-gates or lstm.units or rnn.step or gru.step"
    arguments = ("--rnnspec-adapter", "odd", "-k", chosen, "--rnnspec-waivers", "known.toml")
    ran = run(*arguments, "-rx")
    ran.assert_outcomes(passed=1, failed=2, skipped=1, xfailed=1, deselected=len(CLAIMS) - 4)
    out = ran.stdout.str()
    assert "counts one too many (https://example.org/7); a counterexample was found: " in out
    (file,) = pytester.path.glob(".rnnspec/odd-lstm.three-gates-*.json")
    assert f"; rnnspec replay .rnnspec/{file.name}\n" in out
    assert "\nstale waiver: lstm.units (card " in out
    shown = " ".join(out.split())
    assert "the claim holds now, take waiver 2 out: was wrong once (https://example.org/8)" in shown
    # it fails, and says twice why the waiver is of no use: there, and at the end
    assert "  waiver 3 (rnn.step) is not applied: numpy is " in out
    assert "\nrnnspec: waiver 3 (rnn.step) is not applied: numpy is " in out
    assert "  rnnspec run odd --only lstm.units --profile quick --seed 0 --waivers known.toml" in (
        ran.stdout.lines
    )
    assert "Traceback" not in out
    hard = run(*arguments, "--runxfail")
    hard.assert_outcomes(passed=1, failed=3, skipped=1, deselected=len(CLAIMS) - 4)


def test_a_counterexample_that_cannot_be_kept_is_told_all_the_same(
    run: Suite, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pytester.path / ".rnnspec").write_text("no folder")
    monkeypatch.setattr("tempfile.tempdir", str(pytester.mkdir("elsewhere")))
    ran = run("rnnspec::odd::lstm.three-gates")
    ran.assert_outcomes(failed=1)
    (file,) = pytester.path.glob("elsewhere/rnnspec/odd-lstm.three-gates-*.json")
    assert f"  rnnspec replay elsewhere/rnnspec/{file.name}" in ran.stdout.lines

    def full(*data: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("rnnspec.replay.save", full)
    ran = run("rnnspec::odd::lstm.three-gates")
    ran.assert_outcomes(failed=1)
    why = f"{pytester.path / 'elsewhere' / 'rnnspec'}: No space left on device"
    assert f"  This counterexample could not be kept ({why})." in ran.stdout.lines
    assert "violated: lstm.three-gates (card 2)" in ran.stdout.lines


def test_a_failure_that_is_interrupted_is_kept(
    run: Suite, known: Callable[[Implementation], None], pytester: pytest.Pytester
) -> None:
    class Stopped(Odd):
        name = "stopped"
        wrong = False

        def count(self, network: Network) -> int | None:
            if self.wrong:
                raise KeyboardInterrupt
            self.wrong = True
            return super().count(network)

    known(Stopped())
    ran = run("rnnspec::stopped::lstm.three-gates", no_reraise_ctrlc=True)
    assert ran.ret == pytest.ExitCode.INTERRUPTED
    (file,) = pytester.path.glob(".rnnspec/stopped-lstm.three-gates-*.json")
    told = f"violated: lstm.three-gates; rnnspec replay .rnnspec/{file.name}"
    assert f"KeyboardInterrupt: {told}" in ran.stdout.str()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--rnnspec-adapter", "numpy"],
            f"there is no adapter 'numpy': use one of {', '.join(catalogue.names())}",
        ),
        (["rnnspec::numpy::lstm.units"], "there is no adapter 'numpy': use one of "),
        (["rnnspec::odd::lstm.unit"], "there is no claim 'lstm.unit': did you mean 'lstm.units'?"),
        (
            ["--rnnspec-adapter", "reference", "--rnnspec-profile", "bad"],
            "argument --rnnspec-profile: invalid choice: 'bad'",
        ),
        (["--rnnspec-waivers", "none.toml"], "none.toml cannot be read: No such file or directory"),
        (
            ["--rnnspec-adapter", "reference", "--rnnspec-waivers", "test_own.py"],
            "test_own.py is no waiver file: it is not TOML: ",
        ),
        (["--rnnspec-seed", "x"], "argument --rnnspec-seed: invalid seed value: 'x'"),
        (["--rnnspec-seed", "-1"], "argument --rnnspec-seed: invalid seed value: '-1'"),
    ],
    ids=["adapter", "id", "claim", "profile", "no waivers", "waivers", "seed", "negative seed"],
)
def test_wrong_usage_is_told_in_a_sentence(arguments: list[str], told: str, run: Suite) -> None:
    ran = run(*arguments)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert told in ran.stderr.str()
    assert "Traceback" not in ran.stdout.str() + ran.stderr.str()


def test_workers_run_the_same_tests_from_one_seed_and_leave_nothing_behind(
    python: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(
        "from rnnspec.spec.search import PROFILES\nPROFILES['nightly'] = 8\n"
    )
    (tmp_path / "test_own.py").write_text(
        "import rnnspec\n"
        "from rnnspec.reference.layer import ReferenceLayer as Layer\n"
        "test_it = rnnspec.conformance(Layer, only='compare.*', profile='nightly')\n"
    )
    options = ("-n", "2", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "error")
    ran = python("-m", "pytest", *options, "-v", "--junitxml", "tests.xml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for worker in ("gw0", "gw1"):
        assert re.search(rf"\[{worker}\] \[.*\] PASSED test_own\.py::test_it\[", ran.stdout)
    properties = ET.parse(tmp_path / "tests.xml").findall(".//property")
    seeds = [p.attrib["value"] for p in properties if p.attrib["name"] == "seed"]
    assert len(seeds) == 6
    assert len({*seeds}) == 1
    left = sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__")
    assert left == ["conftest.py", "test_own.py", "tests.xml"]


def test_the_seed_of_the_nightly_profile_is_told_and_is_another_each_time(run: Suite) -> None:
    chosen = ("rnnspec::reference::apply.ner", "--rnnspec-profile", "nightly")
    headers = [run(*chosen).stdout.lines for _ in range(2)]
    told = [line for lines in headers for line in lines if line.startswith("rnnspec: ")]
    seeds = [int(line.removeprefix(TOLD)) for line in told]
    assert len({*seeds}) == 2
    assert f"{TOLD}7" in run(*chosen, "--rnnspec-seed", "7").stdout.lines


TOLD = "rnnspec: adapter reference, profile nightly, seed "
