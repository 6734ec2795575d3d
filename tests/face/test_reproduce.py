"""``rnnspec reproduce``: a counterexample as a script that runs, with rnnspec or without."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from rnnspec import catalogue
from rnnspec.adapters.script_ import Shown as Element
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.encoding import decode_case, encode_array, encode_case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.replay import decoded_comparison, encode, read, save
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


class Back(Said):
    """One whose scripts go back, and count. It packs weights in one array, with another sign."""

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        if cotangents is None:
            return super().script(case)
        ((part, seed),) = cotangents.items()
        return f"""\
import numpy as np

seed = np.array({seed.tolist()})  # of {part}
d_inputs = seed[0]
d_packed = np.array([[2.0, np.nan]])
"""

    def leaves(self, case: Case) -> Mapping[str, Array]:
        packed = np.concatenate([weights.ravel() for weights in case.weights.values()])
        return {"d_inputs": case.inputs[0], "d_packed": 1.0 - packed[None]}

    def counting(self, network: Network) -> str | None:
        return None if network.layers > 1 else f"count = 2 + {network.units}\n"


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


def went_back(part: str, *index: int, **fields: Any) -> dict[str, Any]:
    """A comparison of a gradient, which should be 0.25."""
    numbers = {name: encode_array(np.array([[0.25]])) for name in ("observed", "expected")}
    cotangents = {"outputs": encode_array(np.full((1, 1, 1), 0.5))}
    return compared(
        case(), what=f"the gradient of {part}", part=part, index=index, cotangents=cotangents,
        **{**numbers, "bound": encode_array(np.array([[0.125]])), **fields},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "index", "said"),
    [
        ("inputs", (0, 0, 0), "d_inputs[0, 0] is 0.5"),
        ("0.forward.hidden.input", (0, 0), "-d_packed[0, 0] is -2.0"),
        ("0.forward.hidden.recurrent", (0, 0), "-d_packed[0, 1] is nan"),
    ],
)
def test_a_gradient_is_shown_in_the_frameworks_own_array(
    part: str, index: tuple[int, ...], said: str, shown: Shown, known: Known, tmp_path: Path
) -> None:
    file = written(tmp_path, claim="layer.gradients", comparison=went_back(part, *index))
    known(Back())
    code, *told = shown(file, "--framework-only")
    assert told == [said, "it must be 0.25 give or take 0.125"]
    assert "seed = np.array([[[0.5]]])  # of outputs" in code


def test_a_gradient_that_is_no_number_is_shown_whole(
    shown: Shown, known: Known, tmp_path: Path
) -> None:
    fields: dict[str, Any] = {
        **{"claim": "layer.gradients", "verdict": "error", "call": encode_case(case())},
        "cotangents": {"hidden": encode_array(np.full((1, 1, 1), 0.5))},
        "reason": "WrongAnswer: the gradient of 0.forward.hidden.recurrent holds NaN",
    }
    known(Back())
    code, *told = shown(written(tmp_path, **fields), "--framework-only")
    assert told == ["-d_packed is [[-2. nan]]"]
    assert "# the gradient of 0.forward.hidden.recurrent holds NaN\n" in code
    fields["reason"] = "WrongAnswer: there is no gradient of initial hidden"
    _, *told = shown(written(tmp_path, **fields), "--framework-only")
    assert told == ["d_inputs is [[0.5]]", "d_packed is [[ 2. nan]]"]
    fields["reason"] = "ValueError: no"
    _, *told = shown(written(tmp_path, **fields), "--framework-only")
    assert told == []


def test_a_backward_pass_says_what_it_went_back_from(tmp_path: Path) -> None:
    class Failing(Back):
        def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
            found = super().gradients(case, cotangents)
            assert found is not None
            return replace(found, inputs=np.full_like(found.inputs, self.number))

        def run(self, case: Case) -> Answer:
            return ReferenceLayer().run(case)

        number = np.nan

    for number, verdict in ((np.nan, "error"), (100.0, "violated")):
        layer = Failing()
        layer.number = number
        outcomes = run(layer, only="layer.gradients", profile="quick")
        (outcome,) = (each for each in outcomes if each.case)
        assert outcome.verdict == verdict
        data = encode(outcome, "said", {})
        assert data is not None
        again = read(save(data, tmp_path))
        comparison = decoded_comparison(again["comparison"])
        found = again["cotangents"] if comparison is None else comparison.cotangents
        assert found is not None
        assert found.keys() <= {"outputs", "hidden", "cell"}
        assert comparison is None or comparison.part == "inputs"


def test_parameters_are_counted_by_the_framework_alone(
    shown: Shown, known: Known, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    """The first network that has not as many as the equations need."""
    wide = replace(RNN, units=3)
    counted = [{"network": each.as_dict(), "count": 5} for each in (RNN, wide)]
    counted[0]["count"] = 2
    comparison = compared(case(), what="parameters", part="", index=[], counted=counted)
    file = written(tmp_path, claim="bi.parameters", comparison=comparison)
    known(Back())
    code, *told = shown(file, "--framework-only")
    assert told == ["the parameters are 5", "they must be 12"]
    assert "count = 2 + 3\n" in code
    known(Said())
    told = [sentence(rnnspec("reproduce", file, "--framework-only"))]
    assert told[0].endswith("the adapter 'said' writes no script of how it counts")


def test_what_writes_in_another_language_is_asked_for_it(
    rnnspec: Program, known: Known, sentence: Sentence, tmp_path: Path
) -> None:
    class Elsewhere(ReferenceLayer):
        name = "said"

        def written(
            self,
            about: Sequence[str],
            case: Case,
            cotangents: Mapping[str, Array] | None,
            shown: Element | None,
        ) -> str | None:
            assert shown is not None
            if case.steps > 1:
                return None
            must = "a call" if isinstance(shown.expected, Case) else shown.expected
            return f"// {about[0]}\n{shown.part} {shown.index} {must} {shown.bound}\n"

    known(Elsewhere())
    file = written(tmp_path, comparison=compared(case()))
    ran = rnnspec("reproduce", file, "--framework-only")
    assert ran.stdout == "// rnn.step: violated, sum 1.0\noutputs (0, 0, 0) 0.25 0.0\n"
    file = written(tmp_path, comparison=compared(case(), case(2.0)))
    assert "outputs (0, 0, 0) a call 0.0" in rnnspec("reproduce", file, "--framework-only").stdout
    file = written(tmp_path, comparison=compared(case(1.0, 2.0)))
    told = sentence(rnnspec("reproduce", file, "--framework-only"))
    assert "the adapter 'said' writes no script of this call: RNN" in told


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
        ({"cotangents": {"input": 1}}, "comparison.cotangents has 'input': use one of outputs, hi"),
        ({"cotangents": {"outputs": 1}}, "comparison.cotangents.outputs must be an object"),
        (
            {"cotangents": {"hidden": encode_array(np.zeros(1))}},
            "comparison.cotangents.hidden must have the shape of hidden, (1, 1, 1)",
        ),
        ({"cotangents": {}}, "comparison.part is 'outputs': use one of '', 'inputs', '0.forward"),
        ({"counted": 1}, "comparison.counted must be an array"),
        ({"counted": [1]}, "comparison.counted must be a list of objects"),
        ({"counted": [{"network": 1}]}, "comparison.counted.network must be an object"),
        ({"counted": [{"network": RNN.as_dict()}]}, "comparison.counted has no 'count'"),
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
