"""Going on with a report that was cut."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from rnnspec import report_file
from rnnspec.parts import Part
from rnnspec.report import Line
from rnnspec.runner import selected
from rnnspec.usage import Usage, reading

AGREEING = (
    "adapters", "adapter", "versions", "claims", "only", "profile", "seed", "strict", "rnnspec",
    "hypothesis", "numpy",
)  # fmt: skip
"""Of a header: what decides what is run, on which cases, and how verdicts are counted."""


def begun(name: str) -> tuple[list[Part], int]:
    """What there is of a report already, and in how many bytes. Raises Usage where it is none."""
    if not os.path.lexists(name):
        return [], 0
    with reading(name, "report"):
        return report_file.begun(Path(name))


def agree(name: str, then: Line, now: Line) -> None:
    """Whether a header is that of what would be run now. Raises Usage, which says what differs."""
    for field in AGREEING:
        one, other = then[field], now[field]
        same = selected(one) == selected(other) if field == "only" else one == other
        if not same:
            raise Usage(
                f"{shlex.quote(name)} is the report of another run: {field} {_words(one)} there, "
                f"and {_words(other)} here; without --resume it is written anew"
            )


def _words(value: Any) -> str:
    """A value of a header in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "all"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
