"""``rnnspec report``: a stored report, shown as the run showed it, or in another form."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from rnnspec.html.page import page
from rnnspec.junit import junit
from rnnspec.markdown import markdown
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.precision import RELATIVE
from rnnspec.report import footer_of
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged
from rnnspec.spec.search import Verdict
from tests.face.reports import part, text_of, two

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A report of two adapters, and of all verdicts."""
    (tmp_path / "run.jsonl").write_bytes(text_of(two()))
    return tmp_path


def test_it_is_shown_as_the_run_showed_it(
    rnnspec: Program, known: Callable[[Implementation], None], tmp_path: Path
) -> None:
    wrong = Broken(exchanged("reset", "update"), {"float32": RELATIVE})
    wrong.name = "wrong"
    known(wrong)
    only = ("--profile", "quick", "--only", "[rg]*.step", "--only", "compare.computation")
    ran = rnnspec("run", "wrong", "reference", *only, "--json", "run.jsonl")
    again = rnnspec("report", "run.jsonl")
    assert again.returncode == ran.returncode == 1
    assert "violated: gru.step (card 7)" in ran.stdout
    replays = [line for line in ran.stdout.splitlines() if line.startswith("  rnnspec replay ")]
    assert len(replays) == 1
    assert again.stdout == ran.stdout.replace(f"\n{replays[0]}\n\n", "\n")


def test_every_verdict_is_shown(rnnspec: Program, stored: Path) -> None:
    ran = rnnspec("report", "run.jsonl")
    assert ran.returncode == 1, ran.stderr
    for verdict in Verdict:
        assert f" {verdict} " in ran.stdout or f" {verdict}:" in ran.stdout
    assert "right (numpy 2.4.6), profile quick, seed 0\n" in ran.stdout
    assert list(stored.iterdir()) == [stored / "run.jsonl"]


def test_it_is_written_in_other_forms(rnnspec: Program, stored: Path) -> None:
    ran = rnnspec("report", "run.jsonl", "--junit", "it.xml", "--markdown", "it.md")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "")
    assert (stored / "it.xml").read_text(encoding="utf-8") == junit(two())
    assert (stored / "it.md").read_text(encoding="utf-8") == markdown(two())
    assert sorted(path.name for path in stored.iterdir()) == ["it.md", "it.xml", "run.jsonl"]


def test_it_is_written_as_a_page(rnnspec: Program, stored: Path) -> None:
    ran = rnnspec("report", "run.jsonl", "-o", "it.HTML")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "")
    assert (stored / "it.HTML").read_text(encoding="utf-8") == page(two())
    assert sorted(path.name for path in stored.iterdir()) == ["it.HTML", "run.jsonl"]


HOLDS, VIOLATED, ERROR = (
    [each for each in part("it").outcomes() if each.verdict == verdict]
    for verdict in ("holds", "violated", "error")
)


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (HOLDS, HOLDS, 0),
        (HOLDS, ERROR, 3),
        (ERROR, HOLDS, 3),
        (ERROR, VIOLATED, 1),
        (VIOLATED, ERROR, 1),
    ],
)
def test_the_exit_status_is_that_of_the_run(
    first: Any, second: Any, status: int, rnnspec: Program, tmp_path: Path
) -> None:
    names = ("one", "other")
    pairs = zip(names, (first, second), strict=True)
    parts = [part(name, given, adapters=names) for name, given in pairs]
    (tmp_path / "run.jsonl").write_bytes(text_of(parts))
    assert rnnspec("report", "run.jsonl").returncode == status
    assert rnnspec("report", "run.jsonl", "--junit", "it.xml").returncode == status


def test_an_interrupted_run_has_the_status_of_one(rnnspec: Program, tmp_path: Path) -> None:
    made = part("it", VIOLATED, claims=60)
    made.footer = footer_of(made.verdicts, 1.0, 143)
    (tmp_path / "run.jsonl").write_bytes(text_of([made]))
    ran = rnnspec("report", "run.jsonl")
    assert ran.returncode == 143
    assert f"1 of {len(CLAIMS)} claims: 1 violated; " in ran.stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("report none", "none cannot be read: No such file or directory"),
        ("report .", ". cannot be read: Is a directory"),
        (
            "report cut.jsonl",
            "cut.jsonl is no report: it was cut in line 16: 'rnnspec run' with --resume goes on "
            "with it",
        ),
        (
            "report cut.jsonl --junit it.xml",
            "cut.jsonl is no report: it was cut in line 16: 'rnnspec run' with --resume goes on "
            "with it",
        ),
        ("report none --junit run.jsonl", "none cannot be read: No such file or directory"),
        (
            "report run.jsonl --junit run.jsonl",
            "run.jsonl is named twice: give each form a file of its own",
        ),
        ("report run.jsonl --markdown no/x", "no/x cannot be written: No such file or directory"),
        ("report run.jsonl --junit .", ". cannot be written: Is a directory"),
        ("report run.jsonl -o no/x.html", "no/x.html cannot be written: No such file or directory"),
        (
            "report run.jsonl --junit x.html -o ./x.html",
            "x.html is named twice: give each form a file of its own",
        ),
        (
            "report run.jsonl -o run.jsonl",
            "run.jsonl does not say what is to be written: end it in .html (a page for a browser)",
        ),
        (
            "report run.jsonl -o x.html --waivers no",
            "Invalid value for '--waivers': Directory 'no' does not exist.",
        ),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    line: str, told: str, rnnspec: Program, sentence: Sentence, stored: Path
) -> None:
    (stored / "cut.jsonl").write_bytes(text_of(two())[:-1])
    assert sentence(rnnspec(*line.split())) == told
    assert sorted(path.name for path in stored.iterdir()) == ["cut.jsonl", "run.jsonl"]
    assert (stored / "run.jsonl").read_bytes() == text_of(two())


def test_what_cannot_be_written_is_told(
    rnnspec: Program,
    sentence: Sentence,
    stored: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(one: Path, other: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("rnnspec.written.os.replace", full)
    for option, name in (("--junit", "it.xml"), ("-o", "it.html")):
        told = f"{name} cannot be written: No space left on device"
        assert sentence(rnnspec("report", "run.jsonl", option, name)) == told
    assert list(stored.iterdir()) == [stored / "run.jsonl"]
