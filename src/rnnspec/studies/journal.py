"""The results of a study as JSON lines: a header, a line a run, a footer with what follows.

It is written as it goes, so that a study that was cut goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rnnspec.console import packages
from rnnspec.reference.encoding import Malformed
from rnnspec.studies.interval import Effect
from rnnspec.studies.study import Done, Job, Study

FORMAT = "rnnspec.study"


class Journal:
    """The file of one study."""

    def __init__(self, file: Path, header: dict[str, Any]) -> None:
        """``header`` is what decides the runs: a file of another one is not gone on with."""
        self.file, self.header = file, header
        self.done: list[Done] = []

    @classmethod
    def of(cls, folder: Path, study: Study, quick: bool, adapter: str, seeds: int) -> Journal:
        """That of a study in a folder."""
        header = {
            "format": FORMAT,
            "version": 1,
            "study": study.label,
            "hypothesis": study.told(),
            "quick": quick,
            "adapter": adapter,
            "seeds": seeds,
        }
        return cls(folder / f"{study.label}.jsonl", header)

    def begin(self, versions: dict[str, str], resume: bool) -> None:
        """Start the file; or go on with it, if it is of the same study. Raises Malformed."""
        if resume and self.file.exists():
            header, self.done, _ = read(self.file)
            differs = [name for name in self.header if header.get(name) != self.header[name]]
            if differs:
                raise Malformed(f"it is of another study: {', '.join(differs)} differ")
            lines = [header, *map(_line, self.done)]
        else:
            lines = [self.header | about(versions)]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        self.file.write_text(text, encoding="utf-8")

    def left(self, jobs: Sequence[Job]) -> list[Job]:
        """The runs that are not there yet."""
        there = {_key(done) for done in self.done}
        return [
            job for job in jobs if (json.dumps(job.setting, sort_keys=True), job.seed) not in there
        ]

    def add(self, done: Done) -> None:
        """Write a run down."""
        self.done.append(done)
        self._append(_line(done))

    def end(self, effects: Sequence[Effect], verdict: str) -> None:
        """Write down what follows."""
        seconds = sum(done.seconds for done in self.done)
        found = [asdict(effect) for effect in effects]
        self._append({"verdict": verdict, "effects": found, "seconds": seconds})

    def _append(self, line: dict[str, Any]) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")
            file.flush()
            os.fsync(file.fileno())


def read(file: Path) -> tuple[dict[str, Any], list[Done], dict[str, Any] | None]:
    """Header, runs, and the footer where there is one; half a last line is left out.

    Raises OSError, or Malformed.
    """
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    whole = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            whole.append(json.loads(line))
        except json.JSONDecodeError:
            raise Malformed(f"line {number} is no JSON") from None
    if not whole or not isinstance(whole[0], dict) or whole[0].get("format") != FORMAT:
        raise Malformed(f"it does not begin with the header of a study ({FORMAT})")
    try:
        done = [Done(**line) for line in whole[1:] if "verdict" not in line]
        footer = whole[-1] if "verdict" in whole[-1] else None
    except TypeError:
        raise Malformed("a line is neither a run nor a result") from None
    return whole[0], done, footer


def about(versions: dict[str, str]) -> dict[str, Any]:
    """When, by what, and on what."""
    return {
        "versions": versions,
        "by": packages(versions),
        "rnnspec": version("rnnspec"),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
    }


def _line(done: Done) -> dict[str, Any]:
    return done._asdict()


def _key(done: Done) -> tuple[str, int]:
    return json.dumps(done.setting, sort_keys=True), done.seed
