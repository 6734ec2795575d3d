"""A run that was cut is gone on with: it comes to what it would have come to, nothing is run twice,
and the report of another run is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from rnnspec.junit import junit
from rnnspec.markdown import markdown
from rnnspec.parts import Part
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.precision import RELATIVE, Level
from rnnspec.report_file import begun, read
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged
from rnnspec.spec.search import PROFILES
from tests.face.smoke import in_smoke

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]
Sentence = Callable[[Ran], str]

NAMES = ("swapped", "right")
QUICK = ("--profile", "quick", "--only", "[rg]*.step")
JSON = ("--json", "run.jsonl")
FORMS = (*JSON, "--junit", "run.xml", "--markdown", "run.md")


class Right(ReferenceLayer):
    """The reference, which knows the cells that it was asked for."""

    name = "right"
    levels: Mapping[str, Level] = {"float64": RELATIVE}  # one is enough, and soon searched

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def run(self, case: Case) -> Answer:
        if case.aim == {} and not in_smoke(
            case
        ):  # the accuracy of sigmoid and tanh comes first, whatever is asked for
            self.asked.add(case.network.cell)
        return super().run(case)


class Swapped(Right):
    """Its reset and update gates are exchanged."""

    name = "swapped"

    def __init__(self) -> None:
        super().__init__()
        self.wrong = Broken(exchanged("reset", "update"), self.levels)

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return self.wrong.run(case) if case.network.cell == "gru" and case.aim == {} else answer


@pytest.fixture
def layers(known: Known) -> dict[str, Right]:
    """The two adapters that are run."""
    made: dict[str, Right] = {"swapped": Swapped(), "right": Right()}
    for layer in made.values():
        known(layer)
    return made


def told(parts: list[Part]) -> list[dict[str, Any]]:
    """All that is said, but for the time that it took."""
    lines = [line for part in parts for line in [part.header, *part.claims, part.footer] if line]
    times = ("seconds", "started", "note")
    return [{name: line[name] for name in line if name not in times} for line in lines]


LABELS = list(CLAIMS)
RNN, GRU = LABELS.index("rnn.step") + 1, LABELS.index("gru.step") + 1
END = len(CLAIMS) + 2
"""So many lines has an adapter: a header, the claims and a footer."""
SIZES = [0.5, RNN + 0.5, GRU + 0.9, GRU + 1, END - 0.5, END, END + 0.3, 2 * END - 1]
"""Where the report is cut: after so many lines, and so much of one more."""


def test_it_comes_to_what_it_would_have_come_to_wherever_it_was_cut(
    rnnspec: Program, layers: dict[str, Right], tmp_path: Path
) -> None:
    file = tmp_path / "run.jsonl"
    ran = rnnspec("run", *NAMES, *QUICK, *FORMS)
    assert ran.returncode == 1
    content, whole = file.read_bytes(), told(read(file))
    lines = content.splitlines(keepends=True)
    assert len(lines) == 2 * END
    kept = {path.name: path.read_bytes() for path in (tmp_path / ".rnnspec").iterdir()}
    assert len(kept) == 1
    for size in SIZES:
        count, share = int(size), size % 1
        file.write_bytes(b"".join(lines[:count]) + lines[count][: int(len(lines[count]) * share)])
        for layer in layers.values():
            layer.asked.clear()
        for path in (tmp_path / ".rnnspec").iterdir():
            path.unlink()
        ran = rnnspec("run", *NAMES, *QUICK, *FORMS, "--resume")
        assert ran.returncode == 1, ran.stderr
        parts = read(file)
        assert told(parts) == whole
        assert file.read_bytes().startswith(b"".join(lines[:count]))
        assert (tmp_path / "run.xml").read_text(encoding="utf-8") == junit(parts)
        assert (tmp_path / "run.md").read_text(encoding="utf-8") == markdown(parts)
        # what has a line is not run again
        wanted = {
            name: {cell for cell, at in (("rnn", RNN), ("gru", GRU)) if count <= begin + at}
            for name, begin in (("swapped", 0), ("right", END))
        }
        assert {name: layer.asked for name, layer in layers.items()} == wanted, size
        # of an adapter that is not complete, all is printed and kept, also what was there
        again = {path.name: path.read_bytes() for path in (tmp_path / ".rnnspec").iterdir()}
        assert again == (kept if count < END else {})
        rows = [line.split()[:2] for line in ran.stdout.splitlines()]
        assert (["gru.step", "violated"] in rows) is (count < END)
        assert ("violated: gru.step (card 7)" in ran.stdout) is (count < END)
        assert ["gru.step", "holds"] in rows
        skipped = "swapped is complete in run.jsonl: it is not run again\n"
        assert (skipped in ran.stdout) is (count >= END)


def test_a_run_that_was_interrupted_is_gone_on_with(
    rnnspec: Program, layers: dict[str, Right], known: Known, tmp_path: Path
) -> None:
    class Stopped(Swapped):
        """Somebody presses Ctrl-C at the third GRU: while the first that failed is made smaller."""

        def __init__(self) -> None:
            super().__init__()
            self.left = 3

        def run(self, case: Case) -> Answer:
            self.left -= case.network.cell == "gru" and case.aim == {} and not in_smoke(case)
            if self.left < 0:
                raise KeyboardInterrupt
            return super().run(case)

    known(Stopped())
    assert rnnspec("run", *NAMES, *QUICK, *FORMS).returncode == 130
    (before,) = read(tmp_path / "run.jsonl")
    assert before.footer is not None
    assert (before.footer["complete"], before.footer["exit_status"]) == (False, 130)
    assert before.claims[-1]["verdict"] == "violated"
    known(Swapped())
    ran = rnnspec("run", *NAMES, *QUICK, *FORMS, "--resume")
    assert ran.returncode == 1, ran.stderr
    first, second = read(tmp_path / "run.jsonl")
    assert first.claims[: len(before.claims)] == before.claims
    assert first.complete
    assert second.complete
    assert first.footer is not None
    assert first.footer["exit_status"] == 1


def test_a_report_that_is_complete_is_left_as_it_is(
    rnnspec: Program, layers: dict[str, Right], tmp_path: Path
) -> None:
    assert rnnspec("run", *NAMES, *QUICK, *JSON).returncode == 1
    content = (tmp_path / "run.jsonl").read_bytes()
    for layer in layers.values():
        layer.asked.clear()
    ran = rnnspec("run", *NAMES, *QUICK, *FORMS, "--resume")
    assert ran.returncode == 1
    assert ran.stdout == "run.jsonl is complete: nothing is left to run\n"
    assert (tmp_path / "run.jsonl").read_bytes() == content
    assert not any(layer.asked for layer in layers.values())
    parts = read(tmp_path / "run.jsonl")
    assert (tmp_path / "run.xml").read_text(encoding="utf-8") == junit(parts)
    assert (tmp_path / "run.md").read_text(encoding="utf-8") == markdown(parts)


@pytest.mark.parametrize("content", [None, b"", b'{"format": "rnn'])
def test_where_nothing_is_there_yet_all_is_run(
    content: bytes | None, rnnspec: Program, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "run.jsonl").write_bytes(content)
    ran = rnnspec("run", "reference", *QUICK, *JSON, "--resume")
    assert ran.returncode == 0, ran.stderr
    assert read(tmp_path / "run.jsonl")[0].complete


@pytest.mark.parametrize("profile", ["quick", "nightly"])
def test_the_seed_is_that_of_the_report_where_none_is_given(
    profile: str, rnnspec: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROFILES, "nightly", 8)
    arguments = ("run", "reference", "--profile", profile, "--only", "[rg]*.step", *JSON)
    seed = ("--seed", "7") if profile == "quick" else ()
    assert rnnspec(*arguments, *seed).returncode == 0
    file = tmp_path / "run.jsonl"
    first = read(file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:GRU]))
    ran = rnnspec(*arguments, "--resume")
    assert ran.returncode == 0, ran.stderr
    assert f"seed {first[0].header['seed']}\n" in ran.stdout
    assert told(read(file)) == told(first)


def test_a_claim_that_is_being_tried_again_does_not_stand_twice(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    """The accuracy of sigmoid and tanh is tried first, also where it was told before."""

    class Poor(ReferenceLayer):
        name = "poor"
        stops = False

        def run(self, case: Case) -> Answer:
            answer = super().run(case)
            if case.aim == {}:
                return answer
            if self.stops:
                raise KeyboardInterrupt
            self.stops = stopping
            return Answer(answer.outputs + 1.0, answer.states)

    stopping = True
    known(Poor())
    arguments = ("run", "poor", *QUICK, *JSON, "--resume")
    assert rnnspec(*arguments).returncode == 130
    (part,) = read(tmp_path / "run.jsonl")
    assert [line["claim"] for line in part.claims] == ["layer.accuracy"]
    known(Poor())
    assert rnnspec(*arguments).returncode == 130
    (part,) = read(tmp_path / "run.jsonl")
    assert [line["claim"] for line in part.claims] == ["layer.accuracy"]
    stopping = False
    known(Poor())
    assert rnnspec(*arguments).returncode == 1
    (part,) = read(tmp_path / "run.jsonl")
    assert sorted(line["claim"] for line in part.claims) == sorted(CLAIMS)


# ---- what is not gone on with


def cut(folder: Path, rnnspec: Program, header: dict[str, Any] | None = None) -> bytes:
    """A report of which the last lines are missing, and whose header was changed."""
    rnnspec("run", "reference", *QUICK, *JSON)
    first, *lines = (folder / "run.jsonl").read_bytes().splitlines(keepends=True)
    changed = json.dumps({**json.loads(first), **(header or {})}).encode() + b"\n"
    content = b"".join([changed, *lines[:GRU]])
    (folder / "run.jsonl").write_bytes(content)
    return content


@pytest.mark.parametrize(
    ("header", "arguments", "differs"),
    [
        ({}, ["--seed", "1"], "seed 0 there, and 1 here"),
        ({}, ["--profile", "standard"], "profile quick there, and standard here"),
        ({}, ["--only", "gru.*"], "only [rg]*.step there, and [rg]*.step, gru.* here"),
        ({}, ["--strict"], "strict no there, and yes here"),
        ({}, ["right"], "adapters reference there, and reference, right here"),
        ({"only": []}, [], "only all there, and [rg]*.step here"),
        ({"versions": {"numpy": "1.26.0"}}, [], "versions numpy 1.26.0 there, and numpy "),
        ({"claims": 59}, [], f"claims 59 there, and {len(CLAIMS)} here"),
        ({"rnnspec": "0.0.9"}, [], "rnnspec 0.0.9 there, and "),
        ({"hypothesis": "6.0"}, [], "hypothesis 6.0 there, and "),
        ({"numpy": "1.26.0"}, [], "numpy 1.26.0 there, and "),
    ],
)
def test_the_report_of_another_run_is_left_as_it_is(
    header: dict[str, Any],
    arguments: list[str],
    differs: str,
    rnnspec: Program,
    layers: dict[str, Right],
    sentence: Sentence,
    tmp_path: Path,
) -> None:
    content = cut(tmp_path, rnnspec, header)
    said = sentence(rnnspec("run", "reference", *QUICK, *FORMS, "--resume", *arguments))
    assert said.startswith(f"run.jsonl is the report of another run: {differs}")
    assert said.endswith(" here; without --resume it is written anew")
    assert (tmp_path / "run.jsonl").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]


def test_the_same_claims_by_other_patterns_are_the_same(rnnspec: Program, tmp_path: Path) -> None:
    cut(tmp_path, rnnspec, {"only": ["gru.step", "rnn.step"]})
    assert rnnspec("run", "reference", *QUICK, *JSON, "--resume").returncode == 0
    assert read(tmp_path / "run.jsonl")[0].complete


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"precious", "it does not begin as a report does"),
        (b"precious\n", "line 1: it is not JSON: "),
        (b'{"claim": "gru.step"}\n', "line 1: it does not say that its format is 'rnnspec.report'"),
    ],
)
def test_what_is_no_report_is_left_as_it_is(
    content: bytes, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    (tmp_path / "run.jsonl").write_bytes(content)
    said = sentence(rnnspec("run", "reference", *QUICK, *FORMS, "--resume"))
    assert said.startswith(f"run.jsonl is no report: {told}")
    assert (tmp_path / "run.jsonl").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]


def test_what_is_damaged_in_its_middle_is_left_as_it_is(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    content = cut(tmp_path, rnnspec).replace(b'"verdict": "holds"', b'"verdict": "fine"')
    (tmp_path / "run.jsonl").write_bytes(content)
    said = sentence(rnnspec("run", "reference", *QUICK, *JSON, "--resume"))
    assert said.startswith("run.jsonl is no report: line 2: rnn.step.verdict is 'fine'")
    assert (tmp_path / "run.jsonl").read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--resume"], "--resume goes on with a report: name its file with --json FILE"),
        (["--resume", "--json", "."], ". cannot be read: Is a directory"),
        (["--resume", "--json", "no/x"], "no/x cannot be written: No such file or directory"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    arguments: list[str], told: str, rnnspec: Program, sentence: Sentence
) -> None:
    assert sentence(rnnspec("run", "reference", *QUICK, *arguments)) == told


def test_what_follows_the_last_whole_line_is_dropped_whatever_it_is(
    rnnspec: Program, tmp_path: Path
) -> None:
    """Some disks have zeros there after a failure of the power."""
    file = tmp_path / "run.jsonl"
    rnnspec("run", "reference", *QUICK, *JSON)
    content = b"".join(file.read_bytes().splitlines(keepends=True)[:-1])
    file.write_bytes(content + b"\0" * 10_000)
    parts, kept = begun(file)
    assert (len(parts[0].claims), kept) == (len(CLAIMS), len(content))
    assert rnnspec("run", "reference", *QUICK, *JSON, "--resume").returncode == 0
    assert read(file)[0].complete
