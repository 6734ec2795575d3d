"""The process protocol: what is said in it is what its schema and its page say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from rnnspec.adapters.process_ import Line, ProcessLayer
from rnnspec.adapters.script_ import Shown
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.declaration import ABILITIES, LEVELS, SIZES, WAYS, decode_declaration
from rnnspec.reference.encoding import encode_array
from rnnspec.reference.implementation import Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.messages import encode_call
from rnnspec.reference.network import Network
from rnnspec.reference.precision import Grid, Level
from rnnspec.serve import Served
from rnnspec.spec.trial import parts_of
from tests.face.pages import blocks

Schema = Callable[[str], Draft202012Validator]
PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def requests() -> Iterator[dict[str, Any]]:
    """One of each kind."""
    network = Network("lstm", 1, 2, direction="both")
    weights = {at: np.ones(shape) for at, shape in network.places()}
    case = Case(network, weights, np.array([np.nan, 1.0]).reshape(2, 1, 1), dtype="float32")
    call = encode_call(case, ReferenceLayer.conventions["lstm"])
    yield {"do": "hello", "protocol": 1, "rnnspec": "0.1.0"}
    yield {"do": "run", **call}
    yield {"do": "gradients", **call, "cotangents": {"cell": encode_array(np.ones((2, 1, 2)))}}
    yield {"do": "count", "network": network.as_dict()}
    yield {"do": "offers", "network": network.as_dict()}
    yield {"do": "bye"}


class Odd(ReferenceLayer):
    """Says no, or nothing."""

    def run(self, case: Case) -> Answer:
        raise Refused("not today")

    def gradients(self, case: Case, cotangents: object) -> None:
        return None

    def count(self, network: Network) -> int | None:
        raise SystemExit("no memory")


ANSWERS = ("hello", "run", "gradients", "count", "offers", "bye")
NO = ("hello", "no", "none", "no", "offers", "bye")


@pytest.mark.parametrize(("layer", "kinds"), [(ReferenceLayer(), ANSWERS), (Odd(), NO)])
def test_what_is_asked_and_answered_is_of_the_schema(
    layer: ReferenceLayer, kinds: tuple[str, ...], schema: Schema
) -> None:
    whole, served = schema("protocol"), Served(layer)
    for number, (request, kind) in enumerate(zip(requests(), kinds, strict=True)):
        asked = {"id": number, **request}
        whole.evolve(schema={"$ref": "protocol.json#/$defs/request"}).validate(asked)
        answer = json.loads(json.dumps(served.answer(json.dumps(asked)), allow_nan=False))
        assert answer["id"] == number
        whole.evolve(schema={"$ref": f"protocol.json#/$defs/{kind}"}).validate(answer)
        whole.validate(answer)


@pytest.mark.parametrize(
    "line",
    [
        {"do": "run"},
        {"id": 1, "do": "run"},
        {"id": 1, "do": "fly"},
        {"id": 1, "outputs": 3, "states": {}},
        {"id": 1, "refused": 3},
        {"id": "1"},
        {"id": 1, "count": -1},
        {"id": 1, "reason": 2},
    ],
)
def test_what_is_damaged_is_none(line: dict[str, Any], schema: Schema) -> None:
    assert not schema("protocol").is_valid(line)


@pytest.mark.parametrize("line", ["[]", "3", "{", '{"do": "fly"}', '{"id": 1, "do": 7}'])
def test_a_request_that_is_none_is_answered_so(line: str) -> None:
    assert "error" in Served(ReferenceLayer()).answer(line)


def test_the_page_s_examples_are_of_the_schema(schema: Schema) -> None:
    examples = [json.loads(each.text) for each in blocks(PAGE) if each.language == "json"]
    hello, declared, run = examples
    validator = schema("protocol")
    validator.evolve(schema={"$ref": "protocol.json#/$defs/askHello"}).validate(hello)
    validator.evolve(schema={"$ref": "protocol.json#/$defs/hello"}).validate(declared)
    assert decode_declaration(declared).name == "mine"
    assert {"id", "do", "case", "packed"} == run.keys()


def test_the_names_are_those_of_the_code(schema: Schema) -> None:
    path = Path(__file__).parents[2] / "src" / "rnnspec" / "schemas" / "protocol.json"
    known = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    hello = known["hello"]["properties"]
    assert known["conventions"]["properties"].keys() == Conventions.__dataclass_fields__.keys()
    assert known["level"]["anyOf"][0]["enum"] == list(LEVELS)
    assert known["level"]["anyOf"][1]["properties"].keys() == Level.__dataclass_fields__.keys()
    assert known["grid"]["properties"].keys() == Grid.__dataclass_fields__.keys()
    assert tuple(hello["ways"]["additionalProperties"]["enum"]) == WAYS
    assert tuple(hello["palette"]["items"]["propertyNames"]["enum"]) == SIZES
    assert tuple(hello["can"]["items"]["enum"]) == ABILITIES
    page = PAGE.read_text(encoding="utf-8")
    for name in (*Conventions.__dataclass_fields__, *hello):
        assert f"| `{name}` |" in page or name in ("states", "id"), name


class Asked:
    """A line to a process, which keeps what is asked and answers with code."""

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}

    def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        self.request = {"id": 1, "do": do, **json.loads(json.dumps(fields, allow_nan=False))}
        return {"id": 1, "code": "it is so"}


@pytest.mark.parametrize(
    ("part", "back", "of", "index"),
    [
        ("outputs", False, ["outputs"], [1, 0, 3]),
        ("cell", False, ["states", "cell"], [1, 0, 1]),
        ("inputs", True, ["inputs"], [1, 0, 0]),
        ("initial cell", True, ["initial", "cell"], [1, 0, 1]),
        ("0.backward.candidate.recurrent", True, ["packed", 1, "recurrent"], [5, 1]),
        ("0.forward.output.input_bias", True, ["packed", 0, "input_bias"], [7]),
    ],
)
def test_a_script_is_asked_for_by_where_the_number_stands(
    part: str, back: bool, of: list[Any], index: list[int], schema: Schema
) -> None:
    """In the answer to *run*, or to *gradients*, as the peer itself packs it."""
    line, peer = Asked(), object.__new__(ProcessLayer)
    peer.line, peer.can = cast(Line, line), ("script",)
    order = ("input", "forget", "candidate", "output")
    peer.conventions = {"lstm": Conventions(order, biases=("both",), directions=("both",))}
    network = Network("lstm", 1, 2, direction="both")
    weights = {at: np.ones(shape) for at, shape in network.places()}
    states = {"cell": np.zeros((2, 1, 2))}
    case = Case(network, weights, np.ones((2, 1, 1)), states)
    shape = parts_of(case, {} if back else None)[part]
    at = tuple(size - 1 for size in shape)
    cotangents = {"cell": np.ones((2, 1, 2))} if back else None
    for expected in (0.5, np.nan, case) if not back else (0.5,):
        shown = Shown(part, at, expected, 0.25)
        assert peer.written(["so it is"], case, cotangents, shown) == "it is so"
        kind = {"$ref": "protocol.json#/$defs/askScript"}
        schema("protocol").evolve(schema=kind).validate(line.request)
        told = line.request["shown"]
        assert (told["of"], told["index"], told["bound"]) == (of, index, 0.25)
        assert (told["expected"] is None) == (told["against"] is not None)
    peer.can = ()
    assert peer.written([], case, None, None) is None


def test_the_answer_to_script_is_of_the_schema(schema: Schema) -> None:
    validator = schema("protocol").evolve(schema={"$ref": "protocol.json#/$defs/script"})
    for code in ("print(1)", None):
        validator.validate({"id": 1, "code": code})
    assert not validator.is_valid({"id": 1, "code": 1})
