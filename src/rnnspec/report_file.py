"""Report files: read, with nothing taken on trust. ``docs/formats.md`` describes the form.

A report that was cut is an error, and never a short report; ``begun`` reads one to go on with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnnspec import report_checks
from rnnspec.parts import Part, missing
from rnnspec.reference.encoding import Malformed, bytes_of, read_object, text_of
from rnnspec.replay import decoded
from rnnspec.report import FORMAT, Line
from rnnspec.report_checks import interrupted
from rnnspec.spec.trial import printable

LARGEST_LINE = 16 * 2**20
"""Bytes; a longer line is not read."""
BEGINNING = f'{{"format": "{FORMAT}"'.encode()
"""What every report begins with, also one that was cut in its first line."""
RESUME = "'rnnspec run' with --resume goes on with it"


def read(path: Path) -> list[Part]:
    """The report of a run that came to its end. Raises OSError, or Malformed where it is none."""
    content = bytes_of(path)
    *lines, rest = content.split(b"\n")
    parts = _parts(lines)
    if rest:
        raise Malformed(f"it was cut in line {len(lines) + 1}: {RESUME}")
    if not parts:
        raise Malformed("it is empty")
    if parts[-1].footer is None:
        raise Malformed(
            f"it was cut after line {len(lines)}, since {parts[-1].adapter} has no footer: {RESUME}"
        )
    for name in missing(parts):
        if not interrupted(parts[-1]):
            raise Malformed(
                f"it was cut after line {len(lines)}, since nothing of {name} follows: {RESUME}"
            )
    return parts


def counterexample(path: Path, label: str, adapter: str | None) -> dict[str, Any] | None:
    """What a claim failed on in a report, as ``replay.read`` gives it: for an adapter, or for the
    first that it failed for; None where it failed for none. Raises as ``read`` does.
    """
    found = {
        part.adapter: line["counterexample"]
        for part in reversed(read(path))
        for line in part.claims
        if line["claim"] == label and line["counterexample"] is not None
    }
    data = found.get(adapter or "", next(reversed(found.values()), None))
    return None if data is None else decoded(data)


def begun(path: Path) -> tuple[list[Part], int]:
    """What a report holds that may have been cut, and in how many of its bytes.

    Half a last line is left out, and so is the footer of an interrupted run. Raises OSError, or
    Malformed where it is no report.
    """
    content = bytes_of(path)
    *lines, rest = content.split(b"\n")
    if not lines and not (rest.startswith(BEGINNING) or BEGINNING.startswith(rest)):
        raise Malformed("it does not begin as a report does")
    parts, size = _parts(lines), len(content) - len(rest)
    if parts and interrupted(parts[-1]):
        parts[-1].footer = None
        size -= len(lines[-1]) + 1
    return parts, size


def _parts(lines: list[bytes]) -> list[Part]:
    """The adapters' parts, of which the last one may have no footer."""
    parts: list[Part] = []
    for number, content in enumerate(lines, 1):
        try:
            if len(content) > LARGEST_LINE:
                raise Malformed(f"it is longer than {LARGEST_LINE} bytes")
            _take(parts, read_object(text_of(content)))
        except Malformed as error:
            raise Malformed(f"line {number}: {printable(str(error), 500)}") from None
    return parts


def _take(parts: list[Part], line: Line) -> None:
    """One more line: where no part is open, it must be a header."""
    open_part = parts[-1] if parts and parts[-1].footer is None else None
    if open_part is None:
        report_checks.header(line, parts)
        parts.append(Part(line))
    elif "claim" in line:
        report_checks.claim(line, open_part)
        open_part.claims.append(line)
    elif "complete" in line:
        report_checks.footer(line, open_part)
        open_part.footer = line
    else:
        raise Malformed(f"a claim or the footer of {open_part.adapter} must stand here")
