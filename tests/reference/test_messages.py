"""Declarations and answers as plain data, and back; damage is told, with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.declaration import decode_declaration, encode_declaration
from rnnspec.reference.encoding import Malformed, decode_case, encode_array
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.messages import (
    decode_answer,
    decode_gradients,
    encode_answer,
    encode_call,
    encode_gradients,
)
from rnnspec.reference.network import DIRECTIONS, Network
from rnnspec.reference.precision import ABSOLUTE, Grid, Level
from tests.damage import damaged

Draw = Callable[..., Case]

HELLO: dict[str, Any] = {
    "protocol": 1,
    "name": "mine",
    "levels": {"float32": "absolute"},
    "conventions": {
        "lstm": {
            "blocks": ["input", "forget", "candidate", "output"],
            "orientation": "in,out",
            "biases": ["input"],
            "directions": ["forward", "both"],
            "layers": 3,
            "forget_offset": 1.0,
            "past_end": {"forward": "zero"},
        }
    },
}


def through(data: dict[str, Any]) -> dict[str, Any]:
    """As it comes out at the other end."""
    read: dict[str, Any] = json.loads(json.dumps(data, allow_nan=False))
    return read


def test_what_is_left_out_has_its_default() -> None:
    declared = decode_declaration(HELLO)
    assert declared.name == "mine"
    assert declared.levels == {"float32": ABSOLUTE}
    lstm = declared.conventions["lstm"]
    assert lstm == Conventions(
        ("input", "forget", "candidate", "output"),
        "in,out",
        ("input",),
        directions=("forward", "both"),
        layers=3,
        forget_offset=1.0,
        past_end={"forward": "zero"},
    )
    assert (declared.versions, declared.ways, list(declared.palette), list(declared.can)) == (
        {},
        {},
        [],
        [],
    )


def test_a_declaration_comes_back_as_it_was() -> None:
    layer = ReferenceLayer()
    layer.levels = {
        "float16": Level("measured", 32.0, 7.5),
        "float32": Level("int8", 32.0, 0.0, Grid(255, 2.0**-23), Grid(127)),
    }
    layer.palette = [{"rows": 2}, {}]
    declared = decode_declaration(through(encode_declaration(layer, {"numpy": "2"})))
    for name in ("name", "levels", "conventions", "ways", "palette"):
        assert getattr(declared, name) == getattr(layer, name), name
    assert declared.versions == {"numpy": "2"}


ROUNDED = {"relative": 1.0, "absolute": 0.0}
WEIGHTS = "hello.levels.float32.weights"


def changed(path: str, value: Any) -> dict[str, Any]:
    data = through(HELLO)
    *outer, last = path.split(".")
    inner = data
    for name in outer:
        inner = inner[name]
    inner[last] = value
    return data


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (changed("protocol", 2), "hello.protocol is 2; this rnnspec speaks 1"),
        (changed("protocol", True), "hello.protocol is True; this rnnspec speaks 1"),
        (changed("name", 3), "hello.name must be a string"),
        (changed("name", ""), "hello.name must have 1 to 200 printable characters"),
        (changed("name", "a\nb"), "hello.name must have 1 to 200 printable characters"),
        (changed("levels", []), "hello.levels must be an object"),
        (changed("levels.float8", "relative"), "hello.levels has 'float8': use one of float64, "),
        (changed("levels.float32", "fine"), "hello.levels.float32 must be 'relative' or 'absol"),
        (changed("levels.float32", {"relative": 1}), "hello.levels.float32.absolute must be a num"),
        (changed("levels.float32", ROUNDED | {"weights": 255}), f"{WEIGHTS} must be an object"),
        (changed("levels.float32", ROUNDED | {"weights": {}}), f"{WEIGHTS} has no 'steps'"),
        (
            changed("levels.float32", ROUNDED | {"weights": {"steps": 0, "least": 0.0}}),
            f"{WEIGHTS}.steps must be a whole number from 1 on",
        ),
        (
            changed("levels.float32", ROUNDED | {"weights": {"steps": 2, "least": -1.0}}),
            f"{WEIGHTS}.least must be a number from 0 on",
        ),
        (changed("levels", {}), "it must offer a dtype in 'levels' and a cell in 'conventions'"),
        (changed("conventions.mgu", {}), "hello.conventions has 'mgu': use one of rnn, lstm, gru"),
        (changed("conventions.lstm", []), "hello.conventions.lstm must be an object"),
        (changed("conventions.lstm.gates", 1), "hello.conventions.lstm has 'gates': use one of bl"),
        (changed("conventions.lstm.blocks", "ifgo"), "hello.conventions.lstm.blocks must be a lis"),
        (changed("conventions.lstm.blocks", ["input"]), "hello.conventions.lstm.blocks must hold "),
        (changed("conventions.lstm.layers", 0), "hello.conventions.lstm.layers must be a whole nu"),
        (changed("conventions.lstm.layers", "2"), "hello.conventions.lstm.layers must be a whole "),
        (changed("conventions.lstm.update", "x"), "hello.conventions.lstm: conventions.update has"),
        (changed("conventions.lstm.past_end", {"forward": 1}), "hello.conventions.lstm.past_end m"),
        (
            changed("conventions.lstm.forget_offset", "1"),
            "hello.conventions.lstm.forget_offset mus",
        ),
        (changed("conventions.lstm.biases", ["candidate"]), "hello.conventions.lstm.biases has 'c"),
        (changed("ways", {"x": "y"}), "hello.ways has 'y': use one of path, layout"),
        (changed("versions", {"x": 1}), "hello.versions must be an object of strings"),
        (changed("palette", {}), "hello.palette must be a list of objects"),
        (changed("palette", [{"rows": True}]), "hello.palette must hold whole numbers from 1 on"),
        (changed("can", ["fly"]), "hello.can must be a list of offers, gradients, count"),
        (changed("can", [[]]), "hello.can must be a list of offers, gradients, count"),
    ],
)
def test_a_declaration_that_is_none_is_told_with_its_place(data: dict[str, Any], told: str) -> None:
    with pytest.raises(Malformed) as wrong:
        decode_declaration(data)
    assert str(wrong.value).startswith(told)


LEVEL = "levels.float32"
LAYERS = "conventions.lstm.layers"


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("protocol", [1], [0, 2]),
        ("name", ["a", "b" * 200], ["", "b" * 201]),
        (
            LEVEL,
            [{"relative": 0.0, "absolute": 0.5}, {"relative": 0.5, "absolute": 0.0}],
            [
                {"relative": 1.0, "absolute": 1.0, part: share}
                for part in ("relative", "absolute")
                for share in (-0.5, "inf", "nan", "-inf")
            ],
        ),
        (LAYERS, [1, 2, 1023], [-1, 0, 1024, 5000]),
        ("palette", [[{"rows": 1, "units": 2**20}]], [[{"rows": 0}], [{"rows": 2**20 + 1}]]),
        (
            "conventions.lstm.blocks",
            [["output", "input", "forget", "candidate"]],
            [["candidate", "candidate", "forget", "input"], ["output"] * 4],
        ),
    ],
)
def test_where_what_can_be_declared_ends(path: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        decode_declaration(changed(path, value))
    for value in bad:
        with pytest.raises(Malformed):
            decode_declaration(changed(path, value))


def test_one_layer_where_nothing_is_said() -> None:
    without = changed(LAYERS, 1)
    del without["conventions"]["lstm"]["layers"]
    assert decode_declaration(without).conventions["lstm"].layers == 1


# ---- calls and answers

SPLIT = Conventions(("candidate", "update", "reset"), "in,out", update="takes")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_call_has_the_weights_by_name_and_as_they_are_laid_out(
    drawn: Draw, direction: str
) -> None:
    case = drawn(Network("gru", 2, 3, 2, direction), 2, 1, seed=1)
    call = through(encode_call(case, SPLIT))
    again = decode_case(call["case"])
    assert all(np.array_equal(again.weights[at], w) for at, w in case.weights.items())
    halves = [(layer, each) for layer in range(2) for each in DIRECTIONS[direction]]
    assert [(each["layer"], each["direction"]) for each in call["packed"]] == halves
    first = call["packed"][0]
    assert first["input"]["shape"] == [2, 9]
    own = np.reshape(first["recurrent"]["numbers"], (3, 9))[:, 3:6]
    place = next(at for at in case.weights if (at.block, at.part) == ("update", "recurrent"))
    assert np.array_equal(own, -case.weights[place].T)


@pytest.mark.parametrize("packed", [False, True], ids=["by name", "packed"])
@pytest.mark.parametrize("biases", ["none", "input", "both", "candidate"])
def test_answers_come_back_as_they_were(drawn: Draw, biases: str, packed: bool) -> None:
    case = drawn(Network("gru", 2, 3, 2, "both", biases), 3, 2, seed=2)
    layer, cotangents = ReferenceLayer(), {"outputs": np.ones(case.output_shape)}
    answer, found = layer.run(case), layer.gradients(case, cotangents)
    assert found is not None
    read = decode_answer(through(encode_answer(answer)))
    for name, part in answer.parts().items():
        assert np.array_equal(read.parts()[name], part), name
    data = through(encode_gradients(found))
    if packed:
        del data["weights"]
        laid_out = case.changed(weights=found.weights)
        data["packed"] = through(encode_call(laid_out, SPLIT))["packed"]
    again = decode_gradients(data, case, SPLIT)
    for name, part in found.parts().items():
        assert np.array_equal(again.parts()[name], part), name


def test_an_offset_has_no_part_in_a_gradient(drawn: Draw) -> None:
    how = replace(ReferenceLayer.conventions["lstm"], forget_offset=1.0)
    case = drawn(Network("lstm", 2, 3), 3, 2, seed=2)
    found = ReferenceLayer().gradients(case, {"outputs": np.ones(case.output_shape)})
    assert found is not None
    data = through(encode_gradients(found))
    del data["weights"]
    plain = replace(how, forget_offset=0.0)
    data["packed"] = encode_call(case.changed(weights=found.weights), plain)["packed"]
    for at, array in decode_gradients(data, case, how).weights.items():
        assert np.array_equal(array, found.weights[at])


def gradients(drawn: Draw) -> tuple[Case, dict[str, Any]]:
    case = drawn(Network("rnn", 1, 2), 1, 1, seed=1)
    found = ReferenceLayer().gradients(case, {"outputs": np.ones((1, 1, 2))})
    assert found is not None
    data = through(encode_gradients(found))
    packed = encode_call(case, Conventions(("hidden",)))["packed"]
    return case, {**data, "packed": packed}


@pytest.mark.parametrize(
    ("without", "field", "value", "told"),
    [
        ("", "states", [], "the answer.states must be an object"),
        ("", "states", {"memory": encode_array(np.ones(1))}, "the answer.states has 'memory'"),
        ("", "outputs", 3, "the answer.outputs must be an object with a shape and numbers"),
        ("", "inputs", None, "the answer.inputs must be an object with a shape and numbers"),
        ("", "initial", None, "the answer.initial must be an object"),
        ("", "weights", {"0.x": encode_array(np.ones(1))}, "the answer.weights.0.x: a place is na"),
        ("weights", "packed", {}, "the answer.packed must be an array"),
        ("weights", "packed", [], "the answer.packed must have an object for each layer and"),
        ("weights", "packed", [3], "the answer.packed must have an object for each layer and"),
        (
            "weights",
            "packed",
            [{"layer": 0, "direction": "forward", "input": encode_array(np.ones(()))}],
            "the answer.packed of layer 0, forward has not the shapes in which the weights came",
        ),
        ("states", "", None, "the answer has no 'states'"),
        ("initial", "", None, "the answer has no 'initial'"),
    ],
)
def test_an_answer_that_is_none_is_told_with_its_place(
    drawn: Draw, without: str, field: str, value: Any, told: str
) -> None:
    case, data = gradients(drawn)
    data.pop(without, None)
    if field:
        data[field] = value
    with pytest.raises(Malformed) as wrong:
        decode_gradients(data, case, Conventions(("hidden",)))
    assert str(wrong.value).startswith(told)


@given(data=st.data())
@settings(deadline=None, derandomize=True, database=None, max_examples=300)
def test_damage_is_told_or_does_no_harm(data: st.DataObject, drawn: Draw) -> None:
    case, answer = gradients(drawn)
    if data.draw(st.booleans()):
        answer.pop("weights")
    readers: list[tuple[Any, Callable[[Any], Any]]] = [
        (HELLO, decode_declaration),
        (answer, decode_answer),
        (answer, lambda read: decode_gradients(read, case, Conventions(("hidden",)))),
    ]
    whole, read = data.draw(st.sampled_from(readers))
    broken = data.draw(damaged(whole))
    if isinstance(broken, dict):  # a line that is none is not an answer at all
        with suppress(Malformed):
            read(broken)
