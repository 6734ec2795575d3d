"""The page about pytest: its files are written, its commands run, and what it shows is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "pytest.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def in_order(shown: str, printed: list[str]) -> None:
    """Every line that is shown was printed, one after another; ``...`` stands for anything."""
    left = iter(printed)
    for line in shown.splitlines():
        wanted = re.escape(line).replace(r"\.\.\.", ".*")
        assert any(re.fullmatch(wanted, each) for each in left), f"{line!r} was not printed"


def test_its_examples_are_as_it_shows_them(
    suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    pytester.syspathinsert()
    printed: list[str] = []
    commands = 0
    for language, text in BLOCKS:
        if language == "sh":
            printed = []
            for command in text.splitlines():
                program, *arguments = shlex.split(command)
                assert program == "pytest"
                ran = suite(*arguments)
                assert ran.ret in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), command
                printed += ran.stdout.lines
                commands += 1
        elif language == "text":
            in_order(text, printed)
        else:
            (pytester.path / text.partition("\n")[0].removeprefix("# ")).write_text(text)
    assert commands == 7
