"""Implementations by claims, as reports tell it: what is in the matrix, however it is written."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from rnnspec.pages import heading
from rnnspec.parts import Part, complete
from rnnspec.report import Line
from rnnspec.report_file import RESUME, read
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict
from rnnspec.usage import Usage, reading

UNTOLD = (Verdict.HOLDS, Verdict.NOT_RUN)
"""What needs no reason beside the matrix."""
NO_ROUNDING = ("lstm.counts",)
"""The claims whose allowance is none for rounding: a count is right to within a half."""
SETTINGS = {
    "profile": "profile",
    "seed": "seed",
    "only": "claims",
    "rnnspec": "rnnspec",
    "hypothesis": "Hypothesis",
    "platform": "platform",
}
"""Of a header: what decides what was run, and where; and what it is called here."""


def gathered(names: Sequence[str]) -> list[Part]:
    """What the reports in these files tell of every adapter. Raises Usage where one is none, did
    not come to its end, or tells of an adapter that another one tells of.
    """
    found: dict[str, tuple[str, Part]] = {}
    for name in names:
        with reading(name, "report"):
            parts = read(Path(name))
        if not complete(parts):
            last = parts[-1]
            raise Usage(
                f"{shlex.quote(name)} is not complete: the run was interrupted after "
                f"{len(last.claims)} of {last.header['claims']} claims of {last.adapter}: {RESUME}"
            )
        for part in parts:
            if part.adapter in found:
                other = shlex.quote(found[part.adapter][0])
                raise Usage(
                    f"{other} and {shlex.quote(name)} both tell of {part.adapter}: name one report "
                    "of each adapter"
                )
            found[part.adapter] = name, part
    return [part for _, part in found.values()]


class Waived(NamedTuple):
    """What a waiver says."""

    reason: str
    link: str | None
    reproducer: str | None
    """A path, as the waiver file has it."""


class Note(NamedTuple):
    """What is said of one or more claims of an implementation, beside the matrix."""

    verdict: Verdict
    labels: Sequence[str]
    reason: str
    """Without a waiver's own words."""
    waived: Waived | None


class Accuracy(NamedTuple):
    """How far off an implementation is in one dtype."""

    dtype: str
    level: str
    """The accuracy that is declared for sigmoid and tanh."""
    measured: bool
    """Whether it isn't met, so that everything was judged with what was measured."""
    used: float | None
    """The largest share of an allowed error; None where nothing was judged, or it isn't told."""
    label: str
    """The claim in which it was seen."""


class Matrix:
    """Implementations by claims."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """The parts are of different adapters, at least one. The reference comes first."""
        self.parts = sorted(parts, key=lambda part: (part.adapter != "reference", part.adapter))
        self._lines = {
            (part.adapter, line["claim"]): line for part in self.parts for line in part.claims
        }

    @cached_property
    def settings(self) -> dict[str, list[str]]:
        """Of each setting the values that the runs had: more than one where they differ."""
        return {
            name: list(dict.fromkeys(setting(part, name) for part in self.parts))
            for name in SETTINGS
        }

    @cached_property
    def findings(self) -> list[str]:
        """The claims that no run tries."""
        return [label for label, claim in CLAIMS.items() if claim.kind == "finding"]

    @cached_property
    def cards(self) -> list[tuple[str, list[str]]]:
        """The claims that runs try, card by card, each with a title."""
        tried = [claim for claim in CLAIMS.values() if claim.id not in self.findings]
        return [
            (title, [claim.id for claim in claims]) for title, claims in groupby(tried, key=heading)
        ]

    @cached_property
    def tried(self) -> list[str]:
        """The claims that runs try, in the order of the cards."""
        return [label for _, labels in self.cards for label in labels]

    def line(self, part: Part, label: str) -> Line | None:
        """What a report tells of a claim; None where it is older than the claim."""
        return self._lines.get((part.adapter, label))

    def verdict(self, part: Part, label: str) -> Verdict:
        """What was said of a claim on an implementation."""
        line = self.line(part, label)
        return Verdict.NOT_RUN if line is None else Verdict(line["verdict"])

    def counts(self, part: Part) -> Counter[Verdict]:
        """How many of the claims that runs try have each verdict."""
        return Counter(self.verdict(part, label) for label in self.tried)

    def notes(self, part: Part) -> list[Note]:
        """Why claims do not hold, the worst first: what has one reason stands together."""
        told: dict[tuple[Verdict, str, Waived | None], list[str]] = {}
        for line in self._of(part):
            verdict, waiver = Verdict(line["verdict"]), line["waiver"]
            waived = None if waiver is None else Waived(*(waiver[name] for name in Waived._fields))
            if verdict not in UNTOLD:
                told.setdefault((verdict, reason_of(line), waived), []).append(line["claim"])
        order = list(Verdict)
        notes = [
            Note(verdict, labels, reason, waived)
            for (verdict, reason, waived), labels in told.items()
        ]
        return sorted(notes, key=lambda note: -order.index(note.verdict))

    def beside(self, part: Part) -> list[tuple[str, str]]:
        """What was measured beside, by claim."""
        return [(line["claim"], line["note"]) for line in self._of(part) if line["note"]]

    def accuracy(self, part: Part) -> Iterator[Accuracy]:
        """How far off an implementation is, in every dtype that it declares."""
        lines = [line for line in self._of(part) if line["claim"] not in NO_ROUNDING]
        missed = {dtype for line in lines for dtype in line["measured"]}
        for dtype, level in part.header["levels"].items():
            seen = [
                (line["shares"][dtype], line["claim"])
                for line in lines
                if dtype in line.get("shares", {})
            ]
            used, label = max(seen, key=lambda each: each[0], default=(None, ""))
            yield Accuracy(dtype, level, dtype in missed, used, label)

    def _of(self, part: Part) -> Iterator[Line]:
        """The lines of the claims that runs try, in the order of the cards."""
        found = (self.line(part, label) for label in self.tried)
        return (line for line in found if line is not None)


def setting(part: Part, name: str) -> str:
    """A setting of a run, in words."""
    value = part.header[name]
    return (", ".join(value) or "all") if isinstance(value, list) else str(value)


def reason_of(line: Line) -> str:
    """Why a claim does not hold, without a waiver's own words."""
    reason, waiver = str(line["reason"]), line["waiver"]
    if waiver is not None:
        own = f"{waiver['reason']} ({waiver['link'] or waiver['reproducer']})"
        reason = reason.removeprefix(own).removeprefix("; ")
    return f"{reason}. {line['explanation']}" if line["explanation"] else reason


def is_url(text: str) -> bool:
    """Whether a waiver's link is one that can be followed."""
    return re.fullmatch(r"https?://[^\s<>]+", text) is not None
