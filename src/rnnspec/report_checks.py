"""What each line of a report must be, taken by itself and after those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rnnspec.parts import Part
from rnnspec.reference.case import Case
from rnnspec.reference.encoding import Malformed, decode_number, get
from rnnspec.reference.precision import PRECISIONS
from rnnspec.report import FORMAT, VERSION, Line, outcome_of
from rnnspec.runner import exit_status, unknown_claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import PROFILES, Verdict

LARGEST_AMOUNT = 2**53
"""Examples and seconds; every whole number up to it is one in JSON."""
INTERRUPTED = (130, 143)
"""The exit statuses of a run that was asked to stop."""
KINDS = ("law", "count", "finding")
SHARED = ("adapters", "only", "profile", "seed", "strict")
"""Of a header: what all adapters of one run have in common."""


def interrupted(part: Part) -> bool:
    """Whether the run was asked to stop while this adapter was run."""
    return part.footer is not None and part.footer["exit_status"] in INTERRUPTED


def header(line: Line, parts: Sequence[Part]) -> None:
    """It must say all of what is run, and be of the same run as those before. Raises Malformed."""
    if line.get("format") != FORMAT:
        raise Malformed(f"it does not say that its format is {FORMAT!r}")
    if type(line.get("version")) is not int or line["version"] != VERSION:
        raise Malformed(f"its version is {line.get('version')!r}; this rnnspec reads {VERSION}")
    where = "the header"
    for name in ("adapter", "rnnspec", "python", "platform", "hypothesis", "numpy"):
        _text(line, name, where)
    for name in ("versions", "levels"):
        words = get(line, name, dict, where)
        for key in words:
            _text(words, key, f"{where}.{name}")
    for name in ("only", "adapters"):
        for word in get(line, name, list, where):
            _text({name: word}, name, where)
    _one_of(line, "profile", PROFILES, where)
    _count(line, "seed", where, None)
    if not 0 < _count(line, "claims", where) <= len(CLAIMS):
        raise Malformed(f"{where}.claims must be a number from 1 to {len(CLAIMS)}")
    get(line, "strict", bool, where)
    _check_started(get(line, "started", str, where), f"{where}.started")
    order = line["adapters"]
    if line["adapter"] != (order[len(parts)] if len(parts) < len(order) else None):
        raise Malformed(f"{where}.adapters does not have {line['adapter']!r} at this place")
    if len({*order}) < len(order):
        raise Malformed(f"{where}.adapters names one twice")
    for name in SHARED:
        if parts and line[name] != parts[0].header[name]:
            raise Malformed(f"{where}.{name} is not that of the first header")
    if parts and interrupted(parts[-1]):
        raise Malformed(f"the run was interrupted before it came to {line['adapter']}")


def _check_started(text: str, where: str) -> None:
    try:
        started = datetime.fromisoformat(text)
    except ValueError:
        started = None
    if started is None or started.utcoffset() != timedelta(0):
        raise Malformed(f"{where} must be a time in UTC, such as 2026-11-24T09:00:00+00:00")


def claim(line: Line, part: Part) -> None:
    """It must be one that is known, and was not told before. Raises Malformed."""
    label = get(line, "claim", str, "the claim")
    if label not in CLAIMS:
        raise Malformed(unknown_claim(label))
    if label in [each["claim"] for each in part.claims]:
        raise Malformed(f"{label} stands twice under {part.adapter}")
    if len(part.claims) == part.header["claims"]:
        raise Malformed(f"{label} is more than the {len(part.claims)} claims of {part.adapter}")
    where = label
    card = get(line, "card", (int, type(None)), where)
    if card is not None and not 0 < card < LARGEST_AMOUNT:
        raise Malformed(f"{where}.card must be a number from 1 on, or null")
    _one_of(line, "kind", KINDS, where)
    _one_of(line, "verdict", list(Verdict), where)
    for name in ("reason", "note", "explanation"):
        _text(line, name, where)
    for name in ("examples", "informative", "needed"):
        _count(line, name, where)
    _amount(line, "seconds", where)
    used = _share(line, "used", where)
    shares = get(line, "shares", dict, where) if "shares" in line else {}  # older ones have none
    for dtype in shares:
        _one_of({"shares": dtype}, "shares", PRECISIONS, where)
    if shares and max(_share(shares, dtype, f"{where}.shares") for dtype in shares) != used:
        raise Malformed(f"{where}.used is not the largest of its shares")
    for name in ("dtypes", "aims"):
        counts = get(line, name, dict, where)
        for key in counts:
            _count(counts, key, f"{where}.{name}")
    for dtype in get(line, "measured", list, where):
        _text({"measured": dtype}, "measured", where)
    waiver = get(line, "waiver", (dict, type(None)), where)
    if waiver is not None:
        _text(waiver, "reason", f"{where}.waiver")
        for name in ("link", "reproducer", "counterexample"):
            if get(waiver, name, (str, type(None)), f"{where}.waiver") is not None:
                _text(waiver, name, f"{where}.waiver")
    if get(line, "counterexample", (dict, type(None)), where) is not None:
        _check_counterexample(line, part, f"{where}.counterexample")


def _check_counterexample(line: Line, part: Part, where: str) -> None:
    """It must be one of the claim, on the adapter, and say nothing that a terminal obeys."""
    outcome = outcome_of(line)
    for name, wanted in (("claim", line["claim"]), ("adapter", part.adapter)):
        if line["counterexample"][name] != wanted:
            raise Malformed(f"{where}.{name} is not {wanted!r}")
    comparison = outcome.comparison
    cases = [outcome.case] + ([comparison.case, comparison.against] if comparison else [])
    words = [comparison.what] if comparison else []
    words += [word for case in cases if isinstance(case, Case) for word in _words(case)]
    if not all(word.isprintable() for word in words):
        raise Malformed(f"{where} holds something that is not printable")


def _words(case: Case) -> list[str]:
    """What a case says in words of its own."""
    return [case.way, *map(str, case.aim), *map(str, case.aim.values())]


def footer(line: Line, part: Part) -> None:
    """It must add up to the claims before it. Raises Malformed."""
    where = "the footer"
    whole = get(line, "complete", bool, where)
    counts = get(line, "verdicts", dict, where)
    for verdict in counts:
        if verdict not in list(Verdict):
            raise Malformed(f"{where}.verdicts has {verdict!r}, which is no verdict")
        _count(counts, verdict, f"{where}.verdicts")
    _amount(line, "seconds", where)
    status = _count(line, "exit_status", where)
    if counts != Counter(map(str, part.verdicts)):
        raise Malformed(f"{where}.verdicts do not add up to the claims of {part.adapter}")
    if whole is not (len(part.claims) == part.header["claims"]):
        raise Malformed(
            f"{where} says {'complete' if whole else 'not complete'}, and {part.adapter} has "
            f"{len(part.claims)} of {part.header['claims']} claims"
        )
    reached = exit_status(part.verdicts, strict=part.header["strict"])
    if status not in INTERRUPTED and not (whole and status == reached):
        raise Malformed(f"{where}.exit_status is {status}, which the verdicts do not give")


# ---- fields


def _text(data: Mapping[str, Any], name: str, where: str) -> str:
    text: str = get(data, name, str, where)
    if not text.isprintable() or not name.isprintable():
        raise Malformed(f"{where}.{name} must be printable")
    return text


def _one_of(data: Mapping[str, Any], name: str, known: Any, where: str) -> None:
    if get(data, name, str, where) not in known:
        raise Malformed(f"{where}.{name} is {data[name]!r}: use one of {', '.join(known)}")


def _count(
    data: Mapping[str, Any], name: str, where: str, most: int | None = LARGEST_AMOUNT
) -> int:
    number: int = get(data, name, int, where)
    if number < 0 or (most is not None and number > most):
        raise Malformed(f"{where}.{name} must be a whole number from 0 on")
    return number


def _amount(data: Mapping[str, Any], name: str, where: str) -> float:
    number = decode_number(get(data, name, (int, float), where), f"{where}.{name}")
    if not 0 <= number <= LARGEST_AMOUNT:
        raise Malformed(f"{where}.{name} must be a number from 0 to {LARGEST_AMOUNT}")
    return number


def _share(data: Mapping[str, Any], name: str, where: str) -> float:
    share = _amount(data, name, where)
    if share > 1:
        raise Malformed(f"{where}.{name} must be a number from 0 to 1")
    return share
