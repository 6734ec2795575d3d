"""``rnnspec reproduce``: a counterexample as a script that runs, with rnnspec or without."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from rnnspec import catalogue
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.encoding import decode_case, encode_array, encode_case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.replay import encode, save
from rnnspec.runner import run

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]
Known = Callable[[Implementation], None]
Shown = Callable[..., list[str]]

RNN = Network("rnn", 1, 1, biases="none")


class Said(ReferenceLayer):
    """A layer whose outputs are the sum of its inputs, as its scripts say."""

    name = "said"

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        return Answer(np.full(case.output_shape, case.inputs.sum()), answer.states)

    def script(self, case: Case) -> str | None:
        if case.rows > 1:
            return None
        summed = str(case.inputs.ravel().tolist()).replace("nan", "np.nan")
        return f"""\
import numpy as np
from math import pi

weights = np.ones({case.steps})
total = 0.0
total = total + sum({summed})
outputs = np.full({case.output_shape}, total)
hidden = np.zeros({case.state_shape})
"""


class Off(Said):
    """A layer whose outputs are too large."""

    def run(self, case: Case) -> Answer:
        answer = ReferenceLayer().run(case)
        return Answer(1.5 * answer.outputs, answer.states)


def case(*inputs: float, rows: int = 1, network: Network = RNN) -> Case:
    weights = {at: np.full(shape, 0.5) for at, shape in network.places()}
    return Case(network, weights, np.array(inputs or (1.0,)).reshape(-1, 1, 1).repeat(rows, 1))


def compared(of: Case, against: Case | None = None, **fields: Any) -> dict[str, Any]:
    """A comparison, whose last output should be 0.25."""
    observed, expected = np.full(of.output_shape, 3.0), np.full(of.output_shape, 3.0)
    expected[-1] = 0.25
    return {
        "what": "outputs",
        "case": encode_case(of),
        "against": against and encode_case(against),
        "observed": encode_array(observed),
        "expected": encode_array(expected),
        "bound": encode_array(np.zeros(of.output_shape)),
        "part": "outputs",
        "index": [of.steps - 1, 0, 0],
        **fields,
    }


def written(folder: Path, claim: str = "rnn.step", **fields: Any) -> str:
    """A replay file's name."""
    content = {
        **{"format": "rnnspec.replay", "version": 1, "claim": claim, "adapter": "said"},
        **{"versions": {"sum": "1.0"}, "verdict": "violated", "level": None},
        **{"case": encode_case(case()), "comparison": None, **fields},
    }
    (folder / "it.json").write_text(json.dumps(content), encoding="utf-8")
    return "it.json"


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer is found by its name, too."""
    found = catalogue.found
    monkeypatch.setattr(catalogue, "found", lambda name: Said if name == "said" else found(name))


@pytest.fixture
def shown(rnnspec: Program, known: Known, capfd: pytest.CaptureFixture[str]) -> Shown:
    """``shown(file, *options)``: the script, and what it prints when it is run."""
    known(Said())

    def script(file: str, *options: str) -> list[str]:
        ran = rnnspec("reproduce", file, *options)
        assert ran.returncode == 0, ran.stderr
        exec(compile(ran.stdout, "<script>", "exec"), {})
        return [ran.stdout, *capfd.readouterr().out.splitlines()]

    return script


def test_with_this_package_the_claim_is_tried_again(shown: Shown, tmp_path: Path) -> None:
    code, *told = shown(written(tmp_path))
    assert code.startswith("# rnn.step: violated, sum 1.0\n# ")
    assert told[:3] == ["violated outputs is off", "outputs [0, 0, 0]", "observed 1.0"]
    assert told[3].startswith("expected 0.46211715726")
    assert told[4].startswith("bound ")
    assert len(told) == 5


def test_what_holds_or_fails_otherwise_says_so(shown: Shown, tmp_path: Path) -> None:
    _, *told = shown(written(tmp_path), "--adapter", "reference")
    assert told == ["holds "]


def test_what_a_command_starts_is_started_again(
    rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    file = written(tmp_path, adapter="peer")
    told = sentence(rnnspec("reproduce", file))
    assert told.startswith("there is no adapter 'peer': use one of ")
    ran = rnnspec("reproduce", file, "--command", "node 'a peer.mjs'")
    assert """Source(command="node 'a peer.mjs'").load()""" in ran.stdout
    told = sentence(rnnspec("reproduce", file, "--command", "node", "--adapter", "torch"))
    assert told == "name an adapter or a command, not both"


def test_without_it_a_number_stands_beside_what_it_must_be(shown: Shown, tmp_path: Path) -> None:
    file = written(tmp_path, comparison=compared(case(1.0, 2.0)))
    code, *told = shown(file, "--framework-only")
    assert told == ["outputs[1, 0, 0] is 3.0", "it must be 0.25 to the last bit"]
    assert "rnnspec" not in code
    assert code.splitlines()[0] == "# rnn.step: violated, sum 1.0"
    assert len(code.splitlines()) <= 30


@pytest.mark.parametrize(("number", "said"), [(np.nan, "nan"), (-np.inf, "-inf"), (-0.0, "-0.0")])
def test_any_number_may_be_the_right_one(
    number: float, said: str, shown: Shown, tmp_path: Path
) -> None:
    right = encode_array(np.full((1, 1, 1), number))
    bound = encode_array(np.full((1, 1, 1), 0.5))
    file = written(tmp_path, comparison=compared(case(), expected=right, bound=bound))
    assert shown(file, "--framework-only")[2] == f"it must be {said} give or take 0.5"


def test_another_call_is_made_as_well(shown: Shown, tmp_path: Path) -> None:
    file = written(tmp_path, comparison=compared(case(1.0, 2.0), case(1.0, 4.0)))
    code, *told = shown(file, "--framework-only")
    assert told == ["outputs[1, 0, 0] is 3.0", "it must be 5.0 to the last bit"]
    lines = code.splitlines()
    assert lines.count("import numpy as np") == lines.count("from math import pi") == 1
    assert lines.count("weights = np.ones(2)") == 1  # it is the same for both
    assert lines.count("total = 0.0") == 2  # it has been counted up since
    file = written(tmp_path, comparison=compared(case(1.0, 2.0), case(4.0, 4.0, 4.0)))
    assert shown(file, "--framework-only")[2] == "it must be 12.0 to the last bit"


def test_what_raises_is_the_call_that_did(shown: Shown, tmp_path: Path) -> None:
    fields: dict[str, Any] = {"verdict": "error", "reason": "ValueError: no"}
    code, *told = shown(written(tmp_path, **fields), "--framework-only")
    assert "sum([1.0])" in code
    assert told == []
    fields["call"] = encode_case(case(7.0))
    code, *told = shown(written(tmp_path, **fields), "--framework-only")
    assert "sum([7.0])" in code
    assert told == []


def test_what_is_no_answer_is_shown_whole(shown: Shown, tmp_path: Path) -> None:
    fields = {"verdict": "error", "reason": "WrongAnswer: outputs has shape (1, 1)"}
    _, *told = shown(written(tmp_path, **fields), "--framework-only")
    assert told == ["outputs (1, 1, 1) [[[1.0]]]", "hidden (1, 1, 1) [[[0.0]]]"]


def test_a_run_says_which_call_raised(shown: Shown, known: Known, tmp_path: Path) -> None:
    """A claim derives its calls from a case, and one of them fails."""

    class Failing(Said):
        def run(self, case: Case) -> Answer:
            if np.isnan(case.inputs).any():
                raise ValueError("it takes no NaN")
            return ReferenceLayer().run(case)

    known(Failing())
    (outcome,) = (
        each
        for each in run(Failing(), only="layer.padding", profile="quick")
        if each.case is not None
    )
    data = encode(outcome, "said", {})
    assert data is not None
    assert not np.isnan(decode_case(data["case"]).inputs).any()
    assert np.isnan(decode_case(data["call"]).inputs).any()
    code, *_ = shown(str(save(data, tmp_path)), "--framework-only")
    assert "np.nan" in code


def test_an_older_file_says_less(shown: Shown, tmp_path: Path) -> None:
    comparison = compared(case(1.0, 2.0), case(1.0, 2.0))
    del comparison["part"], comparison["index"]
    _, *told = shown(written(tmp_path, comparison=comparison), "--framework-only")
    assert told == ["outputs[1, 0, 0] is 3.0", "it must be 0.25 to the last bit"]


def test_nothing_in_a_file_becomes_code(shown: Shown, tmp_path: Path) -> None:
    evil = "1\nraise SystemExit('run')\r\u2028"
    fields: dict[str, Any] = {
        "versions": {evil: evil},
        "verdict": evil,
        "comparison": compared(case(1.0)),
    }
    for option in ([], ["--framework-only"]):
        code, *_ = shown(written(tmp_path, **fields), *option)
        assert not any(isinstance(each, ast.Raise) for each in ast.walk(ast.parse(code)))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"adapter": "reference", "comparison": compared(case())},
            "the adapter 'reference' writes no scripts of its framework",
        ),
        (
            {"comparison": compared(case(rows=2))},
            "the adapter 'said' writes no script of this call: RNN, ",
        ),
        (
            {"comparison": compared(case().changed(way="sideways"))},
            "said: it offers no way 'sideways'",
        ),
        (
            {"comparison": compared(case(), what="parameters", part="", index=[])},
            "it is about parameters, which is no number of an answer, and no script is ",
        ),
        (
            {"claim": "layer.gradients", "verdict": "error"},
            "an older file does not say what the backward pass began with",
        ),
        (
            {"claim": "layer.repeatable", "comparison": compared(case())},
            "layer.repeatable compares a call with the same one after others: one is not enough",
        ),
    ],
)
def test_what_is_not_said_is_refused_in_a_sentence(
    fields: dict[str, Any],
    told: str,
    rnnspec: Program,
    known: Known,
    sentence: Sentence,
    tmp_path: Path,
) -> None:
    known(Said())
    file = written(tmp_path, **fields)
    refused = sentence(rnnspec("reproduce", file, "--framework-only"))
    assert refused.startswith(f"it.json is not said without rnnspec: {told}")
    assert rnnspec("reproduce", file).returncode == 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"part": "cell"}, "comparison.part is 'cell': use one of '', 'outputs', 'hidden'"),
        ({"part": 1}, "comparison.part must be a string"),
        ({"index": [1, 0, 0]}, "comparison.index must be that of an element of outputs, of sha"),
        ({"index": [True, 0, 0]}, "comparison.index must be that of an element of outputs"),
        ({"index": [0, 0]}, "comparison.index must be that of an element of outputs"),
        ({"index": "0"}, "comparison.index must be an array"),
        ({"bound": None}, "comparison.bound must be an object"),
    ],
)
def test_a_file_that_is_none_is_refused(
    fields: dict[str, Any], told: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    file = written(tmp_path, comparison=compared(case(), **fields))
    for option in ([], ["--framework-only"]):
        refused = sentence(rnnspec("reproduce", file, *option))
        assert refused.startswith(f"it.json is no replay file: {told}")


def test_what_cannot_be_read_or_written_is_told(
    rnnspec: Program, sentence: Sentence, known: Known, tmp_path: Path
) -> None:
    known(Said())
    file = written(tmp_path, comparison=compared(case()))
    told = sentence(rnnspec("reproduce", "none.json"))
    assert told == "none.json cannot be read: No such file or directory"
    told = sentence(rnnspec("reproduce", file, "-o", "none/it.py"))
    assert told == "none/it.py cannot be written: No such file or directory"
    told = sentence(rnnspec("reproduce", file, "--adapter", "nobody", "--framework-only"))
    assert told.startswith("there is no adapter 'nobody'")
    ran = rnnspec("reproduce", file, "--framework-only", "-o", "it.py")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    printed = rnnspec("reproduce", file, "--framework-only").stdout
    assert (tmp_path / "it.py").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("silent", [False, True])
def test_a_run_names_the_command_where_there_is_a_script(
    silent: bool, rnnspec: Program, known: Known
) -> None:
    class Silent(Off):
        def script(self, case: Case) -> str | None:
            raise KeyError("a mistake of its own")

    known(Silent() if silent else Off())
    ran = rnnspec("run", "said", "--only", "rnn.step", "--profile", "quick")
    assert ran.returncode == 1, ran.stderr
    *_, line = (each for each in ran.stdout.splitlines() if "rnnspec re" in each)
    _, command, file, *options = line.split()
    assert (command, options) == (("replay", []) if silent else ("reproduce", ["--framework-only"]))
    if not silent:
        code = rnnspec(command, file, *options)
        assert "\nobserved = outputs[" in code.stdout


def test_a_report_has_counterexamples_too(
    shown: Shown, rnnspec: Program, known: Known, sentence: Sentence, tmp_path: Path
) -> None:
    known(Off())
    ran = rnnspec("run", "said", *("--only", "rnn.*", "--profile", "quick", "--json", "it.jsonl"))
    assert ran.returncode == 1, ran.stderr
    code, *told = shown("it.jsonl", "--claim", "rnn.step")
    assert code.startswith("# rnn.step: violated")
    assert told[0].startswith("violated ")
    assert shown("it.jsonl", "--claim", "rnn.step", "--adapter", "said")[1:] == told
    told = [sentence(rnnspec("reproduce", "it.jsonl", "--claim", "gru.step"))]
    assert told == ["it.jsonl has no counterexample of gru.step"]
    told = [sentence(rnnspec("reproduce", written(tmp_path), "--claim", "rnn.step"))]
    assert told[0].startswith("it.json is no report: ")
