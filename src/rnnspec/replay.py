"""Counterexamples on disk: a claim's label and one base case, and what was seen of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

from rnnspec.reference.encoding import (
    LARGEST_TEXT,
    Malformed,
    decode_case,
    decode_number,
    encode_array,
    encode_case,
    encode_number,
    get,
    read_object,
)
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.precision import Level
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, judge
from rnnspec.spec.trial import Comparison

FORMAT, VERSION = "rnnspec.replay", 1


def encode(outcome: Outcome, adapter: str, versions: Mapping[str, str]) -> dict[str, Any] | None:
    """A failing outcome as plain data: the case is what is replayed, the rest was seen of it.

    None where nothing failed.
    """
    if outcome.case is None:
        return None
    level = outcome.level
    return {
        "format": FORMAT,
        "version": VERSION,
        "claim": outcome.claim.id,
        "adapter": adapter,
        "versions": dict(versions),
        "verdict": str(outcome.verdict),
        "reason": outcome.reason,
        "level": level and {"name": level.name, "relative": level.relative,
                            "absolute": encode_number(level.absolute)},
        "case": encode_case(outcome.case),
        "comparison": outcome.comparison and _encode_comparison(outcome.comparison),
    }  # fmt: skip


def _encode_comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "what": comparison.what,
        "case": encode_case(comparison.case),
        "against": comparison.against and encode_case(comparison.against),
        "observed": encode_array(comparison.observed),
        "expected": encode_array(comparison.expected),
        "bound": encode_array(comparison.bound),
    }


def save(data: Mapping[str, Any], folder: Path) -> Path:
    """Write a replay file, named for what is in it. Raises OSError."""
    text = json.dumps(data, indent=1, allow_nan=False) + "\n"
    mark = hashlib.sha256(json.dumps(data["case"], sort_keys=True).encode()).hexdigest()[:8]
    adapter = "".join(c if c.isalnum() or c in "-_" else "-" for c in str(data["adapter"]))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{adapter}-{data['claim']}-{mark}.json"
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> dict[str, Any]:
    """A replay file. Raises OSError, or Malformed where it is none."""
    if path.stat().st_size > LARGEST_TEXT:
        raise Malformed(f"it is longer than {LARGEST_TEXT} bytes")
    try:
        data = read_object(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Malformed("it is not text in UTF-8") from None
    if data.get("format") != FORMAT:
        raise Malformed(f"it does not say that its format is {FORMAT!r}")
    if data.get("version") != VERSION:
        raise Malformed(f"its version is {data.get('version')!r}; this rnnspec reads {VERSION}")
    for field in ("claim", "adapter"):
        get(data, field, str, "the file")
    if data["claim"] not in CLAIMS:
        raise Malformed(f"there is no claim {data['claim']!r}")
    data["case"] = decode_case(data.get("case"))
    data["level"] = _level(data.get("level"))
    return data


def _level(data: Any) -> Level | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise Malformed("the file.level must be an object or null")
    shares = (decode_number(data.get(part), f"level.{part}") for part in ("relative", "absolute"))
    return Level(get(data, "name", str, "level"), *shares)


def replay(data: Mapping[str, Any], implementation: Implementation) -> Outcome:
    """Try a claim again on the case of a replay file, with the accuracy that it was judged with."""
    case, level = data["case"], data["level"]
    if level is not None and implementation.name == data["adapter"]:
        implementation = copy(implementation)
        implementation.levels = {**implementation.levels, case.dtype: level}
    with implementation.session():
        return judge(CLAIMS[data["claim"]], implementation, case)
