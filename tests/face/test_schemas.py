"""The schemas of the forms: they take what is written, refuse what is damaged, and know every name
that the code knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from functools import reduce
from importlib.resources import files
from operator import getitem
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.encoding import LARGEST_ARRAY, LARGEST_LAYERS, encode_case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import (
    ACTIVATIONS,
    BIASES,
    BLOCKS,
    DIRECTIONS,
    EXTRAS,
    RESETS,
    STATES,
    Network,
)
from rnnspec.reference.precision import PRECISIONS, RELATIVE
from rnnspec.report_file import read
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged
from tests.face.reports import lines_of, two
from tests.face.smoke import in_smoke

Schema = Callable[[str], Draft202012Validator]
Data = dict[str, Any]

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences"


def case(cell: str = "gru", **fields: Any) -> Data:
    """A case that has something of everything, as it is written."""
    network = Network(cell, 1, 2, 2, direction="both")
    weights = {at: np.full(shape, 0.5) for at, shape in network.places()}
    odd = np.array([np.nan, np.inf, -np.inf, -0.0]).reshape(2, 2, 1)
    states = {name: np.zeros((4, 2, 2)) for name in network.states}
    given: Data = {
        "lengths": np.array([1, 2]),
        "aim": {"gate": "reset", "unit": 1},
        "way": "packed",
    }
    return encode_case(Case(network, weights, odd, states, **(given | fields)))


def replay() -> Data:
    """A real replay file."""
    path = DIVERGENCES / "keras-jax-layer.paths.json"
    data: Data = json.loads(path.read_text(encoding="utf-8"))
    return data


def line(at: int) -> Data:
    """A line of a report: a header, claims (the first of which holds) and footers."""
    return deepcopy(lines_of(two())[at])


def changed(data: Data, *path: str | int, to: Any) -> Data:
    """The same data with another value at a path."""
    *above, last = path
    holder: Any = reduce(getitem, above, data)  # type: ignore[arg-type]
    holder[last] = to
    return data


def lacking(data: Data, *path: str) -> Data:
    """The same data without a field."""
    *above, last = path
    del reduce(getitem, above, data)[last]
    return data


@pytest.mark.parametrize("cell", BLOCKS)
def test_a_case_is_one_by_its_schema(cell: str, schema: Schema) -> None:
    schema("case").validate(case(cell))
    schema("case").validate(case(cell, lengths=None, aim={}, way=""))


class Swapped(Broken):
    """A layer whose reset and update gates are exchanged."""

    def __init__(self) -> None:
        super().__init__(exchanged("reset", "update"), {"float32": RELATIVE})
        self.name = "swapped"


class Crashing(ReferenceLayer):
    name = "crashing"

    def run(self, case: Case) -> Answer:
        if in_smoke(case):
            return super().run(case)
        raise RuntimeError("not\ntoday \x00")


class Closed(ReferenceLayer):
    name = "closed"

    def session(self) -> AbstractContextManager[object]:
        raise OSError("no device")


class Simple(ReferenceLayer):
    name = "simple"
    conventions = {"rnn": ReferenceLayer.conventions["rnn"]}  # noqa: RUF012

    def versions(self) -> dict[str, str]:
        return {"simple": 1.5}  # type: ignore[dict-item]


KNOWN = """
[[waiver]]
claim = "gru.step"
adapter = "swapped"
versions = { numpy = ">=1" }
reason = "known"
link = "https://example.org/issues/7"
"""


@pytest.mark.parametrize(
    ("layer", "waivers", "verdict"),
    [
        (ReferenceLayer(), "", "holds"),
        (Swapped(), "", "violated"),
        (Swapped(), KNOWN, "waived"),
        (Crashing(), "", "error"),
        (Closed(), "", "adapter broken"),
        (Simple(), "", "not applicable"),
    ],
)
def test_every_line_of_a_report_is_one_by_the_schema(
    layer: Implementation,
    waivers: str,
    verdict: str,
    rnnspec: Callable[..., CompletedProcess[str]],
    known: Callable[[Implementation], None],
    schema: Schema,
    tmp_path: Path,
) -> None:
    known(layer)
    (tmp_path / "known.toml").write_text(waivers)
    only = ("--profile", "quick", "--only", "gru.step", "--waivers", "known.toml")
    rnnspec("run", layer.name, *only, "--json", "run.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    (line,) = (line for line in lines if line.get("claim") == "gru.step")
    assert line["verdict"] == verdict
    assert (line["counterexample"] is None) is (
        verdict in ("holds", "adapter broken", "not applicable")
    )
    for line in lines:
        schema("report").validate(line)
    (part,) = read(tmp_path / "run.jsonl")
    assert part.complete
    for path in (tmp_path / ".rnnspec").glob("*"):
        schema("replay").validate(json.loads(path.read_text()))


@pytest.mark.parametrize("path", sorted(DIVERGENCES.glob("*.json")), ids=lambda path: path.name)
def test_a_replay_file_is_one_by_its_schema(path: Path, schema: Schema) -> None:
    schema("replay").validate(json.loads(path.read_text(encoding="utf-8")))


WEIGHTS = "0.forward.reset.input"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        *(("case", lacking(case(), field)) for field in case()),
        *(("case", lacking(case(), "network", field)) for field in case()["network"]),
        ("case", changed(case(), "more", to=1)),
        ("case", changed(case(), "network", "more", to=1)),
        ("case", changed(case(), "network", "cell", to="lstn")),
        ("case", changed(case(), "network", "units", to=0)),
        ("case", changed(case(), "network", "layers", to=LARGEST_LAYERS + 1)),
        ("case", changed(case(), "dtype", to="float8")),
        ("case", changed(case(), "weights", "0.forward.reset.inputs", to=case()["inputs"])),
        ("case", changed(case(), "weights", "reset.input", to=case()["inputs"])),
        ("case", changed(case(), "weights", WEIGHTS, to=0.5)),
        ("case", lacking(case(), "weights", WEIGHTS, "shape")),
        ("case", changed(case(), "inputs", "shape", to=[-1])),
        ("case", changed(case(), "inputs", "shape", to=[0, LARGEST_ARRAY + 1])),
        ("case", changed(case(), "inputs", "shape", to=[1] * 9)),
        ("case", changed(case(), "inputs", "numbers", 0, to="one")),
        ("case", changed(case(), "inputs", "numbers", 0, to=True)),
        ("case", changed(case(), "states", "gate", to=case()["inputs"])),
        ("case", changed(case(), "lengths", to="all")),
        ("case", changed(case(), "lengths", 0, to=-1)),
        ("case", changed(case(), "aim", "gate", to=None)),
        ("case", changed(case(), "way", to=None)),
        *(
            ("replay", lacking(replay(), field))
            for field in ("format", "version", "claim", "adapter", "case")
        ),
        *(("replay", lacking(replay(), "comparison", field)) for field in replay()["comparison"]),
        ("replay", changed(replay(), "comparison", "part", to="gate")),
        ("replay", changed(replay(), "comparison", "index", to=[-1, 0, 0])),
        ("replay", changed(replay(), "call", to={})),
        ("replay", changed(replay(), "version", to=2)),
        ("replay", changed(replay(), "claim", to="gru")),
        ("replay", changed(replay(), "verdict", to="holds")),
        ("replay", changed(replay(), "level", "relative", to=-1.0)),
        ("replay", changed(replay(), "level", "absolute", to="inf")),
        ("replay", lacking(replay(), "case", "dtype")),
        *(("report", lacking(line(at), field)) for at in (0, 1, -1) for field in line(at)),
        ("report", changed(line(0), "profile", to="slow")),
        ("report", changed(line(0), "versions", to=["2.4.6"])),
        ("report", changed(line(0), "adapters", to=["mixed", "mixed"])),
        ("report", changed(line(1), "verdict", to="fine")),
        ("report", changed(line(1), "used", to=1.5)),
        ("report", changed(line(1), "card", to=0)),
        ("report", changed(line(1), "examples", to=-1)),
        ("report", changed(line(1), "dtypes", "float64", to="many")),
        ("report", changed(line(1), "waiver", to={})),
        ("report", changed(line(1), "counterexample", to={})),
        ("report", lacking(line(7), "counterexample", "case", "dtype")),
        ("report", changed(line(-1), "verdicts", "fine", to=1)),
        ("report", changed(line(-1), "exit_status", to=2)),
    ],
)
def test_what_is_damaged_is_none(name: str, data: Data, schema: Schema) -> None:
    assert not schema(name).is_valid(data)


def definitions(name: str) -> Data:
    """The definitions of a schema."""
    path = files("rnnspec") / "schemas" / f"{name}.json"
    found: Data = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    return found


def test_the_names_are_those_of_the_code() -> None:
    known = definitions("case")
    options = known["network"]["properties"]
    assert list(options) == list(Network.__dataclass_fields__)
    assert known["network"]["required"] == [name for name in options if name not in EXTRAS]
    enums = {name: tuple(option["enum"]) for name, option in options.items() if "enum" in option}
    assert enums == {
        "cell": tuple(BLOCKS),
        "direction": tuple(DIRECTIONS),
        "biases": tuple(BIASES),
        "activation": ACTIVATIONS,
        "reset": RESETS,
    }
    assert known["dtype"]["enum"] == list(PRECISIONS)
    assert set(known["case"]["properties"]["states"]["properties"]) == {*STATES["lstm"]}
    assert options["layers"]["maximum"] == LARGEST_LAYERS
    array = known["array"]["properties"]
    assert array["numbers"]["maxItems"] == array["shape"]["items"]["maximum"] == LARGEST_ARRAY


def test_every_label_is_one(schema: Schema) -> None:
    for label in CLAIMS:
        schema("replay").validate(replay() | {"claim": label})
