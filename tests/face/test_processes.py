"""Layers in processes of their own: what such a process does costs one case, and no more."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec import catalogue
from rnnspec.adapters.process_ import Failed, ProcessLayer
from rnnspec.adapters.process_peer import parsed
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import LARGEST_TEXT, Malformed
from rnnspec.reference.implementation import Lost, Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.source import Source
from rnnspec.spec.trial import Trial, WrongAnswer

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

PEER = """
import json, os, signal, sys, time
FAULT = sys.argv[1]
HELLO = {"protocol": 1, "name": "mine", "versions": {"mine": "1"},
         "levels": {"float64": "relative"},
         "conventions": {"rnn": {"blocks": ["hidden"]}}, "can": ["count", "offers"]}

def zeros(*shape):
    count = 1
    for n in shape:
        count *= n
    return {"shape": list(shape), "numbers": [0.0] * count}

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def answer(request):
    if request["do"] == "hello":
        return HELLO
    if request["do"] == "count":
        return {"count": 7}
    if request["do"] == "offers":
        return {"reason": "no relu" if request["network"]["activation"] == "relu" else None}
    if request["do"] != "run":
        return {}
    steps, rows, _ = request["case"]["inputs"]["shape"]
    units = request["case"]["network"]["units"]
    found = {"outputs": zeros(steps, rows, units), "states": {"hidden": zeros(1, rows, units)}}
    if steps != 2:
        return found
    if FAULT == "crash":
        sys.stderr.write("Assertion failed: boom\\n    at: peer.c\\n\\nRuntime v1\\n")
        os.kill(os.getpid(), signal.SIGSEGV)
    if FAULT == "exit":
        sys.exit(7)
    if FAULT == "hang":
        time.sleep(60)
    if FAULT == "rubbish":
        say("Hello from my framework\\n")
    if FAULT == "half":
        say('{"id": ')
        sys.exit(0)
    if FAULT == "binary":
        os.write(1, b"\\xff\\xfe\\n")
    if FAULT == "other id":
        request["id"] += 1
    if FAULT == "no id":
        del request["id"]
    if FAULT == "huge":
        for _ in range(1000):
            say("x" * 2**20)
    if FAULT == "nan literal":
        found["outputs"]["numbers"][0] = float("nan")
    if FAULT == "nan":
        found["outputs"]["numbers"][0] = "nan"
    if FAULT == "shape":
        found["outputs"] = zeros(rows, steps, units)
    if FAULT == "fields":
        del found["states"]
    if FAULT == "state":
        found["states"]["cell"] = zeros(1, rows, units)
    if FAULT == "error":
        return {"error": "no memory"}
    if FAULT == "refused":
        return {"refused": "not of two steps"}
    return found

for line in sys.stdin:
    request = json.loads(line)
    found = answer(request)
    if "id" in request:
        found = {"id": request["id"], **found}
    say(json.dumps(found) + "\\n")
    if FAULT == "twice" and request["do"] == "run":
        say(json.dumps(found) + "\\n")
    if request["do"] == "bye":
        break
"""


def case(steps: int) -> Case:
    network = Network("rnn", 3, 4)
    weights = {at: np.zeros(shape) for at, shape in network.places()}
    return Case(network, weights, np.zeros((steps, 1, 3)))


Started = Callable[..., ProcessLayer]


@pytest.fixture
def peer(tmp_path: Path) -> Started:
    """``peer("hang", timeout=1)``: a layer whose process does so where there are two steps."""
    (tmp_path / "peer.py").write_text(PEER, encoding="utf-8")
    command = [sys.executable, "-I", str(tmp_path / "peer.py")]
    return lambda fault, timeout=20.0: ProcessLayer([*command, fault], timeout)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            "crash",
            "it ended without an answer (signal SIGSEGV); its last words: Assertion failed: boom",
        ),
        ("exit", "it ended without an answer (status 7)"),
        ("hang", "it gave no answer within 0.5 s"),
        ("rubbish", "'Hello from my framework\\n' is no answer: it is not JSON: "),
        ("half", "it ended within an answer (status 0)"),
        ("binary", "'\ufffd\ufffd\\n' is no answer: it is not text in UTF-8"),
        ("other id", "is no answer: its id is 2, and 1 was asked"),
        ("no id", "is no answer: its id is None, and 1 was asked"),
        ("huge", f"its answer is longer than {LARGEST_TEXT} bytes"),
    ],
)
def test_a_process_that_is_lost_is_followed_by_another(
    fault: str, told: str, peer: Started
) -> None:
    layer = peer(fault)
    if fault == "hang":
        layer.line.timeout = 0.5
    with pytest.raises(Lost) as lost:
        layer.run(case(2))
    assert told in str(lost.value)
    layer.line.timeout = 20.0
    assert layer.line.peer is None
    assert layer.run(case(3)).outputs.shape == (3, 1, 4)


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next(peer: Started) -> None:
    layer = peer("twice")
    layer.run(case(3))
    with pytest.raises(Lost, match="its id is 1, and 2 was asked"):
        layer.run(case(3))


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        ("nan literal", Malformed, "must be a number that float64 holds, or 'nan', 'inf', '-inf'"),
        ("shape", WrongAnswer, r"outputs has shape \(1, 2, 4\): it must be \(2, 1, 4\)"),
        ("fields", Malformed, "the answer has no 'states'"),
        ("error", Failed, "no memory"),
        ("refused", Refused, "not of two steps"),
    ],
)
def test_a_wrong_answer_is_no_reason_to_stop(
    fault: str, error: type[Exception], told: str, peer: Started
) -> None:
    layer = peer(fault)
    with pytest.raises(error, match=told):
        Trial(layer).run(case(2))
    kept = layer.line.peer
    assert kept is not None
    assert layer.run(case(3)).outputs.shape == (3, 1, 4)
    assert layer.line.peer is kept


def test_what_it_does_not_say_is_asked_once(peer: Started) -> None:
    layer = peer("")
    assert layer.name == "mine"
    assert layer.versions() == {"mine": "1"}
    assert layer.count(Network("rnn", 1, 1)) == 7
    assert layer.gradients(case(1), {}) is None
    relu = Network("rnn", 1, 1, activation="relu")
    assert layer.offers(relu) == "it offers no activation 'relu', only tanh"
    asked = layer.line.peer and layer.line.peer.asked
    assert [layer.offers(Network("rnn", 1, 1)) for _ in range(2)] == [None, None]
    assert layer.line.peer
    assert layer.line.peer.asked == (asked or 0) + 1


def test_it_is_told_bye(peer: Started) -> None:
    layer = peer("")
    assert layer.line.peer
    process = layer.line.peer.process
    del layer
    assert process.wait(5) == 0


def test_one_that_does_not_listen_is_stopped(peer: Started) -> None:
    layer = peer("hang", 20.0)
    assert layer.line.peer
    process, started = layer.line.peer.process, time.monotonic()
    layer.line.timeout = 0.2
    with pytest.raises(Lost):
        layer.run(case(2))
    assert process.poll() == -9
    assert time.monotonic() - started < 30


# ---- adapters in processes of their own


@pytest.fixture(scope="module")
def isolated() -> ProcessLayer:
    layer = Source("reference", isolate=True).load()
    assert isinstance(layer, ProcessLayer)
    return layer


def full(cell: str, dtype: str = "float64") -> Case:
    network = Network(cell, 2, 3, layers=2, direction="both")
    random = np.random.PCG64(7)

    def numbers(shape: tuple[int, ...]) -> Any:
        raw = random.random_raw(int(np.prod(shape))) % np.uint64(64)
        return raw.astype(np.float64).reshape(shape) / 32 - 1

    weights = {at: numbers(shape) for at, shape in network.places()}
    states = {name: numbers((4, 2, 3)) for name in network.states}
    return Case(network, weights, numbers((4, 2, 2)), states, np.array([4, 1]), dtype)


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_number_comes_back_as_it_was(cell: str, dtype: str, isolated: ProcessLayer) -> None:
    here, one = ReferenceLayer(), full(cell, dtype)
    for part, array in here.run(one).parts().items():
        assert np.array_equal(isolated.run(one).parts()[part], array), part
    cotangents = {"outputs": np.ones(one.output_shape), "hidden": np.ones(one.state_shape)}
    expected, found = (each.gradients(one, cotangents) for each in (here, isolated))
    assert expected is not None
    assert found is not None
    assert found.parts().keys() == expected.parts().keys()
    for name, array in expected.parts().items():
        assert np.array_equal(found.parts()[name], array), name
    assert isolated.count(one.network) == here.count(one.network)


def test_bad_numbers_go_there_and_come_back(isolated: ProcessLayer) -> None:
    one = full("rnn")
    one.inputs[1, 0, 0], one.inputs[3, 0, 0] = np.nan, np.inf
    outputs = ReferenceLayer().run(one).outputs
    assert np.isnan(outputs).any()
    assert np.array_equal(isolated.run(one).outputs, outputs, equal_nan=True)


def test_it_declares_what_the_adapter_declares(isolated: ProcessLayer) -> None:
    here = ReferenceLayer()
    for name in ("name", "conventions", "levels", "ways"):
        assert getattr(isolated, name) == getattr(here, name), name
    assert dict(isolated.versions()) == here.versions()
    assert list(isolated.palette) == list(here.palette)


MINE = """
import os, signal
from rnnspec.reference.layer import ReferenceLayer

class Mine(ReferenceLayer):
    name = "mine"

    def run(self, case):
        print("a framework that talks")
        if case.network.cell == "gru" and case.steps > 2 and not case.aim and case.rows == 1:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().run(case)
"""


def test_a_crash_costs_one_case(
    rnnspec: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnspec.spec.search.SHRINKING", 1.0)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    only = ("--only", "gru.step", "--only", "rnn.step")
    ran = rnnspec("run", "mine:Mine", "--isolate", "--profile", "quick", *only)
    assert ran.returncode == 3, ran.stdout + ran.stderr
    verdicts = [line.split()[:2] for line in ran.stdout.splitlines()]
    assert ["rnn.step", "holds"] in verdicts
    assert ["gru.step", "error"] in verdicts
    assert "Lost: it ended without an answer (signal SIGSEGV)" in " ".join(ran.stdout.split())
    assert "1 row\n" in ran.stdout
    (kept,) = (tmp_path / ".rnnspec").iterdir()
    replay = f"rnnspec replay .rnnspec/{kept.name} --isolate --adapter mine:Mine"
    assert f"  {replay}" in ran.stdout.splitlines()
    again = rnnspec(*replay.split()[1:])
    assert again.returncode == 3
    assert "error: gru.step" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--command", ""], "the command is empty: name a program and its arguments"),
        (["--command", "'"], 'the command "\'" cannot be read: No closing quotation'),
        (
            ["--command", "no-such-program -x"],
            "the command 'no-such-program -x' cannot be used: no-such-program cannot be started: "
            "No such file or directory",
        ),
        (
            ["--command", "cat"],
            "the command 'cat' cannot be used: hello.protocol is 1; this rnnspec speaks 1",
        ),
        (
            ["--command", "true"],
            "the command 'true' cannot be used: it ended without an answer (status 0)",
        ),
        (
            ["--command", "sleep 60", "--timeout", "0.2"],
            "the command 'sleep 60' cannot be used: it gave no answer within 0.2 s",
        ),
        (
            ["none.at.all:Mine", "--isolate"],
            "the adapter 'none.at.all:Mine' cannot be used: the adapter 'none.at.all:Mine' cannot "
            "be loaded: ModuleNotFoundError: No module named 'none'",
        ),
        (
            ["json:Mine"],
            "the adapter 'json:Mine' cannot be loaded: AttributeError: module 'json' has no "
            "attribute 'Mine'",
        ),
        (["--timeout", "0"], "Invalid value for '--timeout': 0.0 is not in the range x>0."),
    ],
)
def test_what_cannot_be_started_is_told_in_a_sentence(
    arguments: list[str], told: str, rnnspec: Program, sentence: Sentence
) -> None:
    if told.endswith("speaks 1"):
        told = "the command 'cat' cannot be used: hello has no 'name'"
    assert sentence(rnnspec("run", *arguments)) == told


def test_another_s_name_is_not_taken(rnnspec: Program, sentence: Sentence, tmp_path: Path) -> None:
    text = PEER.replace('"name": "mine"', '"name": "torch"')
    (tmp_path / "peer.py").write_text(text, encoding="utf-8")
    command = f"{sys.executable} -I peer.py x"
    told = sentence(rnnspec("run", "--command", command))
    assert told.endswith(
        "calls itself 'torch', which is another adapter's name: give it a name of its own"
    )
    assert "torch" in catalogue.names()


# ---- what is read is data

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.binary(max_size=60) | JSON.map(lambda data: json.dumps(data).encode()), st.integers(0, 3))
@settings(deadline=None, derandomize=True, database=None)
def test_a_line_is_an_answer_or_it_is_lost(line: bytes, number: int) -> None:
    with suppress(Lost):
        assert parsed(line + b"\n", number)["id"] == number


def test_fields_that_are_not_known_are_no_trouble() -> None:
    known: Mapping[str, Any] = {"id": 3, "later": [1]}
    assert parsed(json.dumps(known).encode(), 3) == known
