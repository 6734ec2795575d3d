"""``rnnspec matrix``: reports side by side, and what is refused."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from rnnspec.matrix import Matrix, gathered
from rnnspec.matrix_markdown import SIGNS, anchor, page, page_in
from rnnspec.parts import Part
from rnnspec.report_file import RESUME
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from tests.face.reports import WAIVER, part, text_of, two

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

ROOT = Path(__file__).parents[2]
SMALL = Path(__file__).parent / "matrix.md"
"""The page of a small matrix."""
REPRODUCER = "jax/flax_nan_padding.py"


def fixed(made: Part, **header: Any) -> Part:
    """The same part as one that was made then and there."""
    made.header |= {
        "started": "2026-11-24T09:00:00+00:00",
        "rnnspec": "0.1.0",
        "python": "3.11.7",
        "platform": "Linux_of_today",
        "hypothesis": "6.170.15",
        **header,
    }
    return made


def measured(label: str, verdict: Verdict = Verdict.HOLDS, **shares: float) -> Outcome:
    """A claim that was judged, and how far off it was in every dtype."""
    return Outcome(
        CLAIMS[label],
        verdict,
        used=max(shares.values()),
        shares=shares,
        dtypes=dict.fromkeys(shares, 5),
    )


def small() -> list[Part]:
    """One with every verdict, one that is right, and one with several known divergences."""
    right = [
        measured("rnn.step", float64=0.125, float32=0.25),
        measured("gru.step", float64=0.5, float32=0.0),
        measured("lstm.counts", float64=0.75, float32=0.75),
    ]
    other = part("an|odd_one", [Outcome(CLAIMS["rnn.step"], Verdict.NOT_RUN, "deselected")])
    for label in ("layer.padding", "layer.nan"):
        why = f"padded ({REPRODUCER}); it fails with lengths given; it holds otherwise"
        known = Outcome(CLAIMS[label], Verdict.WAIVED, why)
        line = part("an|odd_one", [known]).claims[0]
        line["waiver"] = WAIVER | {"reason": "padded", "link": None, "reproducer": REPRODUCER}
        other.claims.append(line)
    other.claims[1]["measured"] = ["float16"]
    mixed = part("mixed", adapters=("mixed", "reference"))
    return [
        fixed(mixed),
        fixed(part("reference", right, adapters=("mixed", "reference"))),
        fixed(other, seed=7, only=["[rl]*"], versions={}),
    ]


def test_the_page_is_this() -> None:
    """To see what has changed: ``git diff`` after ``python -m tests.face.test_matrix``."""
    assert page(small(), ROOT / "docs") == SMALL.read_text(encoding="utf-8")


def rows_of(text: str) -> dict[str, list[str]]:
    """The cells of the table of claims, by what stands before them."""
    table = text.partition("## Claims\n")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split("|") for line in table.splitlines() if line.startswith("|")]
    return {first.strip(): [cell.strip() for cell in rest] for first, *rest in cells}


def test_every_claim_has_a_row_unless_no_run_tries_it() -> None:
    rows = rows_of(page(small()))
    tried = [label for label, claim in CLAIMS.items() if claim.kind != "finding"]
    assert [label for label in rows if label in CLAIMS] == tried
    assert rows["gru.step"] == ["ok", "nr", "**V**"]
    assert rows["layer.nan"] == ["nr", "W", "**B**"]
    assert {*rows["**Under every card**"]} == {"[1]", "[2]", "[3]"}


def test_every_verdict_has_a_sign_of_its_own_in_letters() -> None:
    assert SIGNS.keys() == {*Verdict}
    assert len({*SIGNS.values()}) == len(SIGNS)
    assert all(re.fullmatch(r"[a-zA-Z*]+", sign) for sign in SIGNS.values())


def test_what_holds_for_every_claim_is_said_of_every_claim() -> None:
    claims = [claim for claim in CLAIMS.values() if claim.kind != "finding"]
    gone = part("gone", [Outcome(each, Verdict.ADAPTER_BROKEN, "no device") for each in claims])
    assert "\n- **adapter broken** every claim: no device.\n" in page([gone])


def test_a_reason_that_is_not_told_is_none() -> None:
    silent = part("silent", [Outcome(CLAIMS["rnn.step"], Verdict.VIOLATED)])
    assert "\n- **violated** rnn.step: no reason is told.\n" in page([silent])


def test_what_has_one_reason_stands_together_the_worst_first() -> None:
    matrix = Matrix(small())
    assert [each.adapter for each in matrix.parts] == ["reference", "an|odd_one", "mixed"]
    (note,) = matrix.notes(matrix.parts[1])
    assert note.labels == ["layer.padding", "layer.nan"]
    assert note.reason == "it fails with lengths given; it holds otherwise"
    assert note.waived == ("padded", None, REPRODUCER)
    verdicts = [note.verdict for note in matrix.notes(matrix.parts[2])]
    order = list(Verdict)
    assert verdicts == sorted(verdicts, key=order.index, reverse=True)
    assert {*verdicts} == {*Verdict} - {Verdict.HOLDS, Verdict.NOT_RUN}


def test_accuracy_is_the_largest_share_of_a_bound_for_rounding() -> None:
    matrix = Matrix(small())
    worst = {each.dtype: (each.used, each.label) for each in matrix.accuracy(matrix.parts[0])}
    assert worst["float64"] == (0.5, "gru.step")
    assert worst["float32"] == (0.25, "rnn.step")
    assert worst["bfloat16"] == (None, "")
    assert [each.measured for each in matrix.accuracy(matrix.parts[1])].count(True) == 1


def test_settings_that_differ_are_columns() -> None:
    text = page(small())
    assert "profile quick; rnnspec 0.1.0; Hypothesis 6.170.15; platform Linux\\_of\\_today" in text
    (titles,) = (
        line for line in text.splitlines() if "| implementation " in line and "date" in line
    )
    assert [cell.strip() for cell in titles.split("|")[-3:]] == ["seed", "claims", ""]
    assert "| seed " not in page([small()[0]])


def test_labels_lead_to_the_page_of_claims_where_that_stands_beside(tmp_path: Path) -> None:
    assert "\n[gru.step]: claims.md#grustep\n" in page_in(str(ROOT / "docs" / "new.md"))(two())
    alone = page_in(str(tmp_path / "new.md"))(small())
    assert "claims.md" not in alone
    assert "(reproducer: jax/flax\\_nan\\_padding.py)" in alone
    headings = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8").splitlines()
    assert {anchor(label) for label in CLAIMS} <= {anchor(each[4:]) for each in headings if each}


# ---- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two reports."""
    (tmp_path / "one.jsonl").write_bytes(text_of(two()))
    (tmp_path / "other.jsonl").write_bytes(text_of([part("other", two_claims())]))
    return tmp_path


def two_claims() -> list[Outcome]:
    return [Outcome(CLAIMS[label], Verdict.HOLDS) for label in ("rnn.step", "gru.step")]


def test_it_is_printed_or_written(rnnspec: Program, folder: Path) -> None:
    printed = rnnspec("matrix", "other.jsonl", "one.jsonl")
    assert (printed.returncode, printed.stderr) == (0, "")
    written = rnnspec("matrix", "one.jsonl", "other.jsonl", "-o", "it.md")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert (folder / "it.md").read_text(encoding="utf-8") == printed.stdout
    assert printed.stdout == page([*two(), *gathered([str(folder / "other.jsonl")])])
    assert {path.name for path in folder.iterdir()} == {"one.jsonl", "other.jsonl", "it.md"}


CUT = b"".join(text_of(two()).splitlines(keepends=True)[:-1])


def interrupted(after: int) -> bytes:
    """A run of two adapters that was interrupted in the first, after so many claims."""
    (first, _) = two()
    first.header["claims"], first.claims = len(first.claims), first.claims[:after]
    whole = after == first.header["claims"]
    counts = {str(each): first.verdicts.count(each) for each in first.verdicts}
    first.footer = {"complete": whole, "verdicts": counts, "seconds": 1, "exit_status": 130}
    return text_of([first])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (CUT, "bad.jsonl is no report: it was cut after line 15, since right has no footer: "),
        (CUT[:-9], f"bad.jsonl is no report: it was cut in line 15: {RESUME}"),
        (interrupted(3),
         "bad.jsonl is not complete: the run was interrupted after 3 of 10 claims of mixed: "),
        (interrupted(10),
         "bad.jsonl is not complete: the run was interrupted after 10 of 10 claims of mixed: "),
        (b"", "bad.jsonl is no report: it is empty"),
        (b"# a page\n", "bad.jsonl is no report: line 1: it is not JSON: "),
        (b"\xff\xfe\n", "bad.jsonl is no report: line 1: it is not text in UTF-8"),
        (text_of(two()).replace(b'"version": 1', b'"version": 2', 1),
         "bad.jsonl is no report: line 1: its version is 2; this rnnspec reads 1"),
        (text_of(two()[1:]).replace(b'["mixed", "right"]', b'["right"]'),
         "one.jsonl and bad.jsonl both tell of right: name one report of each adapter"),
    ],
)  # fmt: skip
def test_a_bad_report_is_refused_in_a_sentence(
    content: bytes, told: str, rnnspec: Program, sentence: Sentence, folder: Path
) -> None:
    (folder / "bad.jsonl").write_bytes(content)
    refused = sentence(rnnspec("matrix", "one.jsonl", "bad.jsonl", "-o", "it.md"))
    assert refused.startswith(told)
    assert not (folder / "it.md").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing argument 'REPORT...'."),
        (["no.jsonl"], "no.jsonl cannot be read: No such file or directory"),
        (["."], ". cannot be read: Is a directory"),
        (["one.jsonl", "one.jsonl"],
         "one.jsonl and one.jsonl both tell of mixed: name one report of each adapter"),
        (["one.jsonl", "-o", "./one.jsonl"],
         "./one.jsonl is a report: give the page a file of its own"),
        (["one.jsonl", "-o", "no/it.md"],
         "no/it.md cannot be written: No such file or directory"),
        (["one.jsonl", "-o", "d.md"], "d.md cannot be written: Is a directory"),
        (["one.jsonl", "-o", "no/it.html"],
         "no/it.html cannot be written: No such file or directory"),
        (["one.jsonl", "-o", "it"],
         "it does not say what is to be written: end it in .md (Markdown) or .html (a page for a "
         "browser)"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_a_sentence(
    arguments: list[str], told: str, rnnspec: Program, sentence: Sentence, folder: Path
) -> None:
    before = (folder / "one.jsonl").read_bytes()
    (folder / "d.md").mkdir()
    assert sentence(rnnspec("matrix", *arguments)) == told
    assert (folder / "one.jsonl").read_bytes() == before


def test_a_full_disk_leaves_the_page_that_was_there(
    rnnspec: Program, sentence: Sentence, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "it.md").write_text("before")
    monkeypatch.setattr(Path, "write_bytes", full)
    told = sentence(rnnspec("matrix", "one.jsonl", "-o", "it.md"))
    assert told == "it.md cannot be written: No space left on device"
    assert (folder / "it.md").read_text() == "before"
    assert {path.name for path in folder.iterdir()} == {"one.jsonl", "other.jsonl", "it.md"}


if __name__ == "__main__":
    SMALL.write_text(page(small(), ROOT / "docs"), encoding="utf-8")
