"""Answers to vectors: what is said of them, whatever stands in them, and how it is told."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import getitem
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rnnspec import interruption
from rnnspec.answers import Judged, Said, judge, judged
from rnnspec.reference.encoding import decode_array, encode_array
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.messages import encode_answer, encode_gradients
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE
from rnnspec.vector import Vector
from rnnspec.vector_form import encode
from rnnspec.vector_plan import plan
from rnnspec.vectors import write

Data = dict[str, Any]
Schema = Callable[[str], Draft202012Validator]
Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

NAMES = ("rnn-plain-01", "lstm-run-02", "gru-plain-gradients-03", "gru-narrow-01", "lstm-count-01")
RUN, STACK, BACK, NARROW, COUNT = NAMES
PLAN = {vector.id: vector for vector in plan()}
REFERENCE = ReferenceLayer()


def answer(name: str) -> Data:
    """The reference's own, as it is written."""
    vector = PLAN[name]
    if vector.case is None:
        return {"count": REFERENCE.count(vector.network)}
    if vector.do == "run":
        return encode_answer(REFERENCE.run(vector.case))
    found = REFERENCE.gradients(vector.case, vector.cotangents)
    assert found is not None
    return encode_gradients(found)


def said(name: str, data: Data) -> tuple[Said, str]:
    found = judge(PLAN[name], data, RELATIVE)
    return found.said, found.reason


def changed(name: str, *path: str | int, to: Any) -> Data:
    """The answer with another value at a path; without the field, where that is Ellipsis."""
    data = answer(name)
    *above, last = path
    holder: Any = reduce(getitem, above, data)  # type: ignore[arg-type]
    if to is ...:
        del holder[last]
    else:
        holder[last] = to
    return data


def moved(name: str, *path: str, by: float, at: int = 0) -> Data:
    """The answer with one number that is off by so much of itself."""
    part = reduce(getitem, path, answer(name))
    array, case = decode_array(part, "it"), PLAN[name].case
    assert case is not None
    array.flat[at] *= 1.0 + by
    return changed(name, *path, to=encode_array(PRECISIONS[case.dtype].round(array)))


# ---- what is said of one


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [RELATIVE, ABSOLUTE], ids=lambda level: level.name)
def test_what_is_right_is_held(name: str, level: Any, schema: Schema) -> None:
    data = answer(name)
    schema("vectors").evolve(schema={"$ref": "vectors.json#/$defs/answer"}).validate(data)
    assert judge(PLAN[name], {"id": name, **data, "more": 1}, level).said is Said.HELD


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (moved(RUN, "outputs", by=2.0**-10), RUN, "outputs is off"),
        (moved(RUN, "states", "hidden", by=2.0**-10), RUN, "hidden is off"),
        (moved(STACK, "states", "cell", by=2.0**-20), STACK, "cell is off"),
        (moved(BACK, "outputs", by=2.0**-10), BACK, "outputs is off"),
        (moved(BACK, "inputs", by=2.0**-10), BACK, "the gradient of inputs is off"),
        (moved(BACK, "weights", "0.forward.update.input", by=2.0**-10), BACK,
         "the gradient of 0.forward.update.input is off"),
        ({"count": 1}, COUNT, "1 parameters are counted, where 112 are needed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_violated(data: Data, name: str, what: str) -> None:
    assert said(name, data) == (Said.VIOLATED, what)


def test_an_answer_is_judged_from_its_own_states() -> None:
    """Its last step is off by less than a whole run may be, and by more than one step may be."""
    vector = PLAN["rnn-plain-19"]
    bound = decode_array(encode(vector)["bounds"]["relative"]["outputs"], "it")
    data = answer(vector.id)
    outputs = decode_array(data["outputs"], "it")
    outputs[-1] += 0.5 * bound[-1]
    data["outputs"] = encode_array(PRECISIONS["float32"].round(outputs))
    found = judge(vector, data, RELATIVE)
    assert found.said is Said.VIOLATED
    assert found.comparison is not None
    assert found.comparison.worst[0] == len(outputs) - 1
    assert found.comparison.case is vector.case


def test_where_nan_is_due_nothing_else_is() -> None:
    name = "lstm-nan-forward"
    assert said(name, answer(name))[0] is Said.HELD
    data = answer(name)
    data["outputs"]["numbers"] = [0.0 if n == "nan" else n for n in data["outputs"]["numbers"]]
    assert said(name, data) == (Said.VIOLATED, "outputs is off")


def test_past_the_end_of_a_row_anything_may_stand() -> None:
    case = PLAN[STACK].case
    assert case is not None
    assert case.lengths is not None
    valid = np.arange(case.steps)[:, None, None] < case.lengths[:, None]
    data = answer(STACK)
    outputs = np.where(valid, decode_array(data["outputs"], "it"), np.nan)
    assert said(STACK, {**data, "outputs": encode_array(outputs)})[0] is Said.HELD


NUMBER = "must be a number that float64 holds, or 'nan', 'inf', '-inf'"


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        ({}, RUN, "the answer has no 'states'"),
        ({}, BACK, "the answer has no 'weights'"),
        ({}, COUNT, "the answer has no 'count'"),
        ({"count": 1.5}, COUNT, "the answer.count must be a whole number or null"),
        ({"count": True}, COUNT, "the answer.count must be a whole number or null"),
        ({"id": RUN, **answer(STACK)}, STACK, f"the answer.id is not {STACK!r}"),
        ({"id": 1, **answer(STACK)}, STACK, f"the answer.id is not {STACK!r}"),
        ({"error": "out of memory"}, RUN, "it failed: out of memory"),
        ({"error": 3}, RUN, "the answer.error must be a string"),
        ({"refused": None}, RUN, "the answer.refused must be a string"),
        ({"none": True}, RUN, "the answer has no 'states'"),
        (changed(RUN, "outputs", to=None), RUN, "the answer has no outputs"),
        (changed(RUN, "outputs", to=[1.0]), RUN,
         "the answer.outputs must be an object with a shape and numbers"),
        (changed(RUN, "outputs", "numbers", 3, to="one"), RUN,
         f"the answer.outputs.numbers[3] {NUMBER}"),
        (changed(RUN, "outputs", "shape", to=[5, 2, 5]), RUN,
         "the answer.outputs.numbers has 40 elements where the shape has 50"),
        (changed(RUN, "outputs", "shape", to=[2, 5, 4]), RUN,
         "outputs has shape (2, 5, 4): it must be (5, 2, 4)"),
        (changed(RUN, "outputs", "numbers", 3, to="nan"), RUN,
         "outputs holds NaN where a number belongs"),
        (changed(RUN, "outputs", "numbers", 3, to=0.1), RUN,
         "the answer: outputs holds 0.1, which is no float32; write every digit that it has"),
        (changed(RUN, "states", "hidden", to=...), RUN, "the answer has no hidden"),
        (changed(RUN, "states", "gate", to=answer(RUN)["outputs"]), RUN,
         "the answer.states has 'gate': use one of hidden, cell"),
        (changed(RUN, "states", "cell", to=answer(RUN)["outputs"]), RUN,
         "the answer has a state 'cell', which a rnn has not"),
        (changed(BACK, "inputs", to=...), BACK,
         "the answer.inputs must be an object with a shape and numbers"),
        (changed(BACK, "weights", "0.forward.update.input", to=...), BACK,
         "there is no gradient of 0.forward.update.input"),
        (changed(BACK, "weights", "1.forward.update.input", to=answer(BACK)["inputs"]), BACK,
         "there is a gradient of 1.forward.update.input, which is not in the case"),
        (changed(BACK, "weights", "update", to=answer(BACK)["inputs"]), BACK,
         "the answer.weights.update: a place is named layer.direction.block.part"),
        (changed(BACK, "packed", to=[]) | {"weights": ...}, BACK,
         "the answer.weights must be an object"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_with_its_place(data: Data, name: str, told: str) -> None:
    assert said(name, data) == (Said.NO_ANSWER, told)


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        ({"refused": "no float16"}, NARROW, "no float16"),
        ({"none": True}, BACK, "there is no backward pass"),
        ({"count": None}, COUNT, "there are no parameters to count"),
        ({"error": "no steps"}, "gru-no-steps-forward", "no steps"),
        ({"error": "a length of 0"}, "gru-a-row-of-no-steps-both", "a length of 0"),
    ],
)
def test_what_is_refused_is_no_failure(data: Data, name: str, told: str) -> None:
    assert said(name, data) == (Said.REFUSED, told)


# ---- whatever stands in a file


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def paths(data: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in an answer, but of the numbers in an array the first alone."""
    inner = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data[:1])
        if isinstance(data, list)
        else ()
    )
    return [above, *(path for key, value in inner for path in paths(value, (*above, key)))]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_whatever_stands_in_the_place_of_something_is_judged(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    found = answer(name)
    path = data.draw(st.sampled_from(paths(found)[1:]))
    found = changed(name, *path, to=data.draw(JSON | st.just(...)))
    assert said(name, found)[0] is not Said.NOT_ANSWERED


@settings(
    max_examples=100, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_whatever_bytes_a_file_has_are_judged(data: st.DataObject, tmp_path: Path) -> None:
    name = data.draw(st.sampled_from(NAMES))
    text = json.dumps(answer(name)).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    path = tmp_path / f"{name}.json"
    path.write_bytes(text[:start] + data.draw(st.binary(max_size=8)) + text[end:])
    (found,) = judged(tmp_path, [PLAN[name]], RELATIVE)
    assert found.said is not Said.NOT_ANSWERED
    assert found.reason or found.said is Said.HELD


# ---- the command


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Path]:
    """``asked({NAME: answer})``: a set of five, and answers: the reference's, and others."""

    def folders(others: Mapping[str, Any] | None = None, names: Sequence[str] = NAMES) -> Path:
        write(tmp_path / "set", [PLAN[name] for name in NAMES])
        given = {name: answer(name) for name in names} | dict(others or {})
        (tmp_path / "answers").mkdir()
        for name, data in given.items():
            text = data if isinstance(data, str) else json.dumps(data)
            (tmp_path / "answers" / f"{name}.json").write_text(text)
        return tmp_path / "answers"

    return folders


CHECK = ("check-answers", "set", "answers")


def words(ran: Ran) -> str:
    assert ran.stderr == ""
    return " ".join(ran.stdout.split())


def test_answers_that_hold_are_told_by_flag(asked: Callable[..., Path], rnnspec: Program) -> None:
    asked()
    ran = rnnspec(*CHECK)
    assert ran.returncode == 0
    heading, *rows, total = ran.stdout.splitlines()
    assert heading.split() == ["about", "held"]
    assert {"do run": 3, "cell lstm": 2}.items() <= {
        row[:20].strip(): int(row.split()[-1]) for row in rows
    }.items()
    assert total.startswith("5 vectors: 5 held; 0.")
    assert total.endswith(" of a bound used at most")
    assert rnnspec(*CHECK, "--strict", "--level", "absolute").returncode == 0


def test_what_is_not_answered_is_told_by_flag(asked: Callable[..., Path], rnnspec: Program) -> None:
    asked(names=NAMES[:2])
    ran = rnnspec(*CHECK)
    assert ran.returncode == 0
    assert "do gradients 1" in words(ran)
    assert words(ran).count("about held not answered") == 1
    assert "5 vectors: 2 held, 3 not answered;" in words(ran)
    assert rnnspec(*CHECK, "--strict").returncode == 1


def test_the_smallest_violation_is_shown_first(
    asked: Callable[..., Path], rnnspec: Program
) -> None:
    asked(
        {
            RUN: moved(RUN, "outputs", by=0.5),
            COUNT: {"count": 1},
            STACK: moved(STACK, "outputs", by=0.5),
        }
    )
    ran = rnnspec(*CHECK, "--show", "2")
    assert ran.returncode == 1
    told = words(ran)
    first, second = f"violated: {COUNT}, count", f"violated: {RUN}, run (rnn.step, layer.options"
    assert [first in told, second in told, f"1 more violated: {STACK}" in told] == [True] * 3
    assert told.index(first) < told.index(second)
    assert "1 parameters are counted, where 112 are needed" in told
    assert "There, outputs [0, 0, 0] is observed " in told
    assert "RNN, 3 inputs, 4 units, tanh, forward, no bias; float32; 5 steps, 2 rows" in told
    assert "5 vectors: 2 held, 3 violated" in told


def test_a_violation_wins_over_what_is_no_answer_and_that_over_what_is_to_no_vector(
    asked: Callable[..., Path], rnnspec: Program
) -> None:
    folder = asked({"gru-run-001": {}})
    ran = rnnspec(*CHECK)
    assert ran.returncode == 2
    assert "not read, since no vector has the name: gru-run-001.json" in words(ran)
    (folder / f"{BACK}.json").write_text("{")
    ran = rnnspec(*CHECK)
    assert ran.returncode == 3
    assert "no answer, 1 vector: it is not JSON: " in words(ran)
    (folder / f"{COUNT}.json").write_text('{"count": 7}')
    assert rnnspec(*CHECK).returncode == 1


def test_other_files_beside_the_answers_are_named_and_are_no_failure(
    asked: Callable[..., Path], rnnspec: Program
) -> None:
    (asked() / "README").touch()
    ran = rnnspec(*CHECK)
    assert ran.returncode == 0
    assert "not read, since no vector has the name: README" in words(ran)


def test_refusals_are_told_together(asked: Callable[..., Path], rnnspec: Program) -> None:
    no = {"refused": "not\x1b[31m\nyet"}
    asked({STACK: no, NARROW: no})
    ran = rnnspec(*CHECK)
    assert ran.returncode == 0
    assert f"refused, 2 vectors: not yet ({STACK}, {NARROW})" in words(ran)
    assert rnnspec(*CHECK, "--strict").returncode == 1


def test_of_many_reasons_some_are_told(asked: Callable[..., Path], rnnspec: Program) -> None:
    folder = asked()
    names = sorted(PLAN)[:30]
    write(folder.parent / "many", [PLAN[name] for name in names])
    (folder.parent / "refused").mkdir()
    for k, name in enumerate(names):
        reason = {"refused": "always" if k < 15 else f"reason {k}"}
        (folder.parent / "refused" / f"{name}.json").write_text(json.dumps(reason))
    told = words(rnnspec("check-answers", "many", "refused"))
    assert f"refused, 15 vectors: always ({', '.join(names[:6])} and 9 more)" in told
    assert f"refused, 6 vectors, for other reasons ({', '.join(names[24:])})" in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("none", "answers"), "none cannot be read: No such file or directory"),
        (("answers", "answers"),
         "answers is no set of vectors: it has no manifest.json, which is written last"),
        (("set", "none"), "none cannot be read: No such file or directory"),
        (("set", "set/manifest.json"), "set/manifest.json cannot be read: Not a directory"),
        (("set", "set"), "set is a set of vectors: keep the answers in a folder of their own"),
        (("set", "empty"), f"empty holds no answer: that to {RUN}, say, is {RUN}.json"),
    ],
)  # fmt: skip
def test_folders_that_are_none_are_told(
    line: tuple[str, str],
    told: str,
    asked: Callable[..., Path],
    rnnspec: Program,
    sentence: Sentence,
) -> None:
    (asked().parent / "empty").mkdir()
    assert sentence(rnnspec("check-answers", *line)) == told


def test_a_set_of_another_version_is_told(
    asked: Callable[..., Path], rnnspec: Program, sentence: Sentence
) -> None:
    path = asked().parent / "set" / "manifest.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    assert sentence(rnnspec(*CHECK)) == (
        "set is no set of vectors: manifest.json: its version is 2; this rnnspec has 1"
    )


def test_what_is_no_file_is_no_answer(asked: Callable[..., Path], rnnspec: Program) -> None:
    folder = asked(names=NAMES[1:])
    (folder / f"{RUN}.json").mkdir()
    ran = rnnspec(*CHECK)
    assert ran.returncode == 3
    assert f"no answer, 1 vector: it is no file ({RUN}.json)" in words(ran)


def test_it_can_be_interrupted(
    asked: Callable[..., Path], rnnspec: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked()
    monkeypatch.setattr(interruption, "_asked", [])

    def slow(vector: Vector, data: Data, level: object) -> Judged:
        raise KeyboardInterrupt(128 + signal.SIGINT)

    monkeypatch.setattr("rnnspec.answers.judge", slow)
    ran = rnnspec(*CHECK)
    assert (ran.returncode, ran.stderr) == (130, "\ninterrupted\n")


def test_a_case_is_as_large_as_it_has_numbers() -> None:
    sizes = [Judged(PLAN[name], Said.HELD).size for name in (COUNT, RUN, STACK)]
    assert sizes == sorted(set(sizes))
    assert sizes[0] == 0
