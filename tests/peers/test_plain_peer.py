"""The peer that is meant to be copied: it needs nothing but an old Python, and it is right."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rnnspec
from rnnspec.adapters.process_ import ProcessLayer
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import count

PEER = Path(__file__).parents[2] / "peers" / "plain" / "peer.py"
OLDEST = (3, 8)
CLAIMS = (
    "rnn.step",
    "lstm.cell-state",
    "gru.step",
    "deep.parameters",
    "bi.two-passes",
    "layer.options",
    "layer.padding",
    "layer.nan",
    "layer.empty",
)


@pytest.fixture(scope="module")
def python() -> str:
    """The oldest Python that will do, where one is found that runs; or this one."""
    for folder in os.get_exec_path():
        name = shutil.which("python{}.{}".format(*OLDEST), path=folder)
        if (
            name is not None
            and not subprocess.run([name, "-c", ""], capture_output=True).returncode
        ):
            return name
    return sys.executable


def test_it_is_written_for_an_old_python_and_imports_nothing_else() -> None:
    tree = ast.parse(PEER.read_text(encoding="utf-8"), feature_version=OLDEST)
    nodes = list(ast.walk(tree))
    imported = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported
    assert imported <= sys.stdlib_module_names


def test_it_holds_what_is_claimed(python: str) -> None:
    layer = ProcessLayer([python, str(PEER)], timeout=60)
    outcomes = rnnspec.run(layer, only=CLAIMS, profile="quick")
    verdicts = {outcome.claim.id: str(outcome.verdict) for outcome in outcomes}
    assert {claim: verdicts[claim] for claim in CLAIMS} == dict.fromkeys(CLAIMS, "holds")


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("biases", ["none", "input", "both"])
def test_it_counts_what_it_has(python: str, cell: str, biases: str) -> None:
    network = Network(cell, 3, 5, 2, direction="both", biases=biases)
    assert ProcessLayer([python, str(PEER)], timeout=60).count(network) == count(network)


def test_another_order_of_blocks_than_is_declared_shows(python: str, tmp_path: Path) -> None:
    wrong = tmp_path / "peer.py"
    source = PEER.read_text(encoding="utf-8")
    declared = '["update", "reset", "candidate"]'
    assert declared in source
    wrong.write_text(source.replace(declared, '["reset", "update", "candidate"]'), encoding="utf-8")
    layer = ProcessLayer([python, str(wrong)], timeout=60)
    outcomes = [each for each in rnnspec.run(layer, only="gru.step", profile="quick") if each.case]
    assert [str(outcome.verdict) for outcome in outcomes] == ["violated"]
    assert "update, reset, candidate" in rnnspec.explain(outcomes[0])


def test_it_says_what_failed_and_goes_on_and_ends_with_bye(python: str) -> None:
    requests = [{"id": 0, "do": "hello"}, {"id": 1, "do": "dance"}, {"id": 2, "do": "bye"}]
    lines = "".join(json.dumps(each) + "\n" for each in [*requests, {"id": 3, "do": "hello"}])
    ran = subprocess.run([python, str(PEER)], input=lines, capture_output=True, text=True)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [each["id"] for each in answers] == [0, 1, 2]
    assert answers[0]["name"] == "plain"
    assert answers[1]["error"] == "KeyError: 'dance'"
    assert answers[2] == {"id": 2}
