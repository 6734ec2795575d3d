"""What is kept before it is printed; what is remembered of an interruption; whose name it is."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from rnnspec import interruption
from rnnspec.console import Screen
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.precision import RELATIVE, Level
from rnnspec.replay import read as read_replay
from rnnspec.session import Session

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]
Sentence = Callable[[Ran], str]
ONLY = ("--profile", "quick", "--only", "gru.step")


class Off(ReferenceLayer):
    """Every output is off, and the inputs are written into."""

    name = "off"

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        case.inputs[...] += 1.0
        return Answer(answer.outputs + 1.0, answer.states)


class Silent(Screen):
    """Nobody reads."""

    def outcomes(self, outcomes: object) -> None:
        raise BrokenPipeError


def test_what_is_kept_is_kept_where_nobody_reads(
    known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    known(Off())
    session = Session(
        Silent(), adapters=("off",), only=["gru.step"], profile="quick", report="run.jsonl"
    )
    with pytest.raises(BrokenPipeError):
        session.run()
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert lines[-1]["complete"]
    (path,) = (tmp_path / ".rnnspec").iterdir()
    assert not read_replay(path)["case"].inputs.any()  # as it was passed, not as it was left


def test_an_interruption_that_was_lost_is_raised_again(
    rnnspec: Program, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interruption, "_asked", [])

    class Deaf(ReferenceLayer):
        name = "deaf"

        def run(self, case: Case) -> Answer:
            try:
                interruption._stop(signal.SIGTERM, None)
            except KeyboardInterrupt:  # as Python itself drops it in some callbacks
                return super().run(case)
            raise AssertionError("it was not raised")

    known(Deaf())
    ran = rnnspec("run", "deaf", *ONLY)
    assert ran.returncode == 143
    assert ran.stderr.strip() == "interrupted"


def test_a_name_is_its_own(
    rnnspec: Program, sentence: Sentence, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgot(ReferenceLayer):
        """Has the name of what it is made of."""

    monkeypatch.setattr("rnnspec.catalogue.load", lambda name: Forgot())
    told = sentence(rnnspec("run", "forgot", *ONLY))
    assert told == (
        "the adapter 'forgot' calls itself 'reference', which is another adapter's name: give it "
        "a name of its own"
    )


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"float8": RELATIVE}, "what it declares is none: levels has 'float8': use one of float64"),
        ({"float32": 3}, "its levels have 3 for 'float32', where a Level belongs"),
        ({}, "what it declares is none: it must offer a dtype in 'levels'"),
    ],
)
def test_levels_that_are_none_are_an_adapter_broken(
    levels: Mapping[str, Level], told: str, rnnspec: Program, known: Known
) -> None:
    layer = Off()
    layer.levels = levels
    known(layer)
    ran = rnnspec("run", "off", *ONLY, "--json", "run.jsonl")
    assert ran.returncode == 3, ran.stderr
    assert f"gru.step: adapter broken: off: {told}" in " ".join(ran.stdout.split())
    assert "Traceback" not in ran.stdout + ran.stderr


def test_patterns_may_be_several(rnnspec: Program) -> None:
    ran = rnnspec("run", "reference", *ONLY, "--only", "lstm.three*")
    rows = [line.split()[0] for line in ran.stdout.splitlines() if " holds " in line]
    assert rows[:2] == ["lstm.three-gates", "gru.step"]


def test_what_is_no_answer_is_told(rnnspec: Program, known: Known) -> None:
    class Nothing(ReferenceLayer):
        name = "nothing"

        def run(self, case: Case) -> Answer:
            return None  # type: ignore[return-value]

    known(Nothing())
    ran = rnnspec("run", "nothing", *ONLY)
    assert ran.returncode == 3
    assert "it gave back a NoneType, where an Answer belongs" in " ".join(ran.stdout.split())


LOST = """
import gc, os, signal
from rnnspec import interruption

def stop(phase, info):
    if phase == "start":
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1000))

interruption.listen()
gc.callbacks.append(stop)
gc.collect()
gc.callbacks.clear()
interruption.check()
"""


def test_what_python_drops_in_a_callback_is_remembered_and_not_printed(
    python: Callable[..., Ran],
) -> None:
    ran = python("-c", LOST)
    assert "ignored" not in ran.stderr
    assert ran.stderr.splitlines()[-1] == "KeyboardInterrupt: 143"
