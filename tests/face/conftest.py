"""What the tests of the face share: Python in a process of its own, and the program in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from rnnspec import catalogue
from rnnspec import conformance_ as conformance_  # pytester forgets what it sees imported
from rnnspec.cli import main
from rnnspec.reference.implementation import Implementation
from rnnspec.spec.search import PROFILES

Ran = subprocess.CompletedProcess[str]

# what decides how a terminal is written to, and how many threads NumPy has
STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"
PLAIN = {"COLUMNS": "100", "TERM": "dumb", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
COLOURS = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "PYTEST_ADDOPTS")


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., Ran]:
    """``python("-c", "...")``: Python in an empty folder, with what it printed."""
    environment = {k: v for k, v in os.environ.items() if k not in (*COLOURS, STORAGE)}
    environment |= PLAIN

    def run(*arguments: str, **changed: str) -> Ran:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment | changed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def rnnspec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """``rnnspec("run", "reference")``: the command line in this process, in an empty folder.

    The profile ``quick`` is quicker than it is: what a run makes of claims is tested here.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(PROFILES, "quick", 8)
    for name in (*COLOURS, "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    # what the program sets for itself must not stay
    kept = {"MKL_NUM_THREADS": "1", STORAGE: str(tmp_path / "hypothesis")}
    for name, value in {**PLAIN, **kept}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["rnnspec", *arguments])
        status: str | int | None = 0
        capfd.readouterr()
        try:
            main()
        except SystemExit as stop:
            status = stop.code
        assert isinstance(status, int)
        return Ran(arguments, status, *capfd.readouterr())

    return run


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[Implementation], None]:
    """``known(layer)``: make an implementation known to the program, under its name."""
    layers: dict[str, Implementation] = {}
    load = catalogue.load
    monkeypatch.setattr(catalogue, "load", lambda name: layers.get(name) or load(name))

    def add(layer: Implementation) -> None:
        layers[layer.name] = layer

    return add


@pytest.fixture
def suite(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., pytest.RunResult]:
    """``suite("-k", "rnn.step")``: pytest in this process, in a folder for another's suite.

    A module that uses it has ``pytest_plugins = ["pytester"]``.
    """
    monkeypatch.setitem(PROFILES, "quick", 8)
    # in a CI pytest tells each failure a second time, whole, in its summary
    for name in (*COLOURS, "CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    options = ("-p", "no:cacheprovider", "-W", "error")
    return lambda *given, **more: pytester.runpytest_inprocess(*options, *given, **more)


def _sentence(ran: Ran) -> str:
    assert ran.returncode == 2, ran
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    (told,) = (line for line in ran.stderr.splitlines() if line.startswith("Error: "))
    return told.removeprefix("Error: ")


@pytest.fixture(scope="session")
def sentence() -> Callable[[Ran], str]:
    """``sentence(ran)``: the one sentence with which wrong usage was refused, with status 2."""
    return _sentence


@pytest.fixture(scope="session")
def schema() -> Callable[[str], Draft202012Validator]:
    """``schema("case")``: what checks data by a schema of the package."""
    folder = files("rnnspec") / "schemas"
    found = {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
        if path.name.endswith(".json")
    }
    known = Registry().with_resources(
        [(name, Resource.from_contents(contents)) for name, contents in found.items()]
    )

    for contents in found.values():
        Draft202012Validator.check_schema(contents)

    def validator(name: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"{name}.json"}, registry=known)

    return validator
