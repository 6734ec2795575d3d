"""Reports are read with nothing taken on trust: what comes of one is checked, or a complaint."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rnnspec import report_checks, report_file
from rnnspec.junit import junit
from rnnspec.markdown import LARGEST, markdown
from rnnspec.parts import Part
from rnnspec.reference.encoding import LARGEST_TEXT, Malformed
from rnnspec.replay import encode
from rnnspec.report import Line, as_text, outcome_of
from rnnspec.report_file import begun, read
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import PROFILES, Verdict
from tests.face.reports import lines_of, part, text_of, two, violated

Schema = Callable[[str], Draft202012Validator]
Path_ = tuple[str | int, ...]

RESUME = "'rnnspec run' with --resume goes on with it"
ALL = len(CLAIMS)


@cache
def whole() -> bytes:
    """A report as it is written: a line for each verdict, and a second adapter."""
    return text_of(two())


def damaged(at: int, *path: str, to: Any = None, lacking: bool = False) -> bytes:
    """The report with a field of a line replaced, or taken away."""
    lines = deepcopy(lines_of(two()))
    *above, last = path
    holder: Any = reduce(getitem, above, lines[at])
    if lacking:
        del holder[last]
    else:
        holder[last] = to
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def complaint(content: bytes, folder: Path) -> str:
    (folder / "it.jsonl").write_bytes(content)
    with pytest.raises(Malformed) as told:
        read(folder / "it.jsonl")
    return str(told.value)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "it.jsonl").write_bytes(whole())
    parts = read(tmp_path / "it.jsonl")
    assert text_of(parts) == whole()
    assert [each.adapter for each in parts] == ["mixed", "right"]
    assert set(parts[0].verdicts) == {*Verdict}
    again = {each.claim.id: each for each in parts[0].outcomes()}
    found, known = again["gru.step"], violated()
    for name in (
        "verdict",
        "reason",
        "explanation",
        "examples",
        "informative",
        "used",
        "shares",
        "dtypes",
    ):
        assert getattr(found, name) == getattr(known, name)
    assert found.comparison is not None
    assert known.comparison is not None
    assert found.comparison.ratio == known.comparison.ratio
    assert found.level == known.level
    assert again["rnn.step"].note == "time: 0.9 times as long"


# ---- what is refused, and the words


HOLDS, VIOLATED, FOOTER, SECOND = 1, 7, 11, 12
"""Where the lines stand of a claim that holds, of one that is violated, and so on."""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\n", "line 1: it is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"[]\n", "line 1: it holds no JSON object"),
        (b"\xff\xfe\n", "line 1: it is not text in UTF-8"),
        (b"{}\n", "line 1: it does not say that its format is 'rnnspec.report'"),
        (whole() + b"{}\n", "line 17: it does not say that its format is 'rnnspec.report'"),
        (whole()[:-1], f"it was cut in line 16: {RESUME}"),
        (b"\n".join(whole().splitlines()[:3]), f"it was cut in line 3: {RESUME}"),
        (b"".join(whole().splitlines(keepends=True)[:11]),
         f"it was cut after line 11, since mixed has no footer: {RESUME}"),
        (b"".join(whole().splitlines(keepends=True)[:12]),
         f"it was cut after line 12, since nothing of right follows: {RESUME}"),
        (damaged(0, "format", to="rnnspec.replay"),
         "line 1: it does not say that its format is 'rnnspec.report'"),
        (damaged(0, "version", to=2), "line 1: its version is 2; this rnnspec reads 1"),
        (damaged(0, "version", to=True), "line 1: its version is True; this rnnspec reads 1"),
        (damaged(0, "seed", to=-1), "line 1: the header.seed must be a whole number from 0 on"),
        (damaged(0, "seed", to=1.0), "line 1: the header.seed must be a whole number"),
        (damaged(0, "profile", to="slow"),
         "line 1: the header.profile is 'slow': use one of quick, standard, thorough, nightly"),
        (damaged(0, "claims", to=0), f"line 1: the header.claims must be a number from 1 to {ALL}"),
        (damaged(0, "claims", to=ALL + 1),
         f"line 1: the header.claims must be a number from 1 to {ALL}"),
        (damaged(0, "claims", to=3), "line 5: deep.stacked is more than the 3 claims of mixed"),
        (damaged(0, "strict", to=0), "line 1: the header.strict must be true or false"),
        (damaged(0, "only", to=[1]), "line 1: the header.only must be a string"),
        (damaged(0, "versions", "numpy", to=2),
         "line 1: the header.versions.numpy must be a string"),
        (damaged(0, "adapters", to=["right", "mixed"]),
         "line 1: the header.adapters does not have 'mixed' at this place"),
        (damaged(0, "adapters", to=["mixed", "mixed"]),
         "line 1: the header.adapters names one twice"),
        (damaged(0, "started", to="today"),
         "line 1: the header.started must be a time in UTC, such as 2026-11-24T09:00:00+00:00"),
        (damaged(0, "started", to="2026-11-24T09:00:00+01:00"),
         "line 1: the header.started must be a time in UTC, such as 2026-11-24T09:00:00+00:00"),
        (damaged(0, "adapter", to="\x1b[31mred"),
         "line 1: the header.adapter must be printable"),
        (damaged(SECOND, "seed", to=1), "line 13: the header.seed is not that of the first header"),
        (damaged(SECOND, "adapters", to=["mixed", "right", "more"]),
         "line 13: the header.adapters is not that of the first header"),
        (damaged(HOLDS, "claim", to="rnn.steps"),
         "line 2: there is no claim 'rnn.steps': did you mean 'rnn.step'?"),
        (damaged(HOLDS, "claim", to="layer.empty"), "line 3: layer.empty stands twice under mixed"),
        (damaged(HOLDS, "claim", lacking=True),
         "line 2: a claim or the footer of mixed must stand here"),
        (damaged(HOLDS, "verdict", to="fine"),
         f"line 2: rnn.step.verdict is 'fine': use one of {', '.join(Verdict)}"),
        (damaged(HOLDS, "kind", to="rule"),
         "line 2: rnn.step.kind is 'rule': use one of law, count, finding"),
        (damaged(HOLDS, "card", to=0), "line 2: rnn.step.card must be a number from 1 on, or null"),
        (damaged(HOLDS, "used", to=1.5), "line 2: rnn.step.used must be a number from 0 to 1"),
        (damaged(HOLDS, "used", to="nan"),
         "line 2: rnn.step.used must be a whole number or a number"),
        (damaged(HOLDS, "shares", "float64", to=1.5),
         "line 2: rnn.step.shares.float64 must be a number from 0 to 1"),
        (damaged(HOLDS, "shares", "float64", to=0.5),
         "line 2: rnn.step.used is not the largest of its shares"),
        (damaged(HOLDS, "shares", to={"float8": 0.25}),
         "line 2: rnn.step.shares is 'float8': use one of float64, float32, float16, bfloat16"),
        (damaged(HOLDS, "seconds", to=float("inf")),
         "line 2: rnn.step.seconds must be a number that float64 holds, or 'nan', 'inf', '-inf'"),
        (damaged(HOLDS, "seconds", to=1e300),
         "line 2: rnn.step.seconds must be a number from 0 to 9007199254740992"),
        (damaged(HOLDS, "examples", to=10**300),
         "line 2: rnn.step.examples must be a whole number from 0 on"),
        (damaged(HOLDS, "dtypes", "float64", to=True),
         "line 2: rnn.step.dtypes.float64 must be a whole number"),
        (damaged(HOLDS, "measured", to=[7]), "line 2: rnn.step.measured must be a string"),
        (damaged(HOLDS, "reason", to="two\nlines"), "line 2: rnn.step.reason must be printable"),
        (damaged(4, "waiver", to={}), "line 5: deep.stacked.waiver has no 'reason'"),
        (damaged(VIOLATED, "counterexample", to={}),
         "line 8: it does not say that its format is 'rnnspec.replay'"),
        (damaged(VIOLATED, "counterexample", "claim", to="rnn.step"),
         "line 8: gru.step.counterexample.claim is not 'gru.step'"),
        (damaged(VIOLATED, "counterexample", "adapter", to="right"),
         "line 8: gru.step.counterexample.adapter is not 'mixed'"),
        (damaged(VIOLATED, "counterexample", "case", "dtype", to="float8"),
         "line 8: case.dtype is 'float8': use one of float64, float32, float16, bfloat16"),
        (damaged(VIOLATED, "counterexample", "case", "way", to="\x1b[2J"),
         "line 8: gru.step.counterexample holds something that is not printable"),
        (damaged(VIOLATED, "counterexample", "comparison", "what", to="\x07"),
         "line 8: gru.step.counterexample holds something that is not printable"),
        (damaged(VIOLATED, "counterexample", "comparison", to=[]),
         "line 8: comparison must be an object or null"),
        (damaged(VIOLATED, "counterexample", "comparison", "bound", to=None),
         "line 8: comparison.bound must be an object with a shape and numbers"),
        (damaged(VIOLATED, "counterexample", "comparison", "bound",
                 to={"shape": [1], "numbers": [1.0]}),
         "line 8: comparison must have observed, expected and bound of one shape, not empty"),
        (damaged(FOOTER, "complete", lacking=True),
         "line 12: a claim or the footer of mixed must stand here"),
        (damaged(FOOTER, "complete", to=False),
         "line 12: the footer says not complete, and mixed has 10 of 10 claims"),
        (damaged(FOOTER, "verdicts", "holds", to=2),
         "line 12: the footer.verdicts do not add up to the claims of mixed"),
        (damaged(FOOTER, "verdicts", "fine", to=0),
         "line 12: the footer.verdicts has 'fine', which is no verdict"),
        (damaged(FOOTER, "exit_status", to=0),
         "line 12: the footer.exit_status is 0, which the verdicts do not give"),
        (damaged(FOOTER, "exit_status", to=130),
         "line 13: the run was interrupted before it came to right"),
        (damaged(FOOTER, "seconds", to=-1),
         "line 12: the footer.seconds must be a number from 0 to 9007199254740992"),
    ],
)  # fmt: skip
def test_a_complaint_names_the_line_and_what_belongs_there(
    content: bytes, told: str, tmp_path: Path
) -> None:
    assert complaint(content, tmp_path) == told


@pytest.mark.parametrize(
    ("at", "field"),
    [
        (at, field)
        for at in (0, HOLDS, VIOLATED, FOOTER)
        for field in lines_of(two())[at]
        # of these, what is left is no longer such a line; the last is not in older reports
        if field not in ("claim", "complete", "format", "version", "shares")
    ],
)
def test_no_field_is_guessed(at: int, field: str, tmp_path: Path) -> None:
    told = complaint(damaged(at, field, lacking=True), tmp_path)
    assert told.startswith(f"line {at + 1}: ")
    assert told.endswith(f" has no {field!r}")


def test_a_report_of_before_shares_were_told_is_read(tmp_path: Path) -> None:
    (tmp_path / "it.jsonl").write_bytes(damaged(HOLDS, "shares", lacking=True))
    (older, _) = read(tmp_path / "it.jsonl")
    assert (older.outcomes()[0].used, older.outcomes()[0].shares) == (0.25, {})


def test_a_name_that_a_terminal_obeys_is_told_as_text(tmp_path: Path) -> None:
    told = complaint(damaged(HOLDS, "dtypes", "\x1b[2J" + "x" * 1000, to=None), tmp_path)
    assert told.startswith("line 2: rnn.step.dtypes.\\x1b[2Jxxx")
    assert len(told) < 600


def test_a_line_that_is_too_long_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = max(map(len, whole().splitlines()))
    monkeypatch.setattr(report_file, "LARGEST_LINE", longest)
    (tmp_path / "it.jsonl").write_bytes(whole())
    assert len(read(tmp_path / "it.jsonl")) == 2
    monkeypatch.setattr(report_file, "LARGEST_LINE", longest - 1)
    assert complaint(whole(), tmp_path) == f"line 8: it is longer than {longest - 1} bytes"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "it.jsonl", "wb") as file:
        file.truncate(LARGEST_TEXT + 1)
    for reader in (read, begun):
        with pytest.raises(Malformed, match=f"^it is longer than {LARGEST_TEXT} bytes$"):
            reader(tmp_path / "it.jsonl")


# ---- damage


def checked(parts: list[Part], valid: Callable[[Line], None]) -> None:
    """What was read is what a report may be: it adds up, and every form of it can be made."""
    for line in lines_of(parts):
        # of a counterexample, no more is read than is needed
        known = {"counterexample": encode(outcome_of(line), "it", {})} if "claim" in line else {}
        valid({**line, **known})
    for each in parts:
        assert each.footer is None or sum(each.footer["verdicts"].values()) == len(each.claims)
        assert len({line["claim"] for line in each.claims}) == len(each.claims)
        for line in each.claims:
            assert outcome_of(line).claim is CLAIMS[line["claim"]]
    if parts:
        assert len(ElementTree.fromstring(junit(parts))) >= len(parts)
        assert len(markdown(parts)) <= LARGEST


Survives = Callable[[bytes], None]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="session")
def survives(folder: Path, schema: Schema) -> Survives:
    """Reading comes to something that was checked, or to a complaint in one line."""
    valid = schema("report").validate

    def survived(content: bytes) -> None:
        (folder / "it.jsonl").write_bytes(content)
        for reader in (read, lambda path: begun(path)[0]):
            told = ""
            try:
                checked(reader(folder / "it.jsonl"), valid)
            except Malformed as error:
                told = str(error)
            assert told.isprintable()

    return survived


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(size=st.integers(0, len(whole()) - 1))
def test_a_report_that_was_cut_anywhere_is_no_report(folder: Path, size: int) -> None:
    (folder / "it.jsonl").write_bytes(whole()[:size])
    with pytest.raises(Malformed, match=r"^it (was cut|is empty)"):
        read(folder / "it.jsonl")


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(size=st.integers(0, len(whole())))
def test_a_report_that_was_cut_anywhere_can_be_gone_on_with(folder: Path, size: int) -> None:
    (folder / "it.jsonl").write_bytes(whole()[:size])
    parts, kept = begun(folder / "it.jsonl")
    assert text_of(parts) == whole()[:kept]
    assert kept == whole()[:size].rfind(b"\n") + 1


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    at=st.integers(0, len(whole()) - 1),
    gone=st.integers(0, 3),
    new=st.binary(max_size=3),
)
def test_bytes_that_are_wrong_or_missing_are_survived(
    survives: Survives, at: int, gone: int, new: bytes
) -> None:
    survives(whole()[:at] + new + whole()[at + gone :])


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(order=st.lists(st.integers(0, len(whole().splitlines()) - 1), max_size=18))
def test_lines_in_another_order_are_survived(survives: Survives, order: list[int]) -> None:
    lines = whole().splitlines(keepends=True)
    survives(b"".join(lines[k] for k in order))


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    at=st.integers(0, len(whole().splitlines()) - 1),
    to=st.integers(0, len(whole().splitlines()) - 1),
)
def test_a_line_that_stands_twice_is_a_complaint(folder: Path, at: int, to: int) -> None:
    lines = whole().splitlines(keepends=True)
    (folder / "it.jsonl").write_bytes(b"".join([*lines[:to], lines[at], *lines[to:]]))
    with pytest.raises(Malformed):
        read(folder / "it.jsonl")


def places(data: Any, above: Path_ = ()) -> list[Path_]:
    """Where the fields are, those within fields too; of arrays the first number is enough."""
    found: list[Path_] = []
    items = data.items() if isinstance(data, dict) else [*enumerate(data)][:1]
    for key, value in items:
        found.append((*above, key))
        if isinstance(value, (dict, list)):
            found += places(value, (*above, key))
    return found


PLACES = [(k, path) for k, line in enumerate(lines_of(two())) for path in places(line)]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
LIKELY = st.sampled_from(
    ["", "holds", "violated", "\x1b[2J", "\ud800", 0, 1, -1, 10**400, 1e308, float("nan"), [], {}]
)


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(place=st.sampled_from(PLACES), value=ANYTHING | LIKELY)
def test_a_field_that_is_anything_is_survived(
    survives: Survives, place: tuple[int, Path_], value: Any
) -> None:
    at, (*above, last) = place
    lines = json.loads(json.dumps(lines_of(two())))
    holder: Any = reduce(getitem, above, lines[at])
    holder[last] = value
    text = "".join(json.dumps(line) + "\n" for line in lines)
    survives(text.encode())


# ---- interrupted runs


def test_an_interrupted_run_is_read_as_one_that_is_not_complete(tmp_path: Path) -> None:
    first, _ = two()
    first.claims.pop()
    first.footer = {
        "complete": False,
        "verdicts": {str(verdict): 1 for verdict in first.verdicts},
        "seconds": 1.0,
        "exit_status": 143,
    }
    (tmp_path / "it.jsonl").write_bytes(text_of([first]))
    (found,) = read(tmp_path / "it.jsonl")
    assert not found.complete
    parts, kept = begun(tmp_path / "it.jsonl")
    assert [each.footer for each in parts] == [None]
    assert kept == len(text_of(parts)) == len(text_of([first])) - len(as_text(first.footer))
    first.footer["exit_status"] = 1
    told = "line 11: the footer.exit_status is 1, which the verdicts do not give"
    assert complaint(text_of([first]), tmp_path) == told


@pytest.mark.parametrize("strict", [False, True])
def test_an_inconclusive_claim_fails_where_the_run_was_strict(strict: bool, tmp_path: Path) -> None:
    inconclusive = [each for each in part("it").outcomes() if each.verdict == "inconclusive"]
    made = part("it", inconclusive, strict=strict)
    assert made.footer is not None
    assert made.footer["exit_status"] == strict
    (tmp_path / "it.jsonl").write_bytes(text_of([made]))
    assert read(tmp_path / "it.jsonl") == [made]
    made.footer["exit_status"] = 1 - strict
    assert "which the verdicts do not give" in complaint(text_of([made]), tmp_path)


@pytest.mark.parametrize("content", [b"precious", b'{"format": "rnnspec.replay"', b"\0\0"])
def test_what_does_not_begin_as_a_report_is_not_gone_on_with(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "it.jsonl").write_bytes(content)
    with pytest.raises(Malformed, match=r"^it does not begin as a report does$"):
        begun(tmp_path / "it.jsonl")


def test_the_names_are_those_of_the_schema(schema: Schema) -> None:
    validator = schema("report")
    for profile in PROFILES:
        assert validator.is_valid(lines_of(two())[0] | {"profile": profile})
    for verdict in Verdict:
        assert validator.is_valid(lines_of(two())[1] | {"verdict": str(verdict)})
    for status in (0, 1, 3, *report_checks.INTERRUPTED):
        assert validator.is_valid(lines_of(two())[-1] | {"exit_status": status})
