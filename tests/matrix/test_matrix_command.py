"""Every adapter in its own environment: what is run, what is kept, and the committed page."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import NamedTuple

import pytest
from rich.console import Console

from rnnspec.console import Screen
from rnnspec.matrix import gathered
from rnnspec.matrix_markdown import page_in
from rnnspec.report_file import read
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from tests.face.reports import part, text_of
from tests.matrix import __main__ as command
from tests.matrix.__main__ import Collection
from tests.matrix.environments import ROOT, Run, Tox, runs_of
from tests.matrix.filling import fill, reason_of

ALIASES = {"keras"}
"""Adapters that are another one, by the backend that is set: those are run."""


# ---- what tox.ini says


def test_every_adapter_is_run_by_an_environment() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = {*project["entry-points"]["rnnspec.adapters"]}
    lines = re.findall(
        r"\brnnspec run ((?:[\w-]+ )+?)--", (ROOT / "tox.ini").read_text(encoding="utf-8")
    )
    run = {name for line in lines for name in line.split()}
    assert known - ALIASES <= run
    assert run <= known


CONFIG = """\
[testenv:lint]
commands = ruff check .

[testenv:first]
commands =
  pytest tests/first
  rnnspec run one two --profile quick --strict --waivers docs/one.toml

[testenv:second]
commands =
  - rnnspec run --command 'node peer.mjs' --profile quick
  rnnspec run two three --profile nightly --replays /a%s/b
"""


def test_what_tox_runs_is_told_adapter_by_adapter() -> None:
    one, two, peer, three = runs_of(CONFIG)
    rest = ("--profile", "quick", "--strict", "--waivers", "docs/one.toml")
    assert one == Run("first", "one", ("rnnspec", "run", "one", *rest))
    assert two == Run("first", "two", ("rnnspec", "run", "two", *rest))
    assert peer == Run(
        "second",
        "second",
        ("rnnspec", "run", "--command", "node peer.mjs", "--profile", "quick"),
    )
    assert three.words[2:] == ("three", "--profile", "nightly", "--replays", "/a%s/b")


@pytest.mark.parametrize("words", ["one --command it", "--command it --command that"])
def test_a_line_that_is_of_several_things_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"^odd: give what --command starts a line of its own$"):
        runs_of(f"[testenv:odd]\ncommands = rnnspec run {words}\n")


# ---- what is run, and kept


class Asked(NamedTuple):
    """A command that was run."""

    environment: str
    words: Sequence[str]


Doing = Callable[[Path, Path], None]


class Faked(Tox):
    """Does something of its own with a report and a log, at each call the next."""

    def __init__(self, *doings: Doing) -> None:
        super().__init__("no such tox")
        self.doings, self.asked = list(doings), list[Asked]()

    def start(self, environment: str, words: Sequence[str], log: Path) -> Popen[bytes]:
        self.asked.append(Asked(environment, words))
        log.parent.mkdir(parents=True, exist_ok=True)
        self.doings.pop(0)(Path(words[list(words).index("--json") + 1]), log)
        return Popen([sys.executable, "-S", "-c", ""], stdout=DEVNULL)


@cache
def whole() -> bytes:
    """The report of a run of all claims."""
    return text_of([part("one", [Outcome(claim, Verdict.HOLDS) for claim in CLAIMS.values()])])


def writes(content: bytes, said: str = "") -> Doing:
    """Leaves a report, and prints something."""

    def do(report: Path, log: Path) -> None:
        report.write_bytes(content)
        log.write_text(said)

    return do


def fails(said: str) -> Doing:
    """Leaves nothing but a message."""

    def do(report: Path, log: Path) -> None:
        log.write_text(said)

    return do


def head(lines: int) -> bytes:
    """The report, cut after so many lines and a half."""
    given = whole().splitlines(keepends=True)
    return b"".join(given[:lines]) + given[lines][:20]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Collection]:
    """``made(Faked(...))``: a matrix of its own."""
    monkeypatch.setattr(command, "LOGS", tmp_path / "logs")
    folder = tmp_path / "reports"
    folder.mkdir()
    screen = Screen(Console(file=StringIO()))
    return lambda tox, profile="quick": Collection(tox, folder, profile, 0, screen)


RUN = Run("here", "one", ("rnnspec", "run", "one", "--profile", "quick"))


def test_a_report_is_written_once_and_kept(made: Callable[..., Collection]) -> None:
    tox = Faked(writes(whole()), writes(whole()))
    matrix = made(tox)
    matrix.make(RUN, resume=False)
    (asked,) = tox.asked
    assert asked.environment == "here"
    assert asked.words[:7] == [*RUN.words, "--profile", "quick"]
    assert "--resume" not in asked.words
    matrix.make(RUN, resume=True)
    assert len(tox.asked) == 1
    matrix.make(RUN, resume=False)
    assert len(tox.asked) == 2
    assert matrix.report(RUN).read_bytes() == whole()


def test_a_report_of_another_profile_is_made_anew(made: Callable[..., Collection]) -> None:
    tox = Faked(fails("Error: it has no such profile"))
    matrix = made(tox, "standard")
    matrix.report(RUN).write_bytes(whole())
    matrix.make(RUN, resume=True)
    (part_,) = read(matrix.report(RUN))
    assert part_.header["profile"] == "standard"
    assert {line["reason"] for line in part_.claims if line["kind"] != "finding"} == {
        "it has no such profile"
    }


def test_what_was_cut_is_gone_on_with(made: Callable[..., Collection]) -> None:
    tox = Faked(writes(whole()))
    matrix = made(tox)
    matrix.report(RUN).write_bytes(head(5))
    matrix.make(RUN, resume=True)
    assert tox.asked[0].words[-1] == "--resume"


def test_an_adapter_that_ends_its_process_goes_on_in_one_of_its_own(
    made: Callable[..., Collection],
) -> None:
    tox = Faked(writes(head(5)), writes(whole()))
    matrix = made(tox)
    matrix.make(RUN, resume=False)
    assert tox.asked[1].words[-2:] == ["--resume", "--isolate"]
    assert matrix.report(RUN).read_bytes() == whole()


def test_what_was_begun_with_other_versions_is_made_anew(made: Callable[..., Collection]) -> None:
    tox = Faked(fails("Error: it is the report of another run"), writes(whole()))
    matrix = made(tox)
    matrix.report(RUN).write_bytes(head(5))
    matrix.make(RUN, resume=True)
    assert tox.asked[1].words[-1] == "--isolate"
    assert "--resume" not in tox.asked[1].words
    assert matrix.report(RUN).read_bytes() == whole()


CHECKED = sum(claim.kind != "finding" for claim in CLAIMS.values())


def test_what_ends_every_process_keeps_what_it_reached(made: Callable[..., Collection]) -> None:
    tox = Faked(writes(head(5)), writes(head(7), "here: exit -6 (SIGABRT) (0.3 seconds) /x> y"))
    matrix = made(tox)
    matrix.make(RUN, resume=False)
    (one,) = read(matrix.report(RUN))
    assert one.verdicts.count(Verdict.HOLDS) == 6
    assert one.verdicts.count(Verdict.ADAPTER_BROKEN) == CHECKED - 6
    assert one.claims[-11]["reason"] == "its process ended with exit status -6 (SIGABRT)"
    assert one.footer is not None
    assert one.footer["exit_status"] == 3


def test_what_cannot_be_installed_stands_in_the_matrix(made: Callable[..., Collection]) -> None:
    said = "ERROR: no such wheel\nhere: exit 1 (0.29 seconds) /x> python -m pip\n"
    tox = Faked(fails(said), fails(said))
    matrix = made(tox)
    matrix.report(RUN).write_bytes(whole())
    matrix.make(RUN, resume=False)
    assert len(tox.asked) == 1
    page = matrix.page()
    assert page.name == "reports.md"
    assert "- **adapter broken** every claim: no such wheel.\n" in page.read_text(encoding="utf-8")
    matrix.make(RUN, resume=True)
    assert len(tox.asked) == 2, "it is tried again"


def test_being_interrupted_keeps_what_is_there(
    made: Callable[..., Collection], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ctrl_c(process: Popen[bytes]) -> bool:
        process.wait()
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_ended", ctrl_c)
    matrix = made(Faked(writes(head(5))))
    with pytest.raises(KeyboardInterrupt):
        matrix.make(RUN, resume=False)
    assert matrix.report(RUN).read_bytes() == head(5)


def test_nothing_is_lost_where_nothing_more_is_reached(made: Callable[..., Collection]) -> None:
    matrix = made(Faked(writes(head(5)), fails("Error: no room")))
    matrix.make(RUN, resume=False)
    (one,) = read(matrix.report(RUN))
    assert one.verdicts.count(Verdict.HOLDS) == 4
    assert one.claims[4]["reason"] == "no room"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "it left no report"),
        ("Usage: rnnspec\n\nError: there is no adapter 'x'\n", "there is no adapter 'x'"),
        ("\x1b[31mERROR: red\x1b[0m\n", "red"),
        ("old: skipped because there is no py27\n  old: SKIP (1 s)\n", "there is no py27"),
        ("  error: one\nERROR: \x1b[31mtwo\x1b[0m \n", "two"),
        (f"Error: no {ROOT}/docs/it.toml", "no docs/it.toml"),
        ("x: exit 139 (2.20 seconds) /a> b", "its process ended with exit status 139"),
    ],
)
def test_a_reason_is_what_was_printed(said: str, reason: str, tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    log.write_text(said, encoding="utf-8")
    assert reason_of(log) == reason


def test_a_report_that_is_filled_is_one_that_is_read(tmp_path: Path) -> None:
    fill(tmp_path / "it.jsonl", "gone", "standard", 7, "no device")
    (gone,) = read(tmp_path / "it.jsonl")
    assert (gone.adapter, gone.header["seed"], gone.complete) == ("gone", 7, True)
    assert {*gone.verdicts} == {Verdict.ADAPTER_BROKEN, Verdict.NOT_RUN}


# ---- what is committed


def test_the_page_is_what_the_reports_give() -> None:
    page, reports = ROOT / "docs" / "matrix.md", sorted((ROOT / "docs" / "matrix").glob("*.jsonl"))
    parts = gathered([str(path) for path in reports])
    assert page.read_text(encoding="utf-8") == page_in(str(page))(parts)
