"""The report of a run, as JSON lines: a header, a line a claim as it is reached, a footer.

A report without its footer was cut short, and can't pass for a whole one. The form is versioned;
``docs/formats.md`` describes it.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, TextIO

from rnnspec.reference.implementation import Implementation
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, needed

FORMAT, VERSION = "rnnspec.report", 1


class Report:
    """Writes one implementation's run to an open file. Its methods raise OSError."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.verdicts: Counter[str] = Counter()

    def _line(self, data: Mapping[str, Any]) -> None:
        self.file.write(json.dumps(data, allow_nan=False) + "\n")
        self.file.flush()

    def begin(
        self, implementation: Implementation, versions: Mapping[str, str], profile: str, seed: int
    ) -> None:
        """The header: what is run, and all that decides which cases are drawn."""
        self.verdicts.clear()
        self._line(
            {
                "format": FORMAT,
                "version": VERSION,
                "adapter": implementation.name,
                "versions": dict(versions),
                "levels": {
                    dtype: getattr(level, "name", str(level))
                    for dtype, level in implementation.levels.items()
                },
                "profile": profile,
                "seed": seed,
                "claims": len(CLAIMS),
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "rnnspec": version("rnnspec"),
                "python": platform.python_version(),
                "platform": platform.platform(),
                "hypothesis": version("hypothesis"),
                "numpy": version("numpy"),
            }
        )

    def add(
        self,
        outcome: Outcome,
        profile: str,
        counterexample: Mapping[str, Any] | None,
        waiver: Mapping[str, Any] | None,
    ) -> None:
        """A claim's line. The counterexample has the form of a replay file."""
        self.verdicts[outcome.verdict] += 1
        self._line(
            {
                "claim": outcome.claim.id,
                "card": outcome.claim.card,
                "kind": outcome.claim.kind,
                "verdict": str(outcome.verdict),
                "reason": outcome.reason,
                "note": outcome.note,
                "explanation": outcome.explanation,
                "examples": outcome.examples,
                "informative": outcome.informative,
                "needed": needed(outcome.claim, profile),
                "used": outcome.used,
                "seconds": round(outcome.seconds, 3),
                "dtypes": outcome.dtypes,
                "aims": outcome.aims,
                "measured": list(outcome.measured),
                "waiver": waiver,
                "counterexample": counterexample,
            }
        )

    def close(self) -> None:
        """Close the file: what could not be written shows here at the latest."""
        self.file.close()

    def end(self, seconds: float, exit_status: int) -> None:
        """The footer. Its verdicts add up to the claims of the header."""
        self._line(
            {
                "complete": sum(self.verdicts.values()) == len(CLAIMS),
                "verdicts": dict(self.verdicts),
                "seconds": round(seconds, 3),
                "exit_status": exit_status,
            }
        )
