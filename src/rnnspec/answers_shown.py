"""What a person reads of answers that were judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.table import Table

from rnnspec.answers import Judged, Said
from rnnspec.console import STYLES, Screen
from rnnspec.reference.network import plural
from rnnspec.spec.search import Verdict
from rnnspec.spec.trial import printable
from rnnspec.vector import FLAGS
from rnnspec.vectors import SUFFIX

SHOWN = 3
"""Violations that are shown whole, where nothing else is asked for."""
NAMED = 6
"""Of vectors that have one reason in common, so many are named."""
REASONS = 10
"""Of refusals and of what is no answer, so many different reasons are told."""


def show(screen: Screen, judged: Sequence[Judged], strays: Sequence[Path], shown: int) -> None:
    """A row for each flag; why some were not judged; the smallest violations; a line for all."""
    screen.console.print(_by_flag(judged))
    for said in (Said.REFUSED, Said.NO_ANSWER):
        for line in _by_reason([each for each in judged if each.said is said]):
            screen.say(line)
    if strays:
        screen.say(f"not read, since no vector has the name: {_some([p.name for p in strays])}")
    violated = [each for each in judged if each.said is Said.VIOLATED]
    smallest = sorted(violated, key=lambda each: each.size)
    for each in smallest[:shown]:
        _violation(screen, each)
    more = [each.vector.id for each in violated if each not in smallest[:shown]]
    if more:
        words = f"{len(more)} more violated: {_listed(more)}"
        screen.say(words, STYLES[Verdict.VIOLATED])
    screen.say(total(judged))


def total(judged: Sequence[Judged]) -> str:
    """``473 vectors: 470 held, 3 not answered; 0.42 of a bound used at most``."""
    counted = Counter(each.said for each in judged)
    counts = ", ".join(f"{counted[said]} {said}" for said in Said if counted[said])
    used = [each.comparison.ratio for each in judged if each.said is Said.HELD and each.comparison]
    share = f"; {max(used):.2f} of a bound used at most" if used else ""
    return f"{plural(len(judged), 'vector')}: {counts}{share}"


def _by_flag(judged: Sequence[Judged]) -> Table:
    """How often each was said, by what the vectors are about."""
    known = [said for said in Said if any(each.said is said for each in judged)]
    rows: dict[str, dict[str, Counter[Said]]] = {}
    for each in judged:
        for flag, value in each.vector.flags.items():
            values = rows.setdefault(flag, {})
            values.setdefault(printable(f"{flag} {value}"), Counter())[each.said] += 1
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("about", no_wrap=True)
    for said in known:
        table.add_column(said, justify="right", no_wrap=True)
    # those that are not ours come last
    for flag in sorted(rows, key=lambda flag: FLAGS.index(flag) if flag in FLAGS else len(FLAGS)):
        for words, counted in rows[flag].items():
            table.add_row(words, *(f"{counted[said] or ''}" for said in known))
    return table


def _by_reason(judged: Sequence[Judged]) -> Iterator[str]:
    """A line for each of some reasons, and one for all others."""
    reasons: dict[str, list[str]] = {}
    for each in judged:
        file = SUFFIX if each.said is Said.NO_ANSWER else ""
        reasons.setdefault(printable(each.reason), []).append(f"{each.vector.id}{file}")
    for reason, ids in list(reasons.items())[:REASONS]:
        yield f"{judged[0].said}, {plural(len(ids), 'vector')}: {reason} ({_some(ids)})"
    others = [name for ids in list(reasons.values())[REASONS:] for name in ids]
    if others:
        of = plural(len(others), "vector")
        yield f"{judged[0].said}, {of}, for other reasons ({_some(others)})"


def _violation(screen: Screen, each: Judged) -> None:
    vector = each.vector
    heading = f"\nviolated: {vector.id}, {vector.do}"
    heading += f" ({_listed(vector.claims)})" if vector.claims else ""
    if each.comparison is not None:
        screen.off(heading, each.comparison)
    else:
        screen.say(heading, STYLES[Verdict.VIOLATED])
        screen.say(f"    {vector.network}\n    {each.reason}\n")


def _some(names: Sequence[str]) -> str:
    """The first of them, where there are many."""
    more = len(names) - NAMED
    return _listed(names) if more <= 1 else f"{_listed(names[:NAMED])} and {more} more"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(printable, names))
