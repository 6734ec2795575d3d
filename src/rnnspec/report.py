"""The report of a run, as plain lines: for each adapter a header, a line a claim as it is reached,
and a footer. The form is versioned; ``docs/formats.md`` describes it.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from rnnspec.reference.implementation import Implementation
from rnnspec.replay import decoded, decoded_comparison
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict, needed
from rnnspec.spec.trial import visible

FORMAT, VERSION = "rnnspec.report", 1
Line = dict[str, Any]


def as_text(line: Line) -> str:
    """A line as it stands in a file."""
    return json.dumps(line, allow_nan=False) + "\n"


def header_of(
    implementation: Implementation,
    versions: Mapping[str, str],
    *,
    adapters: Iterable[str],
    only: Iterable[str],
    profile: str,
    seed: int,
    strict: bool,
) -> Line:
    """What is run, all that decides which cases are drawn, and how verdicts are counted."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "adapter": _plain(implementation.name),
        "versions": _table(versions),
        "levels": _table(
            {dtype: getattr(level, "name", level) for dtype, level in implementation.levels.items()}
        ),
        "profile": profile,
        "seed": seed,
        "claims": len(CLAIMS),
        "only": [_plain(pattern) for pattern in only],
        "strict": strict,
        "adapters": [_plain(name) for name in adapters],
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "rnnspec": version("rnnspec"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "hypothesis": version("hypothesis"),
        "numpy": version("numpy"),
    }


def _plain(text: str) -> str:
    """A text in one line, all of it printable."""
    return visible(text).replace("\n", " ")


def _table(words: Mapping[Any, Any]) -> dict[str, str]:
    return {_plain(str(name)): _plain(str(each)) for name, each in words.items()}


def line_of(
    outcome: Outcome,
    profile: str,
    counterexample: Mapping[str, Any] | None,
    waiver: Mapping[str, Any] | None,
) -> Line:
    """A claim's line. The counterexample has the form of a replay file."""
    return {
        "claim": outcome.claim.id,
        "card": outcome.claim.card,
        "kind": outcome.claim.kind,
        "verdict": str(outcome.verdict),
        "reason": _plain(outcome.reason),
        "note": _plain(outcome.note),
        "explanation": _plain(outcome.explanation),
        "examples": outcome.examples,
        "informative": outcome.informative,
        "needed": needed(outcome.claim, profile),
        "used": outcome.used,
        "shares": outcome.shares,
        "seconds": round(outcome.seconds, 3),
        "dtypes": outcome.dtypes,
        "aims": outcome.aims,
        "measured": list(outcome.measured),
        "waiver": waiver,
        "counterexample": counterexample,
    }


def outcome_of(line: Line) -> Outcome:
    """The inverse, as far as a line tells. Raises Malformed where its counterexample is none."""
    outcome = Outcome(
        CLAIMS[line["claim"]],
        Verdict(line["verdict"]),
        line["reason"],
        line["examples"],
        line["informative"],
        used=line["used"],
        shares=line.get("shares", {}),  # older reports have none
        seconds=line["seconds"],
        explanation=line["explanation"],
        measured=tuple(line["measured"]),
        notes=_notes(line["note"]),
        dtypes=line["dtypes"],
        aims=line["aims"],
    )
    if line["counterexample"] is not None:
        data = decoded(line["counterexample"])
        outcome.case, outcome.call, outcome.level = data["case"], data["call"], data["level"]
        outcome.cotangents = data["cotangents"]
        outcome.comparison = decoded_comparison(data.get("comparison"))
    return outcome


def _notes(note: str) -> dict[str, str]:
    about, _, text = note.partition(": ")
    return {about: text} if note else {}


def footer_of(verdicts: Sequence[Verdict], seconds: float, exit_status: int) -> Line:
    """The footer. Its verdicts add up to the claims of the header, if all of them were reached."""
    return {
        "complete": len(verdicts) == len(CLAIMS),
        "verdicts": dict(Counter(map(str, verdicts))),
        "seconds": round(seconds, 3),
        "exit_status": exit_status,
    }
