"""``python -m docs.pictures``, and what it says when something is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from docs.pictures.__main__ import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["docs.pictures", *arguments])
    return main()


def test_pictures_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn with it")
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=1) == ["cell-rnn", "The simple unit"]
    assert len(lines) == 14
    assert not list(tmp_path.iterdir())


def test_an_unknown_name_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn with it")
    assert run(monkeypatch, "--to", str(tmp_path), "cell-lst") == 2
    said = capsys.readouterr()
    assert said.err.startswith("there is no picture 'cell-lst': use some of cell-rnn, cell-lstm, ")
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_a_folder_that_is_none_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn with it")
    there = tmp_path / "file"
    there.write_text("mine")
    assert run(monkeypatch, "--to", str(there), "cell-rnn") == 2
    said = capsys.readouterr().err
    assert said == f"{there} can't be written to (File exists): name another folder with --to\n"
    assert there.read_text() == "mine"


def test_without_matplotlib_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in [name for name in sys.modules if name.startswith(("docs.", "matplotlib"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run(monkeypatch, "--list") == 2
    assert capsys.readouterr().err == "matplotlib is missing: pip install -e . --group docs\n"
