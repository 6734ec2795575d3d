"""``rnnspec badge``: a report in a few words, and what is refused."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest

from rnnspec.badge import BAD, GOOD, NONE, OPEN, Badge, badge, endpoint, svg
from rnnspec.parts import Part
from rnnspec.report import footer_of
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from tests.face.reports import failing, part, text_of, two

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]
SVG = "{http://www.w3.org/2000/svg}"


def made(*verdicts: Verdict, name: str = "it", strict: bool = False) -> Part:
    """A report in which claims have these verdicts."""
    labels = [label for label, claim in CLAIMS.items() if claim.kind != "finding"]
    given = [
        failing(label, verdict, "why")
        if verdict in (Verdict.VIOLATED, Verdict.WAIVED, Verdict.STALE_WAIVER)
        else Outcome(CLAIMS[label], verdict, "why")
        for label, verdict in zip(labels, verdicts, strict=False)
    ]
    return part(name, given, strict=strict)


H, W, U, V, E = (
    Verdict.HOLDS, Verdict.WAIVED, Verdict.INCONCLUSIVE, Verdict.VIOLATED, Verdict.ERROR
)  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "message", "colour"),
    [
        ([H] * 53, "53 hold", GOOD),
        ([H], "1 holds", GOOD),
        ([H, H, W, Verdict.NOT_APPLICABLE], "2 hold, 1 waived", GOOD),
        ([H, U, U], "2 inconclusive", OPEN),
        ([H, U, V, V, W], "2 violated", BAD),
        ([V, E, Verdict.REFUSED, Verdict.STALE_WAIVER],
         "1 violated, 1 stale, 1 refused, 1 error", BAD),
        ([Verdict.ADAPTER_BROKEN] * 3, "3 broken", BAD),
        ([Verdict.NOT_RUN, Verdict.NOT_APPLICABLE], "nothing was tried", NONE),
    ],
)  # fmt: skip
def test_it_says_what_matters_most(verdicts: list[Verdict], message: str, colour: str) -> None:
    found = badge([made(*verdicts)])
    assert found == Badge("rnnspec", message, colour, colour == BAD)


def test_what_fails_with_strict_fails_here() -> None:
    assert badge([made(H, U, strict=True)]) == Badge("rnnspec", "1 inconclusive", BAD, True)


def test_of_several_it_says_all_or_one() -> None:
    parts = two()
    assert badge(parts).message == ("2 adapters: 1 violated, 1 stale, 1 refused, 1 error, 1 broken")
    assert badge(parts, "right") == Badge("rnnspec right", "2 hold", GOOD, False)


def test_a_run_that_was_interrupted_is_not_complete() -> None:
    cut = part("it", [Outcome(CLAIMS["rnn.step"], V)], claims=60)
    cut.footer = footer_of(cut.verdicts, 1.0, 130)
    assert badge([cut]) == Badge("rnnspec", "not complete", NONE, True)
    first = two()[:1]
    assert badge(first).message == "not complete"
    assert badge(first, "mixed").message.startswith("1 violated")


@pytest.mark.parametrize("name", ["torch", "a \"b\" <c> & 'd'", "é…"])
def test_the_picture_says_what_it_shows(name: str) -> None:
    root = ElementTree.fromstring(svg(badge([made(H, name=name)], name)))
    said = f"rnnspec {name}: 1 holds"
    assert (root.get("role"), root.get("aria-label")) == ("img", said)
    assert root.findtext(f"{SVG}title") == said
    assert [each.text for each in root.iter(f"{SVG}text")] == [f"rnnspec {name}", "1 holds"]
    width = float(root.get("width", ""))
    for text in root.iter(f"{SVG}text"):
        assert float(text.get("x", "")) + float(text.get("textLength", "")) < width


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [GOOD, OPEN, BAD, NONE])
def test_white_letters_stand_out(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_the_data_are_those_of_an_endpoint() -> None:
    assert json.loads(endpoint(badge([made(V)]))) == {
        "schemaVersion": 1,
        "label": "rnnspec",
        "message": "1 violated",
        "color": BAD,
        "isError": True,
    }


# ---- the command


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    (tmp_path / "run.json").write_bytes(text_of(two()))
    return tmp_path


def test_it_is_printed_or_written_and_that_is_no_failure(rnnspec: Program, stored: Path) -> None:
    ran = rnnspec("badge", "run.json")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, svg(badge(two())), "")
    for name, wanted in (("it.svg", svg), ("it.json", endpoint)):
        ran = rnnspec("badge", "run.json", "--adapter", "right", "-o", name)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        assert (stored / name).read_text(encoding="utf-8") == wanted(badge(two(), "right"))
    assert {path.name for path in stored.iterdir()} == {"run.json", "it.svg", "it.json"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("none", "none cannot be read: No such file or directory"),
        ("cut", "cut is no report: it was cut in line 16: 'rnnspec run' with --resume goes on "
         "with it"),
        ("run.json --adapter torch",
         "run.json tells nothing of 'torch': use one of mixed, right"),
        ("run.json -o ./run.json", "./run.json is the report: give the badge a file of its own"),
        ("run.json -o it.png",
         "it.png does not say what is to be written: end it in .svg (a picture) or .json (data for "
         "a service that draws it)"),
        ("run.json -o no/it.svg", "no/it.svg cannot be written: No such file or directory"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_a_sentence(
    line: str, told: str, rnnspec: Program, sentence: Sentence, stored: Path
) -> None:
    (stored / "cut").write_bytes(text_of(two())[:-1])
    assert sentence(rnnspec("badge", *line.split())) == told
    assert (stored / "run.json").read_bytes() == text_of(two())


def test_a_full_disk_leaves_the_badge_that_was_there(
    rnnspec: Program, sentence: Sentence, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    (stored / "it.svg").write_text("before")
    monkeypatch.setattr(Path, "write_bytes", full)
    told = sentence(rnnspec("badge", "run.json", "-o", "it.svg"))
    assert told == "it.svg cannot be written: No space left on device"
    assert (stored / "it.svg").read_text() == "before"


def test_every_verdict_that_can_fail_has_a_word() -> None:
    for many in (1, 2):
        for verdicts in combinations(Verdict, many):
            assert badge([made(*verdicts)]).message
