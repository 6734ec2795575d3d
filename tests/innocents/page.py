"""The page that tells of a run: ``docs/innocents.md``."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from importlib.metadata import version
from itertools import groupby
from typing import Any

from rnnspec.reference.precision import PRECISIONS
from tests.innocents.accuracy import measured
from tests.innocents.catalogue import INNOCENTS
from tests.innocents.functions import FORMULAS, Formula
from tests.innocents.trying import CHECKED, Tried, totals

COUNTS = ("examples", "informative", "elements")
PACKAGES = ("rnnspec", "numpy", "scipy", "hypothesis")
ABOUT = """\
# Innocents

Correct layers, each written differently, are put before every claim: none may be accused. They are
plain NumPy, in `tests/innocents`, and share no equation with the reference: forward and, by hand,
backward, every single operation is rounded to the dtype. What one of them does differently is what
frameworks do differently: the order of a sum, a fused multiply-add, a wider accumulator, another
formula for a function, rows that are left out when they have ended. This page is written by

    python -m tests.innocents --write docs/innocents.md
"""
READ = """\
*Informative* are the examples on which the law, broken, would have been noticed; *elements* are the
numbers in these that were compared with something known. For each dtype stands the largest share
of an allowed error that was used: 1 would be the whole of it.
"""
FORMULAS_ABOUT = """\
## Which formula meets which level
The largest errors, every operation rounded, at numbers from 2^-14 to 1024 of either sign (in 16
bits at every such number, else at some 98,000), in units of u: of the value where that is at most
32 u (level *relative*), else of full scale where that is at most 10 u (level *absolute*). A formula
that meets neither is no innocent: somewhere it gives NaN.

It is the whole layer that counts. A GRU that computes the share `u` that it takes of the candidate,
and keeps `1 - u` of the past, has not the digits of a small share kept: whatever its sigmoid, what
its gate does is accurate to full scale alone.
"""


def summary(found: Mapping[str, Any]) -> str:
    """The totals, in words."""
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in found["verdicts"].items())
    pairs = found["claims"] * len(PRECISIONS)
    missing = f"; none in {found['missing'][0]}, for one" if found["missing"] else ""
    return (
        f"{found['innocents']} innocents, {found['examples']:,} examples, "
        f"{found['informative']:,} informative, with {found['elements']:,} elements; "
        f"at most {found['used']:.2f} of a bound\n"
        f"{found['accused']} accused ({verdicts})\n"
        f"{found['claims']} claims in {len(PRECISIONS)} dtypes: "
        f"{pairs - len(found['missing'])} of {pairs} informative{missing}"
    )


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(name: str, lines: Sequence[Tried]) -> list[str]:
    used = {line.dtype: f"{line.used:.2f}" + " !" * bool(line.accused) for line in lines}
    return [
        f"`{name}`",
        INNOCENTS[name].what.replace("|", "\\|"),
        *(used.get(dtype, "") for dtype in PRECISIONS),
        *(f"{sum(getattr(line, count) for line in lines):,}" for count in COUNTS),
    ]


def _met(formula: Formula, dtype: str) -> str:
    found = measured(formula, dtype)
    level = found.level()
    if level is None:
        return "neither"
    return f"{level.name}, {found.relative if level.relative else found.absolute:.1f}"


def _run(lines: Sequence[Tried], profile: str, seed: int, labels: Collection[str]) -> list[str]:
    """How it was run, and what it came to."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    run = f"Run on {date.today()}: profile {profile}, seed {seed}; Python "
    run += f"{platform.python_version()}, {versions}.\n"
    return [run, *(f"- {line}" for line in summary(totals(lines, labels)).splitlines()), ""]


def _innocents(lines: Sequence[Tried]) -> str:
    """A row for each."""
    by_name = groupby(lines, key=lambda line: line.innocent)
    head = ["innocent", "what is different", *PRECISIONS, *COUNTS]
    return _table(head, (_row(name, list(own)) for name, own in by_name))


def page(lines: Sequence[Tried], profile: str, seed: int) -> str:
    """The whole page, of a run and of the formulas."""
    formulas = (
        [f.function, f"`{f.formula}`".replace("|", "\\|"), *(_met(f, d) for d in PRECISIONS)]
        for f in FORMULAS.values()
    )
    return "\n".join(
        [
            ABOUT,
            *_run(lines, profile, seed, tuple(CHECKED)),
            READ,
            _innocents(lines),
            FORMULAS_ABOUT,
            _table(["function", "formula", *PRECISIONS], formulas),
        ]
    )


def added(text: str, lines: Sequence[Tried], profile: str, seed: int, claims: str) -> str:
    """The page with a section on a run of some of the claims, in the place of an older one."""
    labels = [label for label in CHECKED if fnmatchcase(label, claims)]
    section = "\n".join(
        [
            f"## The claims `{claims}`",
            "Run by themselves; the figures above are without them.",
            *_run(lines, profile, seed, labels),
            _innocents(lines),
        ]
    )
    head, formulas, rest = text.partition(FORMULAS_ABOUT.splitlines()[0])
    return f"{head.partition(section.splitlines()[0])[0]}{section}\n{formulas}{rest}"
