"""What waivers name, from the folder that their paths are relative to: a report has only the paths.

A path in a report is not trusted: nothing is read that is not in the folder.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnnspec.reference.encoding import Malformed, bytes_of, read_object, text_of
from rnnspec.report import Line
from rnnspec.usage import reading


class Kept:
    """A folder of counterexamples and reproducers; or none, and then nothing is known of them."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder

    def counterexample(self, line: Line) -> Mapping[str, Any] | None:
        """What a claim failed on, as plain data. Raises Usage where its file is bad."""
        if line["counterexample"] is not None or line["waiver"] is None:
            data: Mapping[str, Any] | None = line["counterexample"]
            return data
        path = self._path(line["waiver"]["counterexample"])
        if path is None:
            return None
        with reading(str(path), "replay file"):
            data = read_object(text_of(bytes_of(path), "utf-8-sig"))
            if data.get("claim", line["claim"]) != line["claim"]:
                raise Malformed(f"it is one of {data['claim']!r}, not of {line['claim']}")
        return data

    def reproducer(self, line: Line) -> str | None:
        """The script that a waiver names, if it can be read."""
        path = self._path(line["waiver"]["reproducer"]) if line["waiver"] is not None else None
        with suppress(OSError, Malformed):
            return None if path is None else text_of(bytes_of(path))
        return None

    def _path(self, name: str | None) -> Path | None:
        """Where a file is, if it is in the folder."""
        if self.folder is None or not name:
            return None
        folder = os.path.realpath(self.folder)
        path = os.path.realpath(os.path.join(folder, name))
        inside = path.startswith(os.path.join(folder, ""))
        return Path(path) if inside and os.path.isfile(path) else None
