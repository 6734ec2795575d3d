"""What a run is written in as it goes: whole at any moment, on a disk that is full, or where the
run is interrupted or killed.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest

from rnnspec import interruption
from rnnspec.html.kept import Kept
from rnnspec.html.page import page
from rnnspec.junit import junit
from rnnspec.markdown import markdown
from rnnspec.parts import Part, complete
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.precision import RELATIVE
from rnnspec.report_file import begun, read
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged
from tests.face.smoke import in_smoke

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]
Sentence = Callable[[Ran], str]

ONLY = ("--profile", "quick", "--only", "[rg]*.step")
FORMS = ("--json", "run.jsonl", "--junit", "run.xml", "--markdown", "run.md")
PAGE = ("--html", "run.html")


def completeness(path: Path) -> list[str]:
    """What the suites of a JUnit file say of being complete."""
    found = ElementTree.parse(path).iterfind("testsuite/properties/property[@name='complete']")
    return [each.attrib["value"] for each in found]


class Watching(ReferenceLayer):
    """Looks at what is written whenever a claim begins."""

    name = "watching"

    def __init__(self) -> None:
        self.seen: list[tuple[list[str], int, bool]] = []

    def session(self) -> AbstractContextManager[object]:
        cases = len(ElementTree.parse("run.xml").findall("testsuite/testcase"))
        parts, _ = begun(Path("run.jsonl"))
        assert len(parts[-1].claims) == cases
        text = Path("run.md").read_text(encoding="utf-8")
        cut = "**the run is not complete**" in text
        self.seen.append((completeness(Path("run.xml")), cases, cut))
        return super().session()


def test_every_form_is_whole_at_any_moment_and_says_when_it_is_complete(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    layer = Watching()
    known(layer)
    ran = rnnspec("run", "watching", *ONLY, *FORMS)
    assert ran.returncode == 0, ran.stderr
    places = [list(CLAIMS).index(label) for label in ("rnn.step", "gru.step")]
    assert layer.seen == [(["false"], place, True) for place in places]
    parts = read(tmp_path / "run.jsonl")
    assert (tmp_path / "run.xml").read_text(encoding="utf-8") == junit(parts)
    assert (tmp_path / "run.md").read_text(encoding="utf-8") == markdown(parts)
    assert completeness(tmp_path / "run.xml") == ["true"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.jsonl", "run.md", "run.xml"]


KILLED = """
import os, signal, sys
from rnnspec import catalogue
from rnnspec.cli import main
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.precision import RELATIVE

class Killed(ReferenceLayer):
    name = "killed"
    def run(self, case):
        if case.network.cell == "gru" and case.aim == {} and case.steps != 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run(case)

catalogue.load = lambda name: Killed()
sys.argv = ["rnnspec", "run", "killed", *ONLY, *FORMS]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="processes are killed in another way on Windows")
def test_a_run_that_is_killed_keeps_what_it_has_and_can_be_gone_on_with(
    python: Program, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    ran = python("-c", KILLED.replace("*ONLY, *FORMS", repr([*ONLY, *FORMS])[1:-1]))
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    reached = list(CLAIMS).index("gru.step")
    (part,), _ = begun(tmp_path / "run.jsonl")
    assert [line["claim"] for line in part.claims] == list(CLAIMS)[:reached]
    assert completeness(tmp_path / "run.xml") == ["false"]
    assert len(ElementTree.parse(tmp_path / "run.xml").findall("testsuite/testcase")) == reached
    assert "**the run is not complete**" in (tmp_path / "run.md").read_text(encoding="utf-8")
    right = ReferenceLayer()
    right.name = "killed"
    known(right)
    ran = rnnspec("run", "killed", *ONLY, *FORMS, "--resume")
    assert ran.returncode == 0, ran.stderr
    (whole,) = read(tmp_path / "run.jsonl")
    assert whole.claims[:reached] == part.claims
    assert completeness(tmp_path / "run.xml") == ["true"]
    assert "the run is complete" in (tmp_path / "run.md").read_text(encoding="utf-8")


def test_a_page_is_made_where_an_adapter_begins_or_ends(
    rnnspec: Program, known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []

    def counted(parts: Sequence[Part], kept: Kept) -> str:
        made.append(complete(parts))
        return page(parts, kept)

    monkeypatch.setattr("rnnspec.html.page.page", counted)
    right = ReferenceLayer()
    right.name = "right"
    known(right)
    ran = rnnspec("run", "reference", "right", *ONLY, *PAGE, "--json", "run.jsonl")
    assert ran.returncode == 0, ran.stderr
    assert made == [False, False, False, True, True]  # and once more as it is closed
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert text == page(read(tmp_path / "run.jsonl"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.html", "run.jsonl"]


def test_a_page_of_a_run_shows_what_its_waivers_name(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    wrong = Broken(exchanged("reset", "update"), {"float32": RELATIVE})
    wrong.name = "wrong"
    known(wrong)
    (tmp_path / "known").mkdir()
    (tmp_path / "known" / "it.py").write_text("print('exchanged')")
    (tmp_path / "known" / "it.toml").write_text(
        '[[waiver]]\nclaim = "gru.step"\nadapter = "wrong"\nreason = "as it is"\n'
        'versions = { numpy = ">=1" }\nreproducer = "it.py"\n'
    )
    ran = rnnspec("run", "wrong", *ONLY, *PAGE, "--waivers", "known/it.toml", "--replays", "r")
    assert ran.returncode == 0, ran.stderr
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert "print(&#x27;exchanged&#x27;)" in text
    assert "Known divergence: as it is" in text


class Interrupted(ReferenceLayer):
    """The reference, until somebody presses Ctrl-C at the first GRU that a claim runs."""

    name = "interrupted"

    def run(self, case: Case) -> Answer:
        if case.network.cell == "gru" and case.aim == {} and not in_smoke(case):
            raise KeyboardInterrupt
        return super().run(case)


def test_a_run_that_is_interrupted_says_so_in_every_form(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Interrupted())
    ran = rnnspec("run", "interrupted", "reference", *ONLY, *FORMS)
    assert ran.returncode == 130
    parts = read(tmp_path / "run.jsonl")
    assert completeness(tmp_path / "run.xml") == ["false", "false"]
    assert (tmp_path / "run.xml").read_text(encoding="utf-8") == junit(parts)
    text = (tmp_path / "run.md").read_text(encoding="utf-8")
    assert text == markdown(parts)
    assert "Nothing is there yet of <code>reference</code>." in text


# ---- a full disk


def test_a_disk_that_gets_full_leaves_what_was_whole(
    rnnspec: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 10
    replace = os.replace

    def full(one: Path, other: Path) -> None:
        nonlocal left
        left -= other.name == "run.xml"
        if left < 0 and other.name == "run.xml":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(one, other)

    monkeypatch.setattr("rnnspec.written.os.replace", full)
    ran = rnnspec("run", "reference", *ONLY, *FORMS)
    assert ran.returncode == 2
    assert ran.stdout.count("run.xml cannot be written any further: No space left on device") == 1
    assert len(ElementTree.parse(tmp_path / "run.xml").findall("testsuite/testcase")) == 9
    assert completeness(tmp_path / "run.xml") == ["false"]
    assert read(tmp_path / "run.jsonl")[0].complete
    text = (tmp_path / "run.md").read_text(encoding="utf-8")
    assert text.endswith("the run is complete; exit status 0.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.jsonl", "run.md", "run.xml"]


# ---- files that cannot be written


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--junit .", ". cannot be written: Is a directory"),
        ("--junit /", "/ cannot be written: Is a directory"),
        (
            "--html .",
            ". does not say what is to be written: end it in .html (a page for a browser)",
        ),
        ("--html no/x.html", "no/x.html cannot be written: No such file or directory"),
        ("--html x.html --junit x.html", "x.html is named twice: give each form a file of its own"),
        ("--markdown no/run.md", "no/run.md cannot be written: No such file or directory"),
        ("--json old --junit no/x", "no/x cannot be written: No such file or directory"),
        ("--junit old --json no/x", "no/x cannot be written: No such file or directory"),
        ("--markdown old --junit old", "old is named twice: give each form a file of its own"),
        ("--json old --junit ./x/../old", "old is named twice: give each form a file of its own"),
    ],
)
def test_a_form_that_cannot_be_written_is_told_before_anything_is_changed(
    options: str, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    (tmp_path / "old").write_text("what was there")
    assert sentence(rnnspec("run", "reference", *ONLY, *options.split())).endswith(told)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "what was there"


@pytest.mark.skipif(os.name == "nt", reason="a link needs a privilege on Windows")
def test_a_link_leads_where_it_led(rnnspec: Program, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "run.xml").symlink_to("there/kept.xml")
    assert rnnspec("run", "reference", *ONLY, "--junit", "run.xml").returncode == 0
    assert (tmp_path / "run.xml").is_symlink()
    assert completeness(tmp_path / "there" / "kept.xml") == ["true"]
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["kept.xml"]


READS = "print(open('pipe').read(), end='')"
LEAVES = "open('pipe').close()"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("option", ["--junit", "--markdown"])
@pytest.mark.parametrize(("reads", "status"), [(READS, 0), (LEAVES, 2)], ids=["read", "left"])
def test_a_pipe_is_written_once_at_the_end_and_never_replaced(
    option: str, reads: str, status: int, rnnspec: Program, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(
        [sys.executable, "-c", reads], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as reader:
        ran = rnnspec("run", "reference", *ONLY, option, "pipe", "--json", "run.jsonl")
        out, _ = reader.communicate(timeout=50)
    parts = read(tmp_path / "run.jsonl")
    assert ran.returncode == status
    told = "pipe cannot be written any further: Broken pipe\n"
    assert ran.stdout.count(told) == (status == 2)
    assert out == ("" if status else junit(parts) if option == "--junit" else markdown(parts))
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "run.jsonl"]


# ---- what must not be cut


def held(done: list[str], *, asked: int) -> None:
    """Something that is held twice, and in which it is asked to stop."""
    with interruption.held():
        with interruption.held():
            for _ in range(asked):
                interruption._stop(signal.SIGTERM, None)
            done.append("inner")
        done.append("outer")


def test_what_is_held_is_done_before_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_asked", [])
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt) as stop:
        held(done, asked=1)
    assert done == ["inner", "outer"]
    assert stop.value.args == (143,)
    held(done, asked=0)  # what was asked before is known already
    assert done == ["inner", "outer"] * 2


def test_what_is_held_is_stopped_at_once_by_asking_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_asked", [])
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        held(done, asked=2)
    assert done == []
    with pytest.raises(KeyboardInterrupt):  # and nothing is held any longer
        interruption._stop(signal.SIGINT, None)
