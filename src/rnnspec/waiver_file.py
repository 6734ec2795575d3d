"""Waiver files: read, with nothing taken on trust. ``docs/formats.md`` describes the form."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rnnspec.reference.encoding import Malformed, bytes_of, text_of
from rnnspec.reference.network import InvalidCase, Network
from rnnspec.replay import read as read_replay
from rnnspec.runner import FINDING, unknown_claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.version_ranges import overlap, ranges
from rnnspec.waivers import Waiver

FIELDS = (
    "claim", "adapter", "versions", "reason", "link", "reproducer", "counterexample", "when",
)  # fmt: skip
FACTS = tuple(
    sorted(
        {*Network.__dataclass_fields__, "dtype", "way", "lengths", "states", "steps"}
        | {name for claim in CLAIMS.values() for name in claim.sizes.aim}
    )
)
"""What ``when`` may name: options, and what claims are aimed at."""


def read(path: Path, adapters: Iterable[str] | None) -> list[Waiver]:
    """The waivers of a file, for some adapters, or None: any. Raises OSError, or Malformed where
    something in it is wrong.
    """
    data = _parsed(path)
    for name in data.keys() - {"waiver"}:
        raise Malformed(f"it has {name!r}, where only [[waiver]] tables belong")
    tables = data.get("waiver", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Malformed("'waiver' must be [[waiver]] tables")
    known = None if adapters is None else list(adapters)
    waivers = [
        _waiver({**table, "claim": claim}, k, path.parent, known)
        for k, table in enumerate(tables, 1)
        for claim in _claims(table)
    ]
    for one, other in combinations(waivers, 2):
        if (one.claim, one.adapter) == (other.claim, other.adapter) and overlap(
            one.versions, other.versions
        ):
            raise Malformed(
                f"{one.place} and {other.place} are both for {one.claim} on {one.adapter}, and "
                "some versions meet both: leave one, or part their versions"
            )
    return waivers


def _parsed(path: Path) -> dict[str, Any]:
    text = text_of(bytes_of(path), "utf-8-sig")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Malformed("it is not TOML: it is nested too deep") from None
    except ValueError as error:
        raise Malformed(f"it is not TOML: {error}") from None


def _waiver(
    table: Mapping[str, Any], number: int, folder: Path, adapters: list[str] | None
) -> Waiver:
    place = f"waiver {number}"
    for name in table:
        if name not in FIELDS:
            raise Malformed(f"{place} has a field {name!r}: use {', '.join(FIELDS)}")
    claim, adapter = _text(table, "claim", place), _text(table, "adapter", place)
    if claim not in CLAIMS:
        raise Malformed(f"{place}: {unknown_claim(claim)}")
    if CLAIMS[claim].kind == "finding":
        raise Malformed(f"{place}: {claim} is {FINDING}, so there is nothing to waive")
    if adapters is not None and adapter not in adapters:
        names = ", ".join(adapters)
        raise Malformed(f"{place}: there is no adapter {adapter!r}: use one of {names}")
    versions, reason = ranges(table, place), _text(table, "reason", place)
    link, reproducer, counterexample = (
        _text(table, name, place) if name in table else None
        for name in ("link", "reproducer", "counterexample")
    )
    if link is None and reproducer is None:
        raise Malformed(
            f"{place} has neither a 'link' nor a 'reproducer': name the report, or code that "
            "shows it with the framework alone"
        )
    if link is not None and not _is_url(link):
        raise Malformed(f"{place}.link is {link!r}: it must be the URL of a page")
    if reproducer is not None and not _beside(reproducer, folder, f"{place}.reproducer").is_file():
        raise Malformed(f"{place}.reproducer is {reproducer!r}, and there is no such file")
    data = None
    if counterexample is not None:
        data = _counterexample(counterexample, claim, folder, f"{place}.counterexample")
    given = table.get("when", [])
    whens = given if isinstance(given, list) else [given]
    if "when" in table and not whens:
        raise Malformed(f"{place}.when is empty: leave it out where every case is excused")
    when = tuple(_when(each, f"{place}.when") for each in whens)
    files = (link, reproducer, counterexample, data)
    return Waiver(place, claim, adapter, versions, reason, *files, when)


def _claims(table: Mapping[str, Any]) -> list[Any]:
    """One claim, or several that fail for one reason."""
    claim = table.get("claim")
    return claim if isinstance(claim, list) and claim else [claim]


def _when(data: Any, where: str) -> dict[str, tuple[str, ...]]:
    """What the cases have in common that are known to fail: names, and a value or several."""
    if not isinstance(data, dict) or not data:
        raise Malformed(f"{where} must be a table of what the cases have in common, or several")
    when: dict[str, tuple[str, ...]] = {}
    for name, value in data.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str) and each for each in values):
            raise Malformed(f"{where}.{name} must be a string, or several")
        if name not in FACTS:
            raise Malformed(f"{where} has {name!r}: use some of {', '.join(FACTS)}")
        when[name] = tuple(values)
    return when


def _text(table: Mapping[str, Any], name: str, place: str) -> str:
    if table.get(name) is None:
        raise Malformed(f"{place} has no {name!r}")
    value = table[name]
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if not words or not words.isprintable():
        raise Malformed(f"{place}.{name} must be a string with something printable in it")
    return words


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text


def _beside(name: str, folder: Path, where: str) -> Path:
    if Path(name).is_absolute():
        raise Malformed(f"{where} is {name!r}: it must be a path relative to the waiver file")
    return folder / name


def _counterexample(name: str, claim: str, folder: Path, where: str) -> dict[str, Any]:
    path = _beside(name, folder, where)
    try:
        data = read_replay(path)
        if data["claim"] != claim:
            raise Malformed(f"{where} is {name!r}, which is of {data['claim']}, not of {claim}")
        CLAIMS[claim].speaks_of(data["case"])
    except (Malformed, InvalidCase) as error:
        if str(error).startswith(where):
            raise
        raise Malformed(f"{where} is {name!r}, which is no replay file: {error}") from None
    except OSError as error:
        told = error.strerror or str(error)
        raise Malformed(f"{where} is {name!r}, which cannot be read: {told}") from None
    return data
