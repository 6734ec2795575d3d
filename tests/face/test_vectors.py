"""The vectors: what the plan holds, and how they are written and read again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import combinations, product
from math import prod
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from rnnspec import interruption
from rnnspec.covering import covering
from rnnspec.reference.encoding import Malformed, decode_array
from rnnspec.reference.network import BIASES, BLOCKS, DIRECTIONS
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll
from rnnspec.spec.claims import CLAIMS
from rnnspec.vector import DENSE, FLAGS, Vector
from rnnspec.vector_form import decode, encode, request
from rnnspec.vector_plan import LARGE, RUNS, plan
from rnnspec.vectors import MANIFEST, read, write

Data = dict[str, Any]
Schema = Callable[[str], Draft202012Validator]
Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]

ASKED = "ed36e365260c"
"""Where this changes, what is asked has changed: give ``vector_form.VERSION`` another number."""


@cache
def vectors() -> Mapping[str, Vector]:
    return {vector.id: vector for vector in plan()}


def some(*names: str) -> list[Vector]:
    return [vectors()[name] for name in names]


FEW = ("rnn-plain-01", "lstm-run-02", "gru-narrow-01", "gru-gradients-03", "lstm-count-01")


# ---- the plan


def test_what_is_asked_is_the_same_everywhere() -> None:
    asked = hashlib.sha256()
    for vector in vectors().values():
        asked.update(json.dumps(request(vector), sort_keys=True).encode())
    assert asked.hexdigest()[:12] == ASKED


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_any_few_choices_meet(strength: int) -> None:
    choices: Mapping[str, tuple[int | str, ...]] = {
        "a": (1, 2, 3), "b": ("x", "y"), "c": (1, 2, 3, 4), "d": (0, 1), "e": ("only",),
    }  # fmt: skip
    rows = list(covering(choices, strength))
    for names in combinations(choices, strength):
        met = {tuple(row[name] for name in names) for row in rows}
        assert met == set(product(*(choices[name] for name in names)))
    sizes = sorted(len(values) for values in choices.values())
    assert prod(sizes[-strength:]) <= len(rows) < prod(sizes)


def test_there_are_some_hundreds_each_with_a_name_and_flags_that_are_known() -> None:
    assert len(vectors()) == len(list(plan()))
    assert 200 <= len(vectors()) <= 600
    for vector in vectors().values():
        assert set(vector.flags) <= set(FLAGS)
        assert vector.flags["do"] == vector.do
        assert vector.flags["cell"] == vector.network.cell


@pytest.mark.parametrize("cell", BLOCKS)
def test_any_two_flags_meet_that_can(cell: str) -> None:
    """Of runs of usual sizes and numbers; in narrow formats there are no three layers."""
    runs = [
        vector.flags
        for vector in vectors().values()
        if vector.do == "run" and vector.network.cell == cell and vector.id.split("-")[1] != "again"
    ]
    names = [
        name for name in FLAGS if name in runs[0] and name not in ("do", "cell", "size", "values")
    ]
    values = {name: {flags[name] for flags in runs} - {"with 0"} for name in names}
    assert values["direction"] == set(DIRECTIONS)
    assert values["layers"] == {1, 2, 3}
    assert values["dtype"] == set(PRECISIONS)
    assert values["biases"] >= set(BIASES) - {"candidate"}
    for one, other in combinations(names, 2):
        met = {(flags[one], flags[other]) for flags in runs}
        missing = set(product(values[one], values[other])) - met
        assert all(set(pair) <= {3, "float16", "bfloat16"} for pair in missing)


def test_an_axis_in_the_place_of_another_shows() -> None:
    assert all(len(set(sizes)) == 4 for sizes in RUNS)
    cases = [vector.case for vector in vectors().values() if vector.case is not None]
    assert {case.network.units for case in cases} >= {1, 17, 33, 130}
    assert {case.steps for case in cases} >= {0, 1, 65, 130}
    assert {case.rows for case in cases} >= {0, 1, 9}
    lengths = [case.lengths.tolist() for case in cases if case.lengths is not None]
    assert any(0 in each for each in lengths)
    assert any(len(set(each)) < len(each) for each in lengths)
    assert any(each != sorted(each, reverse=True) for each in lengths)
    assert {case.dtype for case in cases} == set(PRECISIONS)


def test_no_number_is_zero_but_in_large_matrices() -> None:
    for vector in vectors().values():
        case = vector.case
        if case is not None:
            arrays = [case.inputs, *case.states.values(), *case.weights.values()]
            assert all(np.all(a) or a.shape[-1] == a.shape[0] > DENSE for a in arrays)


@pytest.mark.parametrize("name", LARGE)
def test_a_large_case_reads_every_unit(name: str) -> None:
    for cell in BLOCKS:
        case = vectors()[f"{cell}-{name}"].case
        assert case is not None
        for w in case.weights.values():
            assert np.all(w.any(axis=0))
            assert np.all(w.any(axis=-1))


def test_every_label_is_of_a_claim_that_speaks_of_such_networks() -> None:
    labels = set()
    for vector in vectors().values():
        labels |= set(vector.claims)
        for label in vector.claims:
            about, least = CLAIMS[label].about, CLAIMS[label].sizes.layers[0]
            other = {"compare.parameters": ("lstm", "gru")}.get(label, about["cell"])
            assert vector.network.cell in other
            assert vector.network.direction in about["direction"]
            assert vector.network.layers >= least
    assert len(labels) >= 18


# ---- one as data


@pytest.mark.parametrize("name", FEW)
def test_a_vector_is_one_by_its_schema_and_is_read_as_it_was(name: str, schema: Schema) -> None:
    (vector,) = some(name)
    data = json.loads(json.dumps(encode(vector), allow_nan=False))
    schema("vectors").validate(data)
    again = decode(data)
    assert request(again) == request(vector)
    assert (again.flags, again.claims) == (vector.flags, vector.claims)


def test_what_is_expected_is_what_the_equations_compute() -> None:
    (vector,) = some("gru-run-02")
    assert vector.case is not None
    data, plain = encode(vector), unroll(vector.case).parts()
    expected = {"outputs": data["expected"]["outputs"], **data["expected"]["states"]}
    for name, part in plain.items():
        assert np.allclose(decode_array(expected[name], name), part, rtol=1e-12, atol=1e-12)


def test_past_the_end_of_a_row_anything_is_allowed_and_elsewhere_little() -> None:
    (vector,) = some("lstm-run-02")
    case = vector.case
    assert case is not None
    assert case.lengths is not None
    for level in ("relative", "absolute"):
        bound = decode_array(encode(vector)["bounds"][level]["outputs"], "it")
        valid = np.broadcast_to(
            np.arange(case.steps)[:, None, None] < case.lengths[:, None], bound.shape
        )
        assert np.all(np.isinf(bound[~valid]))
        assert np.all(bound[valid] < {"float64": 1e-11, "float32": 1e-2}[case.dtype])
        assert np.all(bound[valid] > 0)


def test_where_nan_is_due_nothing_else_is_allowed() -> None:
    data = encode(*some("rnn-nan-forward"))
    outputs, bound = (
        decode_array(each["outputs"], "it")
        for each in (data["expected"], data["bounds"]["relative"])
    )
    assert np.isnan(outputs).any()
    assert np.all(bound[np.isnan(outputs)] == 0.0)
    assert np.all(bound[np.isfinite(outputs)] > 0.0)


def test_a_count_is_of_the_numbers_that_the_equations_need() -> None:
    data = encode(*some("lstm-count-01"))
    network = vectors()["lstm-count-01"].network
    assert data["expected"]["count"] == sum(int(np.prod(shape)) for _, shape in network.places())
    assert data["bounds"]["relative"] == {"count": 0}


@pytest.mark.parametrize("name", FEW)
def test_flags_that_are_missing_or_are_none_of_ours_do_no_harm(name: str) -> None:
    for about in ({}, {"size": 3, "lengths": "long", "more": "flags"}):
        found = decode({**encode(*some(name)), "about": about})
        assert found.flags == about
        assert set(found.claims) <= set(CLAIMS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "rnnspec.replay"}, "it does not say that its format is 'rnnspec.vector'"),
        ({"version": 2}, "its version is 2; this rnnspec has 1"),
        ({"version": True}, "its version is True; this rnnspec has 1"),
        ({"id": 3}, "the vector.id must be a string"),
        ({"do": "hello"}, "the vector.do is 'hello': use one of run, gradients, count"),
        ({"about": {"cell": ["gru"]}}, "the vector.about must hold strings or whole numbers"),
        ({"case": None}, "case must be an object"),
        ({"do": "count"}, "network must be an object"),
        ({"cotangents": {"gate": {"shape": [0], "numbers": []}}},
         "cotangents.gate has shape (0,): there is no such part"),
        ({"cotangents": {"hidden": {"shape": [0], "numbers": []}}},
         "cotangents.hidden has shape (0,): it must be (1, 2, 3)"),
        ({"cotangents": []}, "the vector.cotangents must be an object"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_vector_is_told(change: Data, told: str) -> None:
    data = {**encode(*some("gru-plain-gradients-03")), **change}
    with pytest.raises(Malformed) as complaint:
        decode(data)
    assert str(complaint.value) == told


# ---- a set of files


def test_a_set_is_read_as_it_was_written(tmp_path: Path, schema: Schema) -> None:
    assert write(tmp_path / "new" / "set", some(*FEW)) == len(FEW)
    folder = tmp_path / "new" / "set"
    again = read(folder)
    assert [vector.id for vector in again] == list(FEW)
    assert [request(vector) for vector in again] == [request(vector) for vector in some(*FEW)]
    schema("vectors").validate(json.loads((folder / MANIFEST).read_bytes()))
    for name in FEW:
        text = (folder / f"{name}.json").read_text()
        assert json.loads(text) == encode(*some(name))
        assert all('"numbers": ' not in line or line.count("[") == 2 for line in text.splitlines())


def test_a_set_is_written_anew_over_one_of_its_own_and_over_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, some(*FEW))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write(tmp_path, some(*FEW))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    (tmp_path / "notes.txt").touch()
    with pytest.raises(Malformed, match=r"^it holds notes\.txt, which is no part of it"):
        write(tmp_path, some(*FEW))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        **before,
        "notes.txt": b"",
    }


def test_answers_that_are_in_the_way_are_left_alone(tmp_path: Path) -> None:
    """They have the names of vectors."""
    path = tmp_path / f"{FEW[1]}.json"
    for text in ('{"count": 3}', '{\n "format": "rnnspec.waiver"}'):
        path.write_text(text)
        with pytest.raises(Malformed, match=rf"^it holds {path.name}, which is no part of it"):
            write(tmp_path, some(*FEW))
        assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {path.name: text}
    for begun in ("", "{\n", '{\n "format": "rnnspec.vector",\n "ver'):
        path.write_text(begun)  # as a full disk leaves it
        write(tmp_path, some(*FEW))
        assert len(read(tmp_path)) == len(FEW)


def test_a_set_that_was_cut_short_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, some(*FEW))
    monkeypatch.setattr(interruption, "_asked", [130])
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, some(*FEW))
    with pytest.raises(Malformed, match=r"^it has no manifest\.json, which is written last$"):
        read(tmp_path)


NAMED = "vectors[0].id is {}, which is no name of its own"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data.update(format="rnnspec.vector"),
         "it does not say that its format is 'rnnspec.vectors'"),
        (lambda data: data.update(version=2), "its version is 2; this rnnspec has 1"),
        (lambda data: data.update(vectors={}), "the manifest.vectors must be an array"),
        (lambda data: data.update(vectors=[]), "it has 0 vectors: 1 to 10000 are read"),
        (lambda data: data.update(vectors=[1]), "vectors[0] must be an object"),
        (lambda data: data["vectors"][0].update(id="../gru"), NAMED.format("'../gru'")),
        (lambda data: data["vectors"][0].update(id="a" * 101), NAMED.format(repr("a" * 100))),
        (lambda data: data["vectors"][0].update(id="lstm-run-02"),
         NAMED.replace("0", "1").format("'lstm-run-02'")),
        (lambda data: data["vectors"][0].pop("sha256"), "vectors[0] has no 'sha256'"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_manifest_is_told(
    change: Callable[[Data], object], told: str, tmp_path: Path
) -> None:
    write(tmp_path, some(*FEW[:2]))
    data = json.loads((tmp_path / MANIFEST).read_text())
    change(data)
    (tmp_path / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(Malformed) as complaint:
        read(tmp_path)
    assert str(complaint.value) == f"manifest.json: {told}"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "it is not as it was written"),
        (lambda path: path.write_bytes(b"\xff" + path.read_bytes()), "it is not as it was written"),
        (lambda path: path.unlink(), "it cannot be read: No such file or directory"),
        (lambda path: (path.unlink(), path.mkdir()), "it is no file"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_named(
    damage: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    write(tmp_path, some(*FEW))
    damage(tmp_path / f"{FEW[2]}.json")
    with pytest.raises(Malformed) as complaint:
        read(tmp_path)
    assert str(complaint.value).startswith(f"{FEW[2]}.json: {told}")


def test_a_file_under_another_name_is_told(tmp_path: Path) -> None:
    """As where the manifest was made to fit."""
    write(tmp_path, some(*FEW[:2]))
    (tmp_path / f"{FEW[0]}.json").write_bytes((tmp_path / f"{FEW[1]}.json").read_bytes())
    data = json.loads((tmp_path / MANIFEST).read_text())
    data["vectors"][0]["sha256"] = data["vectors"][1]["sha256"]
    (tmp_path / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(Malformed) as complaint:
        read(tmp_path)
    assert str(complaint.value) == f"{FEW[0]}.json: its id is {FEW[1]!r}"


# ---- the command


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnspec.vector_plan.plan", lambda: iter(some(*FEW)))


def test_the_command_says_what_it_has_written(few: None, rnnspec: Program, tmp_path: Path) -> None:
    ran = rnnspec("vectors", "out")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "5 vectors written to out\n", "")
    assert len(read(tmp_path / "out")) == len(FEW)


def test_a_place_that_cannot_be_written_is_told(
    few: None, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert sentence(rnnspec("vectors", "file")) == "file cannot be written: File exists"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").touch()
    assert sentence(rnnspec("vectors", "folder")) == (
        "folder is no place for vectors: it holds thesis.tex, which is no part of it: name an "
        "empty folder"
    )


def test_a_full_disk_is_told(
    few: None, rnnspec: Program, sentence: Sentence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert sentence(rnnspec("vectors", "out")) == "out cannot be written: No space left on device"


# ---- the page


def test_the_vector_on_the_page_is_one_of_them() -> None:
    text = (Path(__file__).parents[2] / "docs" / "vectors.md").read_text(encoding="utf-8")
    shown = json.loads(text.split("```json\n")[1].split("```")[0])
    data = encode(vectors()[shown["id"]])
    assert shown.keys() == data.keys()
    assert request(decode(shown)) == request(vectors()[shown["id"]])
    assert shown["about"] == data["about"]
    for one, other in (
        (shown["expected"], data["expected"]),
        *((shown["bounds"][level], data["bounds"][level]) for level in ("relative", "absolute")),
    ):
        for found, wanted in (
            (one["outputs"], other["outputs"]),
            (one["states"]["hidden"], other["states"]["hidden"]),
        ):
            array = decode_array(wanted, "it")
            assert np.allclose(decode_array(found, "it"), array, rtol=2e-2, atol=1e-15)


def test_the_page_says_how_many_there_are() -> None:
    text = (Path(__file__).parents[2] / "docs" / "vectors.md").read_text(encoding="utf-8")
    assert f"{len(vectors())} cases are written" in " ".join(text.split())
    rows = re.findall(r"^\| `.* \| (\d+) \|$", text, flags=re.MULTILINE)
    assert sum(map(int, rows)) == len(vectors())
