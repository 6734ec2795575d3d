"""Nothing is imported before it is needed: no framework, and nothing slow by a mere presence."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from subprocess import CompletedProcess

Python = Callable[..., CompletedProcess[str]]

FRAMEWORKS = {
    *("torch", "tensorflow", "keras", "tf_keras", "jax", "flax", "equinox", "haiku", "onnx"),
    *("onnxruntime", "openvino", "ai_edge_litert", "mlx", "tinygrad", "thinc", "paddle", "ncnn"),
    *("h5py", "safetensors"),
}
HEAVY = {"numpy", "scipy", "hypothesis", "rich", *FRAMEWORKS}

PROGRAM = """
import sys
from rnnspec.cli import main
for arguments in {lines!r}:
    sys.argv = ["rnnspec", *arguments.split()]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, arguments
"""


def imported(python: Python, code: str) -> set[str]:
    """The top-level modules that are imported once the code has run."""
    ran = python("-c", f"{code}\nimport sys\nprint('\\nMODULES', *sys.modules)")
    assert ran.returncode == 0, ran.stderr
    modules = ran.stdout.rpartition("\nMODULES ")[2].split()
    return {name.partition(".")[0] for name in modules}


def test_the_package_imports_nothing(python: Python) -> None:
    found = imported(python, "import rnnspec; rnnspec.__version__")
    assert not found & {*HEAVY, "click", "pytest"}


def test_help_imports_only_what_prints_it(python: Python) -> None:
    lines = [
        "--help",
        "--version",
        "run --help",
        "replay --help",
        "check-answers --help",
        "convert --help",
    ]
    found = imported(python, PROGRAM.format(lines=lines))
    assert "click" in found
    assert not found & HEAVY


def test_no_framework_is_imported_that_is_not_asked_for(python: Python) -> None:
    run = "run reference --only lstm.three-gates --profile quick"
    found = imported(python, PROGRAM.format(lines=["list", "show lstm.gated", "conventions", run]))
    assert "numpy" in found
    assert not found & FRAMEWORKS


def test_the_adapters_of_frameworks_import_none(python: Python) -> None:
    ours = {entry.module for entry in entry_points(group="rnnspec.adapters")}
    found = imported(python, "\n".join(f"import {name}" for name in sorted(ours)))
    assert not found & FRAMEWORKS


def test_the_pytest_plugin_imports_nothing(python: Python) -> None:
    # hypothesis comes with a pytest plugin of its own, which may import all of it: not ours to test
    arguments = ["-p", "no:hypothesispytest", "-p", "no:cacheprovider", "--co"]
    code = f"import pytest; assert pytest.main({arguments}) == pytest.ExitCode.NO_TESTS_COLLECTED"
    found = imported(python, f"{code}\nimport sys; assert 'rnnspec.pytest_plugin' in sys.modules")
    assert not found & HEAVY
