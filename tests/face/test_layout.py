"""The rooms of the house: each is imported under its one name, and arrows run one way."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import rnnspec

Python = Callable[..., CompletedProcess[str]]

ROOT = Path(rnnspec.__file__).parent
ROOMS = ("spec", "reference", "adapters")
FRAMEWORKS = {
    "torch": "torch_ torch_checkpoint",
    "jax": "jax_",
    "flax": "jax_flax",
    "equinox": "jax_equinox",
    "haiku": "jax_haiku",
    "mlx": "mlx_",
    "tinygrad": "tinygrad_",
    "thinc": "thinc_",
    "paddle": "paddle_",
    "ncnn": "ncnn_",
    "onnx": "onnx_ onnx_file torch_onnx_legacy",
    "onnxruntime": "onnx_runtime torch_onnx",
    "onnx_ir": "torch_onnx",
    "tensorflow": "tf_raw",
    "tf_keras": "keras_legacy",
    "openvino": "openvino_",
}
"""Every framework, and the module, or modules, that alone may import it."""


def room(module: str) -> str:
    """Where a module of this package stands: one of the rooms, or the face."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "face"


def modules() -> Iterator[tuple[str, Path]]:
    for folder, _, files in os.walk(ROOT, followlinks=True):  # links, where it is editable
        for path in (Path(folder, name) for name in files if name.endswith(".py")):
            parts = path.relative_to(ROOT.parent).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


MODULES = dict(sorted(modules()))


def imports(module: str) -> set[str]:
    """Everything that a module imports, anywhere in it, by full name."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_room_is_looked_into() -> None:
    assert {room(module) for module in MODULES} == {*ROOMS, "face"}
    for known in ("cli", "spec.claims.gates", "reference.cells", "adapters.torch_"):
        assert f"rnnspec.{known}" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_arrows_run_one_way(module: str) -> None:
    ours = {name for name in imports(module) if name.startswith("rnnspec.")}
    # what scripts of a framework are written with is of no framework
    ours = {name for name in ours if not name.startswith("rnnspec.adapters.script_.")}
    if room(module) == "adapters":  # one adapter may be of several files: keras_, keras_jax, ...
        family = module.partition("_")[0] + "_"
        ours = {name for name in ours if not name.startswith(family)}
    reached = {room(name) for name in ours}
    allowed = {
        "reference": {"reference"},
        "spec": {"spec", "reference"},
        "adapters": {"reference"},
        "face": {"face", "spec", "reference"},  # adapters are found through their entry points
    }
    if module == "rnnspec.source":  # but for the one that is any process
        reached -= {room(name) for name in ours if name.startswith("rnnspec.adapters.process_")}
    assert reached <= allowed[room(module)]


@pytest.mark.parametrize("module", MODULES)
def test_only_its_own_adapter_imports_a_framework(module: str) -> None:
    for name in {name.partition(".")[0] for name in imports(module)} & FRAMEWORKS.keys():
        assert module in {f"rnnspec.adapters.{own}" for own in FRAMEWORKS[name].split()}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_no_package_of_its_own(name: str, python: Python) -> None:
    folder = (ROOT / name).resolve().parent
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import {name}"
    told = python("-c", code).stderr.splitlines()[-1]
    assert told.startswith(f"ImportError: import rnnspec.{name}; ")
