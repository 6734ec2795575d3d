"""The forms that a run is written in, as it goes: JSON lines, JUnit XML, Markdown.

Lines are appended; the others are made anew with every line, so that what is in the file is whole
at any moment, and says that the run is not complete until it is.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from rnnspec.junit import junit as as_junit
from rnnspec.markdown import markdown as as_markdown
from rnnspec.parts import Part
from rnnspec.report import Line, as_text
from rnnspec.usage import Usage

Render = Callable[[Sequence[Any]], str]


class Form(Protocol):
    """A file that a run is written to. The methods raise OSError."""

    name: str
    """The file, as it was given."""

    def open(self) -> None:
        """Before anything in the file is changed: whether it can be."""

    def put(self, line: Line, parts: Sequence[Part]) -> None:
        """A line, the last one of these parts."""

    def close(self, parts: Sequence[Part]) -> None:
        """The end: what could not be written shows here at the latest."""


class Lines:
    """A file of JSON lines; or what follows the bytes of it that are kept."""

    def __init__(self, name: str, kept: int = 0) -> None:
        self.name, self.kept = name, kept
        self.file: IO[bytes] | None = None

    def open(self) -> None:
        """Open it, and drop what is not kept. The forms that are made anew are opened before."""
        self.file = open(self.name, "r+b" if self.kept else "wb")  # noqa: SIM115
        if self.kept:
            self.file.truncate(self.kept)
            self.file.seek(self.kept)

    def put(self, line: Line, parts: Sequence[Part]) -> None:
        """Append a line."""
        assert self.file is not None
        self.file.write(as_text(line).encode())
        self.file.flush()

    def close(self, parts: Sequence[Part]) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()


class Whole:
    """A file that is made anew with every line, beside itself, and then put in its own place."""

    def __init__(self, name: str, render: Render) -> None:
        self.name, self.render = name, render
        self.path = Path(os.path.realpath(name))
        self.new = self.path.parent / f".{self.path.name}.rnnspec"

    def open(self) -> None:
        """See whether there is room beside it."""
        self.new.touch()

    def put(self, line: Line, parts: Sequence[Part]) -> None:
        """Make it anew."""
        self.new.write_bytes(self.render(parts).encode())
        os.replace(self.new, self.path)

    def close(self, parts: Sequence[Part]) -> None:
        """Make it anew once more, if there is anything to tell, and leave nothing beside it."""
        try:
            if parts:
                self.put({}, parts)
        finally:
            self.new.unlink(missing_ok=True)


class Stream:
    """A pipe or a device: it is never replaced, and is written once, at the end."""

    def __init__(self, name: str, render: Render) -> None:
        self.name, self.render = name, render
        self.file: IO[bytes] | None = None

    def open(self) -> None:
        """Open it."""
        self.file = open(self.name, "wb")  # noqa: SIM115

    def put(self, line: Line, parts: Sequence[Part]) -> None:
        """Wait for the end."""

    def close(self, parts: Sequence[Part]) -> None:
        """Write it, if there is anything to tell."""
        file, self.file = self.file, None
        if file is not None:
            with file:
                file.write(self.render(parts).encode() if parts else b"")


def _rendered(name: str, render: Render) -> Form:
    """A file is put in its place; what is no file (a directory, too, which says so) is opened."""
    device = os.path.abspath(name).startswith(("/dev/", "/proc/"))
    there = os.path.exists(name) and not os.path.isfile(name)
    return Stream(name, render) if device or there else Whole(name, render)


def forms(
    junit: str | None, markdown: str | None, lines: str | None = None, kept: int = 0
) -> list[Form]:
    """The forms of these files, and so many bytes of the lines kept. Raises Usage where two are
    one file.
    """
    given = [name for name in (junit, markdown, lines) if name is not None]
    for name in given:
        if [os.path.realpath(each) for each in given].count(os.path.realpath(name)) > 1:
            raise Usage(f"{shlex.quote(name)} is named twice: give each form a file of its own")
    found: list[Form] = []
    found += [] if junit is None else [_rendered(junit, as_junit)]
    found += [] if markdown is None else [_rendered(markdown, as_markdown)]
    return found + ([] if lines is None else [Lines(lines, kept)])


def unwritable(form: Form, error: OSError) -> Usage:
    """That a form cannot be written, and why."""
    return Usage(f"{shlex.quote(form.name)} cannot be written: {error.strerror or error}")


def write(name: str, render: Render, parts: Sequence[Any]) -> None:
    """Write a file of some parts: all of it, or what was there stays. Raises Usage."""
    form = _rendered(name, render)
    try:
        form.open()
        form.close(parts)
    except OSError as error:
        raise unwritable(form, error) from None
