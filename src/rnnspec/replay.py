"""Counterexamples on disk: a claim's label and one base case, and what was seen of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnspec.reference.case import Case
from rnnspec.reference.declaration import decode_level, encode_level, known
from rnnspec.reference.encoding import (
    Malformed,
    bytes_of,
    decode_array,
    decode_case,
    decode_network,
    encode_array,
    encode_case,
    get,
    read_object,
    text_of,
)
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.runner import FINDING, in_session
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.explanation import explain
from rnnspec.spec.search import Outcome, Verdict, judge
from rnnspec.spec.trial import Comparison, parts_of, told

FORMAT, VERSION = "rnnspec.replay", 1


def encode(outcome: Outcome, adapter: str, versions: Mapping[str, str]) -> dict[str, Any] | None:
    """A failing outcome as plain data: the case is what is replayed, the rest was seen of it.

    None where nothing failed.
    """
    if outcome.case is None:
        return None
    return {
        "format": FORMAT,
        "version": VERSION,
        "claim": outcome.claim.id,
        "adapter": adapter,
        "versions": dict(versions),
        "verdict": str(outcome.verdict),
        "reason": outcome.reason,
        "explanation": outcome.explanation,
        "level": outcome.level and encode_level(outcome.level),
        "case": encode_case(outcome.case),
        "call": outcome.call and encode_case(outcome.call),
        "cotangents": _encode_cotangents(outcome.cotangents),
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
        "part": comparison.part,
        "index": list(comparison.index),
        "cotangents": _encode_cotangents(comparison.cotangents),
        "counted": [
            {"network": network.as_dict(), "count": count} for network, count in comparison.counted
        ],
    }


def _encode_cotangents(cotangents: Mapping[str, Array] | None) -> dict[str, Any] | None:
    if cotangents is None:
        return None
    return {name: encode_array(each) for name, each in cotangents.items()}


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
    return decoded(read_object(text_of(bytes_of(path), "utf-8-sig")))


def decoded(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a replay file holds, its case and level as what they are. Raises Malformed."""
    data = dict(data)
    if data.get("format") != FORMAT:
        raise Malformed(f"it does not say that its format is {FORMAT!r}")
    if type(data.get("version")) is not int or data["version"] != VERSION:
        raise Malformed(f"its version is {data.get('version')!r}; this rnnspec reads {VERSION}")
    for field in ("claim", "adapter"):
        get(data, field, str, "the file")
    if data["claim"] not in CLAIMS:
        raise Malformed(f"there is no claim {data['claim']!r}")
    if CLAIMS[data["claim"]].kind == "finding":
        raise Malformed(f"{data['claim']} is {FINDING}, so there is nothing to replay")
    data["case"] = decode_case(data.get("case"))
    level = data.get("level")
    data["level"] = None if level is None else decode_level(level, "level")
    call = data.get("call")
    data["call"] = None if call is None else decode_case(call, "call")
    data["cotangents"] = _decode_cotangents(data, data["call"], "cotangents")
    return data


def _decode_cotangents(
    data: Mapping[str, Any], case: Case | None, where: str
) -> dict[str, Array] | None:
    """What a call went back from; None where it did not go back. Raises Malformed."""
    if data.get("cotangents") is None or case is None:
        return None
    given = get(data, "cotangents", dict, where.rpartition(".")[0] or "the file")
    shapes = parts_of(case)
    known(where, given, shapes)
    decoded = {name: decode_array(each, f"{where}.{name}") for name, each in given.items()}
    for name, each in decoded.items():
        if each.shape != shapes[name]:
            raise Malformed(f"{where}.{name} must have the shape of {name}, {shapes[name]}")
    return decoded


def decoded_comparison(data: Any) -> Comparison | None:
    """What was wrong, as a replay file has it. Raises Malformed."""
    if data is None:
        return None
    if not isinstance(data, dict):
        raise Malformed("comparison must be an object or null")
    against = get(data, "against", (dict, type(None)), "comparison")
    observed, expected, bound = (
        decode_array(data.get(name), f"comparison.{name}")
        for name in ("observed", "expected", "bound")
    )
    if not observed.shape == expected.shape == bound.shape or not observed.size:
        raise Malformed("comparison must have observed, expected and bound of one shape, not empty")
    if against == data.get("case"):  # older files say so where it is no other call
        against = None
    comparison = Comparison(
        get(data, "what", str, "comparison"),
        decode_case(data.get("case"), "comparison.case"),
        observed,
        expected,
        bound,
        None if against is None else decode_case(against, "comparison.against"),
        counted=_decode_counted(data),
    )
    cotangents = _decode_cotangents(data, comparison.case, "comparison.cotangents")
    comparison = replace(comparison, cotangents=cotangents)
    part, index = _decoded_place(data, comparison)
    return replace(comparison, part=part, index=index)


def _decode_counted(data: Mapping[str, Any]) -> tuple[tuple[Network, int], ...]:
    """The parameters that were counted. Raises Malformed."""
    where, counted = "comparison.counted", []
    for each in get(data, "counted", list, "comparison") if "counted" in data else []:
        if not isinstance(each, dict):
            raise Malformed(f"{where} must be a list of objects")
        network = decode_network(each.get("network"), f"{where}.network")
        counted.append((network, get(each, "count", int, where)))
    return tuple(counted)


def _decoded_place(data: Mapping[str, Any], comparison: Comparison) -> tuple[str, tuple[int, ...]]:
    """The part of the answer, or the gradient, that was compared, and where in it. Raises
    Malformed.
    """
    shapes = {"": (), **parts_of(comparison.case, comparison.cotangents)}
    if not data.keys() & {
        "part",
        "index",
    }:  # an older file: it is known where all of a part was compared
        named = comparison.what.partition(" ")[0]
        whole = named in shapes and shapes[named] == comparison.observed.shape
        return (named, comparison.worst) if whole else ("", ())
    part = get(data, "part", str, "comparison")
    index = get(data, "index", list, "comparison")
    if part not in shapes:
        raise Malformed(f"comparison.part is {part!r}: use one of {', '.join(map(repr, shapes))}")
    ends = shapes[part]
    if len(index) != len(ends) or not all(
        type(i) is int and 0 <= i < n for i, n in zip(index, ends, strict=True)
    ):
        raise Malformed(f"comparison.index must be that of an element of {part}, of shape {ends}")
    return part, tuple(index)


def replay(data: Mapping[str, Any], implementation: Implementation) -> Outcome:
    """Try a claim again on the case of a replay file, with the accuracy that it was judged with.

    Another implementation may not offer what the case needs: then it is *not applicable*.
    """
    claim = CLAIMS[data["claim"]]
    claim.speaks_of(data["case"])

    def explained() -> Outcome:
        outcome = tried(data, implementation)
        explain(outcome, implementation)
        return outcome

    return in_session(claim, implementation, explained)


def tried(data: Mapping[str, Any], implementation: Implementation) -> Outcome:
    """The same, in a session that was begun already."""
    case, level, claim = data["case"], data["level"], CLAIMS[data["claim"]]
    try:
        reason = lacks(implementation, case)
    except Exception as error:
        reason = f"{implementation.name} does not say what it offers: {told(error)}"
        return Outcome(claim, Verdict.ADAPTER_BROKEN, reason)
    if reason is not None:
        return Outcome(claim, Verdict.NOT_APPLICABLE, reason)
    judged = implementation
    if level is not None and implementation.name == data["adapter"]:
        judged = copy(implementation)
        judged.levels = {**implementation.levels, case.dtype: level}
    return judge(claim, judged, case)


def lacks(implementation: Implementation, case: Case) -> str | None:
    """What an implementation does not offer of what a case needs."""
    if case.dtype not in implementation.levels:
        return f"{implementation.name}: it offers no dtype {case.dtype!r}"
    if case.network.cell not in implementation.conventions:
        return f"{implementation.name}: it offers no {case.network.cell.upper()}"
    reason = implementation.offers(case.network)
    past_end = implementation.conventions[case.network.cell].past_end
    if reason is None and case.lengths is not None and case.network.direction not in past_end:
        reason = f"it offers no lengths with direction {case.network.direction!r}"
    if reason is None and case.way and case.way not in implementation.ways:
        reason = f"it offers no way {case.way!r}"
    return None if reason is None else f"{implementation.name}: {reason}"


def keep(data: Mapping[str, Any], folder: Path) -> Path:
    """Write a replay file; where that folder takes none, into the one for temporary files. Raises
    OSError, with the place, where neither does.
    """
    for place in (folder, Path(tempfile.gettempdir()) / "rnnspec"):
        try:
            return save(data, place)
        except OSError as error:
            why = f"{place}: {error.strerror or error}"
    raise OSError(why)
