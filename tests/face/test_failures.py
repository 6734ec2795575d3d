"""Implementations that are wrong, refuse, crash or cannot be used: what is said, and the status."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import InvalidCase, Network
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]
ONLY = ("--profile", "quick", "--only", "gru.step", "--json", "run.jsonl")


def footer(folder: Path) -> dict[str, Any]:
    lines = (folder / "run.jsonl").read_text(encoding="utf-8").splitlines()
    data: dict[str, Any] = json.loads(lines[-1])
    return data


def finds(folder: Path, label: str = "gru.step") -> dict[str, Any]:
    """A claim's line in the report."""
    lines = map(json.loads, (folder / "run.jsonl").read_text(encoding="utf-8").splitlines())
    (line,) = (line for line in lines if line.get("claim") == label)
    assert isinstance(line, dict)
    return line


def in_claims(case: Case, cell: str) -> bool:
    """Whether a case is of a cell, and not of ``layer.accuracy``, the one with an aim."""
    return case.network.cell == cell and case.aim == {}


class Swapped(Broken):
    """A layer whose reset and update gates are exchanged."""

    def __init__(self) -> None:
        super().__init__(exchanged("reset", "update"), ReferenceLayer.levels)
        self.name = "swapped"

    def run(self, case: Case) -> Answer:
        return super().run(case) if in_claims(case, "gru") else ReferenceLayer().run(case)


class Raising(ReferenceLayer):
    """The reference, but every GRU raises."""

    name = "raising"

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def run(self, case: Case) -> Answer:
        if in_claims(case, "gru"):
            raise self.error
        return super().run(case)


# ---- a violation


def test_a_violation_is_printed_reported_kept_and_replayed(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Swapped())
    ran = rnnspec("run", "swapped", *ONLY)
    assert ran.returncode == 1
    claim = CLAIMS["gru.step"]
    text = " ".join(ran.stdout.split())
    for part in ("violated: gru.step (card 7)", claim.statement, claim.formula):
        assert " ".join(part.split()) in text
    printed = [line.split() for line in ran.stdout.splitlines()]
    seen = ("observed", "expected", "bound")
    numbers = {words[0]: float(words[1]) for words in printed if words and words[0] in seen}
    assert abs(numbers["observed"] - numbers["expected"]) > numbers["bound"] > 0
    told = (
        "It would hold if the gates stood in the order update, reset, candidate (declared: reset, "
        "update, candidate)."
    )
    assert told in text
    (path,) = (tmp_path / ".rnnspec").iterdir()
    file = path.relative_to(tmp_path).as_posix()
    assert f"  rnnspec replay {file}" in ran.stdout.splitlines()
    assert finds(tmp_path)["counterexample"] == json.loads(path.read_text(encoding="utf-8"))
    assert json.loads(path.read_text(encoding="utf-8"))["explanation"] == told
    assert finds(tmp_path)["explanation"] == told
    again = rnnspec("replay", file)
    assert again.returncode == 1
    assert told in " ".join(again.stdout.split())
    assert "violated: gru.step (card 7)" in again.stdout
    right = rnnspec("replay", file, "--adapter", "reference")
    assert right.returncode == 0
    assert right.stdout.startswith("holds: gru.step on numpy ")


# ---- refusals and errors


@pytest.mark.parametrize(
    ("error", "verdict", "status"),
    [
        (RuntimeError("out\nof order"), "error", 3),
        (MemoryError("no room"), "error", 3),
        (AssertionError(), "error", 3),
        (SystemExit(5), "error", 3),
        (InvalidCase("not a network of mine"), "error", 3),
        (Refused("no such thing"), "refused", 1),
        (NotImplementedError("not yet"), "refused", 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_what_an_implementation_raises_is_a_verdict(
    error: BaseException,
    verdict: str,
    status: int,
    rnnspec: Program,
    known: Known,
    tmp_path: Path,
) -> None:
    known(Raising(error))
    ran = rnnspec("run", "raising", *ONLY)
    assert ran.returncode == footer(tmp_path)["exit_status"] == status
    assert f"{verdict}: gru.step (card 7)" in ran.stdout
    line = finds(tmp_path)
    assert line["verdict"] == verdict
    told = f"{type(error).__name__}: {' '.join(str(error).split())}"
    assert line["reason"] == told
    assert told.strip() in ran.stdout
    assert line["counterexample"]["case"]["network"]["cell"] == "gru"
    assert footer(tmp_path)["complete"] is True


@pytest.mark.parametrize("told", ["\ud800 half a character", "\x1b[31mred\x07", "[bold]no[/bold]"])
def test_what_it_says_is_printed_as_text_whatever_it_is(
    told: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(Raising(RuntimeError(told)))
    ran = rnnspec("run", "raising", *ONLY)
    assert ran.returncode == 3
    reason = finds(tmp_path)["reason"]
    assert reason.startswith("RuntimeError: ")
    assert reason.isprintable()
    assert reason.encode().decode() == reason
    assert reason in ran.stdout
    assert not told.isprintable() or told in reason


def test_a_violation_wins_over_an_error(rnnspec: Program, known: Known, tmp_path: Path) -> None:
    class Both(Swapped):
        def run(self, case: Case) -> Answer:
            if in_claims(case, "rnn"):
                raise RuntimeError("no simple unit today")
            return super().run(case)

    known(Both())
    ran = rnnspec("run", "swapped", *ONLY[:3], "[rg]*.step", *ONLY[4:])
    assert ran.returncode == 1
    verdicts = finds(tmp_path, "rnn.step")["verdict"], finds(tmp_path)["verdict"]
    assert verdicts == ("error", "violated")


class Closed(ReferenceLayer):
    """A layer that cannot be used at all."""

    name = "closed"

    def session(self) -> AbstractContextManager[object]:
        raise OSError("no device")


class Unrestored(ReferenceLayer):
    """A layer that does not come back from use."""

    name = "unrestored"

    @contextmanager
    def session(self) -> Any:
        yield
        raise RuntimeError("cannot restore the threads")


class Silent(ReferenceLayer):
    """A layer that does not say what it offers."""

    name = "silent"

    def offers(self, network: Network) -> str | None:
        raise RuntimeError("no idea")


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (Closed(), "OSError: no device"),
        (Unrestored(), "RuntimeError: cannot restore the threads"),
        (Silent(), "RuntimeError: no idea"),
    ],
    ids=["session", "its end", "offers"],
)
def test_an_adapter_that_cannot_be_used_is_broken(
    layer: ReferenceLayer, told: str, rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    known(layer)
    ran = rnnspec("run", layer.name, *ONLY)
    assert ran.returncode == 3, ran.stderr
    assert "gru.step: adapter broken: " in ran.stdout
    assert told in finds(tmp_path)["reason"]
    assert footer(tmp_path)["complete"] is True


def test_what_is_said_of_many_claims_is_said_once(rnnspec: Program, known: Known) -> None:
    known(Closed())
    ran = rnnspec("run", "closed", *ONLY[:3], "gru.*", *ONLY[4:])
    assert ran.returncode == 3
    told = "closed cannot be used: OSError: no device"
    assert f"\nadapter broken, 5 claims: {told}\n" in ran.stdout
    assert ran.stdout.count(told) == 1
    rows = [line.split()[:3] for line in ran.stdout.splitlines()]
    assert ["gru.bounded", "adapter", "broken"] in rows


def test_an_adapter_that_does_not_know_its_version_is_run(rnnspec: Program, known: Known) -> None:
    class Nameless(ReferenceLayer):
        name = "nameless"

        def versions(self) -> dict[str, str]:
            raise RuntimeError("no version")

    known(Nameless())
    ran = rnnspec("run", "nameless", *ONLY)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("nameless (unknown RuntimeError)")


def test_where_no_versions_are_told_the_name_stands_alone(rnnspec: Program, known: Known) -> None:
    class Unversioned(ReferenceLayer):
        name = "unversioned"

        def versions(self) -> dict[str, str]:
            return {}

    known(Unversioned())
    ran = rnnspec("run", "unversioned", *ONLY)
    assert ran.stdout.startswith("unversioned, profile quick, seed 0")


@pytest.mark.parametrize(("strict", "status"), [([], 0), (["--strict"], 1)])
def test_inconclusive_is_said_and_fails_where_it_must_not_be(
    strict: list[str],
    status: int,
    rnnspec: Program,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("rnnspec.spec.claim.Claim.informs", lambda *given: False)
    monkeypatch.setattr("rnnspec.spec.search.PATIENCE", 1)
    ran = rnnspec("run", "reference", *ONLY, *strict)
    assert ran.returncode == footer(tmp_path)["exit_status"] == status
    assert "gru.step: inconclusive: " in ran.stdout
    assert "informative examples needed" in ran.stdout
