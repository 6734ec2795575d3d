"""A report in a few words: a badge, as a picture, or as data for a service that draws it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from rnnspec.parts import Part, complete
from rnnspec.runner import exit_status
from rnnspec.spec.search import Verdict

GOOD, OPEN, BAD, NONE = "1d6a3f", "7a4b00", "a8201a", "565b63"
"""Colours on which white letters can be read."""
WORDS = {
    Verdict.HOLDS: "hold",
    Verdict.WAIVED: "waived",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.VIOLATED: "violated",
    Verdict.STALE_WAIVER: "stale",
    Verdict.REFUSED: "refused",
    Verdict.ERROR: "errors",
    Verdict.ADAPTER_BROKEN: "broken",
}
"""What so many claims are called; what is left out is never said."""
SINGULAR = {Verdict.HOLDS: "holds", Verdict.ERROR: "error"}

PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{said}">
<title>{said}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="4"/></clipPath>
<g clip-path="url(#r)"><rect width="{width}" height="20" fill="#33363b"/>
<rect x="{left}" width="{right}" height="20" fill="#{colour}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
<text x="7" y="14" textLength="{first}">{label}</text>
<text x="{at}" y="14" textLength="{second}">{message}</text></g>
</svg>
"""
NARROW, WIDE = "fijlrt1 .,:;'|!()[]-", "mwMW@%"
PADDING = 7


class Badge(NamedTuple):
    """What is said of one or more implementations, in a few words."""

    label: str
    message: str
    colour: str
    bad: bool
    """Whether something failed, or is not there."""


def badge(parts: Sequence[Part], adapter: str | None = None) -> Badge:
    """The badge of all that a report tells of, or of one adapter in it. What failed comes first,
    and nothing else is said then.
    """
    told = [part for part in parts if adapter in (None, part.adapter)]
    label = "rnnspec" if adapter is None else f"rnnspec {adapter}"
    before = f"{len(told)} adapters: " if len(told) > 1 else ""
    if not (complete(parts) if adapter is None else all(part.complete for part in told)):
        return Badge(label, f"{before}not complete", NONE, True)
    verdicts = [verdict for part in told for verdict in part.verdicts]
    strict = any(part.header["strict"] for part in told)
    failed = [each for each in verdicts if exit_status([each], strict=strict)]
    if failed:
        return Badge(label, before + _counted(failed), BAD, True)
    if Verdict.INCONCLUSIVE in verdicts:
        inconclusive = [each for each in verdicts if each is Verdict.INCONCLUSIVE]
        return Badge(label, before + _counted(inconclusive), OPEN, False)
    held = [each for each in verdicts if each in (Verdict.HOLDS, Verdict.WAIVED)]
    message = _counted(held) or "nothing was tried"
    return Badge(label, before + message, GOOD if held else NONE, False)


def svg(made: Badge) -> str:
    """The badge as a picture, that says in words what it shows."""
    first, second = _width(made.label), _width(made.message)
    left, right = first + 2 * PADDING, second + 2 * PADDING
    return PICTURE.format(
        width=left + right,
        left=left,
        right=right,
        first=first,
        second=second,
        at=left + PADDING,
        colour=made.colour,
        label=escape(made.label),
        message=escape(made.message),
        said=escape(f"{made.label}: {made.message}"),
    )


def endpoint(made: Badge) -> str:
    """The badge as data, as an endpoint of shields.io has it."""
    data = {
        "schemaVersion": 1,
        "label": made.label,
        "message": made.message,
        "color": made.colour,
        "isError": made.bad,
    }
    return json.dumps(data) + "\n"


def _counted(verdicts: Sequence[Verdict]) -> str:
    """``2 violated, 1 error``."""
    counts = Counter(verdicts)
    return ", ".join(
        f"{many} {SINGULAR.get(verdict, word) if many == 1 else word}"
        for verdict, word in WORDS.items()
        if (many := counts[verdict])
    )


def _width(text: str) -> int:
    """About how wide a text is, in pixels: it is drawn that wide."""
    return round(sum(4.5 if c in NARROW else 10 if c in WIDE else 7 for c in text))
