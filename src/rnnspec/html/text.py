"""Text in HTML: what a report tells is shown there, and never obeyed."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from rnnspec.matrix import is_url
from rnnspec.spec.search import Verdict
from rnnspec.spec.trial import visible

SIGNS = {
    Verdict.HOLDS: "✓",
    Verdict.NOT_APPLICABLE: "–",  # noqa: RUF001
    Verdict.WAIVED: "W",
    Verdict.NOT_RUN: "·",
    Verdict.INCONCLUSIVE: "I",
    Verdict.VIOLATED: "V",
    Verdict.STALE_WAIVER: "S",
    Verdict.REFUSED: "R",
    Verdict.ERROR: "E",
    Verdict.ADAPTER_BROKEN: "B",
}
"""What stands in a cell, in a shape of its own: no verdict is told by colour alone."""


class Row(NamedTuple):
    """A name, and what is said of it."""

    name: str
    said: str
    """As HTML."""


def escaped(text: object) -> str:
    """A text in which nothing is HTML, in an attribute either."""
    return escape(visible(str(text)))


def slug(verdict: Verdict) -> str:
    """A verdict as one word."""
    return verdict.replace(" ", "-")


def sign(verdict: Verdict) -> str:
    """A verdict's sign; its name must stand beside it."""
    return f'<span class="sign" data-v="{slug(verdict)}" aria-hidden="true">{SIGNS[verdict]}</span>'


def told(verdict: Verdict) -> str:
    """A verdict, as a sign and in words."""
    return f"{sign(verdict)} {verdict}"


def link(target: str) -> str:
    """A link, if that is one to follow; else the text."""
    shown = escaped(target)
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if is_url(target) else shown


def listed(rows: list[Row]) -> str:
    """Names, and what is said of each; nothing of those of which nothing is said."""
    pairs = (f"<div><dt>{escaped(name)}</dt><dd>{said}</dd></div>" for name, said in rows if said)
    told = "".join(pairs)
    return f"<dl>{told}</dl>" if told else ""


def block(text: str, name: str, kind: str = "code") -> str:
    """Lines as they are, in a frame that can be scrolled with the keyboard, too."""
    label = escaped(name)
    return (
        f'<pre class="{kind}" tabindex="0" role="region" aria-label="{label}">{escaped(text)}</pre>'
    )
