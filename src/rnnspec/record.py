"""The record of a run: what was reached, and the forms that it is written in meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from rnnspec import interruption
from rnnspec.parts import Part
from rnnspec.report import Line
from rnnspec.written import Form, Render, forms, unwritable


class Record:
    """A run's parts, and the forms that they are written in.

    A disk that is full ends the form, not the run.
    """

    def __init__(
        self, parts: Sequence[Part], forms: Iterable[Form], lost: Callable[[Form, OSError], None]
    ) -> None:
        """``lost`` is called with a form that cannot be written any further."""
        self.parts = list(parts)
        self.forms = list(forms)
        self.lost = lost
        self.unwritten = False

    def open(self) -> None:
        """Open every form before one is changed. Raises Usage where one can't be written."""
        for form in self.forms:
            try:
                form.open()
            except OSError as error:
                for opened in self.forms:
                    opened.close([])
                raise unwritable(form, error) from None

    def part_of(self, adapter: str) -> Part | None:
        """What is there of an adapter."""
        return next((part for part in self.parts if part.adapter == adapter), None)

    def begin(self, header: Line) -> Part:
        """The next adapter's part."""
        with interruption.held():
            self.parts.append(Part(header))
            self._each(lambda form: form.put(header, self.parts))
        return self.parts[-1]

    def add(self, line: Line) -> None:
        """A claim of the adapter that is run."""
        with interruption.held():
            self.parts[-1].claims.append(line)
            self._each(lambda form: form.put(line, self.parts))

    def end(self, footer: Line) -> None:
        """The adapter's end."""
        with interruption.held():
            self.parts[-1].footer = footer
            self._each(lambda form: form.put(footer, self.parts))

    def close(self) -> None:
        """The end of everything."""
        self._each(lambda form: form.close(self.parts))

    def _each(self, write: Callable[[Form], None]) -> None:
        for form in list(self.forms):
            try:
                write(form)
            except OSError as error:
                self.forms.remove(form)
                self.unwritten = True
                with suppress(OSError):
                    form.close(self.parts)
                self.lost(form, error)


def write(
    parts: Sequence[Part],
    junit: str | None,
    markdown: str | None,
    source: str,
    page: tuple[str, Render] | None = None,
) -> None:
    """Write a report that was read from a file in other forms. Raises Usage."""

    def lost(form: Form, error: OSError) -> None:
        raise unwritable(form, error)

    *others, _ = forms(junit, markdown, source, page=page)
    record = Record(parts, others, lost)
    record.open()
    record.close()
