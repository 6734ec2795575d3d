"""The page on adapters, followed word for word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.face.pages import blocks, followed

PAGE = Path(__file__).parents[2] / "docs" / "adapters.md"


def test_the_page_is_followed_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    first, second, third = followed(PAGE, tmp_path, run)
    assert (
        "It would hold if the gates stood in the order input, forget, output, can" in first.stdout
    )
    assert "violated" not in second.stdout
    assert "claims: " in third.stdout


def test_an_adapter_is_small() -> None:
    (text,) = (
        block.text for block in blocks(PAGE) if block.of == "myadapter.py" and block.said == "file"
    )
    assert len(text.splitlines()) < 80
