"""The README's pictures are those that the code draws."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.building import ROOT

pytest.importorskip("matplotlib", reason="the documentation needs matplotlib: tox run -e docs")
FILES = sorted((ROOT / "docs" / "images").glob("*.svg"))


def test_they_are_what_is_drawn() -> None:
    """Made by ``python -m docs.images``: look at what has changed."""
    from docs.images import images

    drawn = images()
    assert sorted(drawn) == [file.name for file in FILES]
    for file in FILES:
        assert file.read_text(encoding="utf-8") == drawn[file.name], file.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_they_are_told_in_words_and_fetch_nothing(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert re.findall(r"(?:href|url|src)\s*[=(]\s*[\"']?https?:", text) == []
