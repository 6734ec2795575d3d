"""Pages of the documentation that are run as they stand.

A fenced block after ``<!-- file: NAME -->`` is a file; one after ``<!-- change: NAME -->`` a change
of it, in lines with - and +. A block of ``sh`` is run, and ends with the status 0 or that of
``<!-- status: N -->``; every block of ``text`` until the next one stands in what it printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

BLOCK = re.compile(r"(?:^<!-- (\w+): (\S+) -->\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block, and what is said of it."""

    said: str
    of: str
    language: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page that stand at the margin."""
    for said, of, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        yield Block(said, of, language, text)


def followed(
    page: Path, folder: Path, run: Callable[[str], CompletedProcess[str]]
) -> list[CompletedProcess[str]]:
    """Do all that a page says in a folder: what was run."""
    ran: list[CompletedProcess[str]] = []
    for block in blocks(page):
        if block.said == "file":
            (folder / block.of).write_text(block.text, encoding="utf-8")
        elif block.said == "change":
            changed(folder / block.of, block.text)
        elif block.language == "sh":
            ran.append(run(block.text))
            status = int(block.of) if block.said == "status" else 0
            assert ran[-1].returncode == status, ran[-1].stdout + ran[-1].stderr
        elif block.language == "text":
            assert block.text.rstrip() in ran[-1].stdout, ran[-1].stdout
    return ran


def changed(file: Path, change: str) -> None:
    """Take out the lines with -, and put those with + into their place."""
    lines = change.splitlines(keepends=True)
    out, in_ = ("".join(each[1:] for each in lines if each[0] == mark) for mark in "-+")
    text = file.read_text(encoding="utf-8")
    assert text.count(out) == 1
    file.write_text(text.replace(out, in_), encoding="utf-8")
