"""The report of one adapter, whole whatever happens: what could not be run stands in it as that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rnnspec.parts import Part, complete
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.precision import Level
from rnnspec.report import Line, as_text, footer_of, header_of, line_of
from rnnspec.report_file import begun
from rnnspec.runner import FINDING, exit_status
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict, not_run
from rnnspec.spec.trial import COLOURS, printable
from tests.matrix.environments import ROOT

ERROR = re.compile(r"^\s*(?:error:|[\w.-]+: skipped because) (.+)", re.IGNORECASE | re.MULTILINE)
"""How pip, rnnspec and tox say what is wrong, in one line."""
ENDED = re.compile(r"exit (-?\d+(?: \(\w+\))?) ")
"""How tox says how a command ended."""


class Absent(ReferenceLayer):
    """One of which no more is known than its name."""

    levels: Mapping[str, Level] = MappingProxyType({})

    def __init__(self, name: str) -> None:
        self.name = name


def is_whole(path: Path) -> bool:
    """Whether a report is there, and came to its end."""
    return path.exists() and complete(begun(path)[0])


def could_be_run(path: Path, profile: str, seed: int) -> bool:
    """Whether a report is whole, of such a run, and of an adapter that could be used."""
    if not is_whole(path):
        return False
    (part,) = begun(path)[0]
    same = (part.header["profile"], part.header["seed"]) == (profile, seed)
    return same and Verdict.ADAPTER_BROKEN not in part.verdicts


def fill(path: Path, name: str, profile: str, seed: int, reason: str) -> None:
    """Complete a report that was cut, or was never begun: the rest could not be run."""
    parts, size = begun(path) if path.exists() else ([], 0)
    lines: list[Line] = []
    if not parts:
        run: dict[str, Any] = {"adapters": [name], "only": [], "profile": profile, "seed": seed}
        parts = [Part(header_of(Absent(name), {}, strict=True, **run))]
        lines.append(parts[0].header)
    (part,) = parts
    reached = {line["claim"] for line in part.claims}
    for claim in CLAIMS.values():
        outcome = Outcome(claim, Verdict.ADAPTER_BROKEN, reason)
        if claim.kind == "finding":
            outcome = not_run(claim, FINDING)
        if claim.id not in reached:
            part.claims.append(line_of(outcome, profile, None, None))
            lines.append(part.claims[-1])
    lines.append(footer_of(part.verdicts, part.seconds, exit_status(part.verdicts, strict=True)))
    before = path.read_bytes()[:size] if size else b""
    path.write_bytes(before + "".join(map(as_text, lines)).encode())


def reason_of(log: Path) -> str:
    """Why there is no whole report, as far as what was printed tells."""
    text = COLOURS.sub("", log.read_text(encoding="utf-8", errors="replace"))
    text = text.replace(f"{ROOT}/", "")
    errors, ended = ERROR.findall(text), ENDED.findall(text)
    if errors:
        return printable(errors[-1], 500)
    return f"its process ended with exit status {ended[-1]}" if ended else "it left no report"
