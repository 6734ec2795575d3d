"""``rnnspec replay``: files that are none are refused in a sentence, and good ones are tried."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.encoding import LARGEST_TEXT, encode_array, encode_case
from rnnspec.reference.network import Network

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]
Data = dict[str, Any]

GRU = Network("gru", 1, 1, biases="none")
LSTM = Network("lstm", 1, 1, biases="none")
WHERE = "0.forward.update.input"


def case(network: Network = GRU, **fields: Any) -> Case:
    weights = {at: np.full(shape, 0.5) for at, shape in network.places()}
    return Case(network, weights, **{"inputs": np.ones((1, 1, 1)), "dtype": "float32", **fields})


def data(claim: str = "gru.step", of: Case | None = None, **fields: Any) -> Data:
    """A replay file's content."""
    return {
        "format": "rnnspec.replay",
        "version": 1,
        "claim": claim,
        "adapter": "reference",
        "level": None,
        "case": encode_case(of or case()),
        **fields,
    }


def changed(*path: str, to: Any) -> Data:
    """A replay file with the field at a path replaced, or added."""
    found = whole = data()
    for name in path[:-1]:
        found = found[name]
    found[path[-1]] = to
    return whole


def lacking(*path: str) -> Data:
    """A replay file without the field at a path."""
    found = whole = data()
    for name in path[:-1]:
        found = found[name]
    del found[path[-1]]
    return whole


def written(content: Mapping[str, Any] | str | bytes, folder: Path) -> str:
    """The name of a file with a content."""
    if not isinstance(content, (str, bytes)):
        content = json.dumps(content)
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "it.json").write_bytes(raw)
    return "it.json"


def test_a_good_file_is_tried_on_its_own_adapter(rnnspec: Program, tmp_path: Path) -> None:
    ran = rnnspec("replay", written(data(), tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("holds: gru.step on numpy ")
    assert ran.stderr == ""


def test_numbers_that_json_has_not_are_tried_too(rnnspec: Program, tmp_path: Path) -> None:
    odd = np.array([np.nan, np.inf, -np.inf, -0.0, 2.0**-149]).reshape(-1, 1, 1)
    ran = rnnspec("replay", written(data(of=case(inputs=odd)), tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "it is not JSON: "),
        ("no", "it is not JSON: "),
        (json.dumps(data())[:-9], "it is not JSON: "),
        ("[" * 100_000, "it is not JSON: "),
        ('{"a":' * 100_000, "it is not JSON: "),
        ("1" * 10_000, "it is not JSON: "),
        (b"\xff\xfe", "it is not text in UTF-8"),
        ("[]", "it holds no JSON object"),
        ("null", "it holds no JSON object"),
        ("{}", "it does not say that its format is 'rnnspec.replay'"),
        (changed("format", to="rnnspec.report"), "it does not say that its format is"),
        (changed("version", to=2), "its version is 2; this rnnspec reads 1"),
        (changed("version", to=True), "its version is True; this rnnspec reads 1"),
        (lacking("version"), "its version is None; this rnnspec reads 1"),
        (lacking("claim"), "the file has no 'claim'"),
        (lacking("adapter"), "the file has no 'adapter'"),
        (changed("claim", to=5), "the file.claim must be a string"),
        (changed("claim", to="gru.steps"), "there is no claim 'gru.steps'"),
        (lacking("case"), "case must be an object"),
        (lacking("case", "weights"), "case has no 'weights'"),
        (lacking("case", "network", "units"), "case.network has no 'units'"),
        (lacking("case", "weights", WHERE), f"case.weights has nothing at {WHERE}, which GRU, "),
        (
            changed("case", "weights", WHERE, to=encode_array(np.ones((2, 1)))),
            f"case.weights.{WHERE} has shape (2, 1): it must be (1, 1)",
        ),
        (
            changed("case", "weights", WHERE, to=encode_array(np.full((1, 1), 0.1))),
            f"case.weights.{WHERE} holds 0.1, which is no float32",
        ),
        (
            changed("case", "inputs", to=encode_array(np.full((1, 1, 1), 1.7976931348623157e308))),
            "case.inputs holds 1.7976931348623157e+308, which is no float32",
        ),
        (
            changed("case", "inputs", "numbers", to=["one"]),
            "case.inputs.numbers[0] must be a number that float64 holds, or 'nan', 'inf', '-inf'",
        ),
        (changed("case", "extra", to=1), "case has a field 'extra' that no case has"),
        (changed("case", "dtype", to="float8"), "case.dtype is 'float8': use one of float64, "),
        (
            changed("case", "network", "cell", to="lstn"),
            "case.network.cell is 'lstn': use one of rnn, ",
        ),
        (changed("level", to=3), "level must be 'relative' or 'absolute', or an object"),
        (
            changed("level", to={"name": "mine", "relative": -1.0, "absolute": 0.0}),
            "level.relative must be a number from 0 on",
        ),
        (
            changed("level", to={"name": "mine", "relative": 0.0, "absolute": "nan"}),
            "level.absolute must be a number from 0 on",
        ),
        (
            changed("level", to={"name": "mine", "relative": 0.0, "absolute": "inf"}),
            "level.absolute must be a number from 0 on",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_place(
    content: Data | str | bytes, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    sentence_ = sentence(rnnspec("replay", written(content, tmp_path)))
    assert sentence_.startswith(f"it.json is no replay file: {told}")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (data("gru.step", case(LSTM)), "gru.step speaks of networks with cell gru, not 'lstm'"),
        (data("lstm.units", case()), "lstm.units speaks of networks with cell lstm, not 'gru'"),
        (
            data("lstm.units", case(LSTM, inputs=np.ones((2, 1, 1)))),
            "lstm.units speaks of exactly 1 step",
        ),
        (data(of=case(inputs=np.ones((0, 1, 1)))), "gru.step speaks of at least 1 step"),
        (data(of=case(inputs=np.ones((1, 0, 1)))), "gru.step speaks of at least 1 row"),
        (data(of=case(Network("gru", 1, 1, 2))), "gru.step speaks of exactly 1 layer"),
        (data(of=case(lengths=np.ones(1, int))), "gru.step speaks of cases with no lengths"),
        (data("layer.accuracy", case(inputs=np.ones((1, 1, 2)), network=Network("gru", 2, 1))),
         "layer.accuracy speaks of exactly 1 input"),
        (
            data("layer.accuracy", case(Network("gru", 1, 1))),
            "layer.accuracy needs case.aim.block, one of update, candidate",
        ),
        (
            data("layer.accuracy", case(Network("gru", 1, 1), aim={"block": "forget"})),
            "layer.accuracy needs case.aim.block, one of update, candidate",
        ),
        (
            data(of=case(aim={"blokc": "update"})),
            "gru.step is not aimed at any 'blokc'",
        ),
    ],
)  # fmt: skip
def test_a_case_that_is_none_of_the_claim_is_refused(
    content: Data, told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    assert sentence(rnnspec("replay", written(content, tmp_path))) == (
        f"it.json is no replay file: {told}"
    )


@pytest.mark.parametrize("field", ["layers", "units", "inputs"])
def test_a_size_beyond_what_the_file_holds_costs_nothing(
    field: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    content = changed("case", "network", field, to=2**20)
    assert sentence(rnnspec("replay", written(content, tmp_path))).startswith("it.json is no ")


def test_a_file_that_is_too_large_is_not_read(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    with open(tmp_path / "it.json", "wb") as file:
        file.truncate(LARGEST_TEXT + 1)
    told = f"it.json is no replay file: it is longer than {LARGEST_TEXT} bytes"
    assert sentence(rnnspec("replay", "it.json")) == told


@pytest.mark.skipif(sys.platform != "linux", reason="only there is memory limited, for safety")
def test_an_endless_file_is_not_read(python: Program, sentence: Sentence) -> None:
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
sys.argv = ["rnnspec", "replay", "/dev/zero"]
from rnnspec.cli import main
main()
"""
    told = f"/dev/zero is no replay file: it is longer than {LARGEST_TEXT} bytes"
    assert sentence(python("-c", code)) == told


def test_an_adapter_that_nobody_knows_is_told(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    file = written(data(adapter="mine"), tmp_path)
    assert sentence(rnnspec("replay", file)).startswith("there is no adapter 'mine': use one of ")
    told = sentence(rnnspec("replay", file, "--adapter", "yours"))
    assert told.startswith("there is no adapter 'yours': use one of ")
    assert rnnspec("replay", file, "--adapter", "reference").returncode == 0
