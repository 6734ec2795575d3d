"""The page on carrying weights, followed word for word, in the parts that can be run here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.face.pages import followed

PAGE = Path(__file__).parents[2] / "docs" / "carrying.md"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    return lambda command: subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("target", "needed"),
    [("Keras", ("torch", "keras", "h5py")), ("ONNX", ("torch", "onnx", "onnxruntime"))],
)
def test_the_page_is_followed_word_for_word(
    target: str,
    needed: tuple[str, ...],
    run: Callable[[str], subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    for module in needed:
        if find_spec(module) is None:
            pytest.skip(f"the part on {target} needs {module}, which is not installed")
    _, *sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    part = tmp_path / "part.md"
    chosen = [text for text in sections if text.startswith(("The model\n", f"To {target}\n"))]
    part.write_text("\n".join(chosen), encoding="utf-8")
    made, converted, compared = followed(part, tmp_path, run)
    assert made.stdout == ""
    assert "is written, in the names of" in converted.stdout
    assert f"the same in {target}" in compared.stdout
