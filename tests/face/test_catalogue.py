"""Adapters that others provide may be broken: they are named, and are nobody else's trouble."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

import numpy as np
import pytest

from rnnspec import catalogue
from rnnspec.adapters.reference_ import Reference
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.network import Network
from rnnspec.spec.claims import CLAIMS

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Sentence = Callable[[Ran], str]


class Unmakable(Reference):
    """Fails as it is made."""

    def __init__(self) -> None:
        raise OSError("libnone.so: cannot open shared object file")


@pytest.fixture(autouse=True)
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two adapters are known that do not work: ``gone`` has no module, ``unmakable`` raises."""
    module = ModuleType("their_adapter")
    module.__dict__["Unmakable"] = Unmakable
    monkeypatch.setitem(sys.modules, "their_adapter", module)
    group = catalogue.GROUP
    theirs = [
        EntryPoint("gone", "no_module_of_theirs:Adapter", group),
        EntryPoint("unmakable", "their_adapter:Unmakable", group),
    ]
    found = [*entry_points(group=group), *theirs]
    monkeypatch.setattr(catalogue, "entry_points", lambda group: found)


TOLD = {
    "gone": "ModuleNotFoundError: No module named 'no_module_of_theirs'",
    "unmakable": "OSError: libnone.so: cannot open shared object file",
}


@pytest.mark.parametrize("name", TOLD)
def test_an_adapter_that_cannot_be_loaded_is_told_in_a_sentence(
    name: str, rnnspec: Program, sentence: Sentence
) -> None:
    told = f"the adapter {name!r} cannot be loaded: {TOLD[name]}"
    assert sentence(rnnspec("run", name)) == told


@pytest.mark.parametrize("name", TOLD)
def test_a_replay_does_not_blame_the_file_for_it(
    name: str, rnnspec: Program, sentence: Sentence, tmp_path: Path
) -> None:
    network = Network("gru", 1, 1, biases="none")
    case = Case(network, {at: np.ones(s) for at, s in network.places()}, np.ones((1, 1, 1)))
    head = {"format": "rnnspec.replay", "version": 1, "claim": "gru.step", "adapter": name}
    (tmp_path / "it.json").write_text(json.dumps({**head, "case": encode_case(case)}))
    told = f"the adapter {name!r} cannot be loaded: {TOLD[name]}"
    assert sentence(rnnspec("replay", "it.json")) == told


def test_the_others_are_listed_and_run(rnnspec: Program) -> None:
    ran = rnnspec("list")
    assert ran.returncode == 0, ran.stderr
    words = " ".join(ran.stdout.rpartition("\nadapters: ")[2].split()).split(", ")
    assert {"reference", "gone (cannot be loaded)"} <= set(words)
    arguments = ("--profile", "quick", "--only", "lstm.three-gates")
    assert rnnspec("run", "reference", *arguments).returncode == 0


def test_where_no_adapter_is_named_the_broken_ones_are_skipped_with_a_word(
    rnnspec: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "names", lambda: ["reference", *TOLD])
    ran = rnnspec("run", "--profile", "quick", "--only", "lstm.three-gates")
    assert ran.returncode == 0, ran.stderr
    printed = " ".join(ran.stdout.split())
    for name, told in TOLD.items():
        assert f"skipped: the adapter {name!r} cannot be loaded: {told}" in printed
    assert f"{len(CLAIMS)} claims: 1 holds, {len(CLAIMS) - 1} not run" in ran.stdout
