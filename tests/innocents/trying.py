"""One innocent before all claims, in one dtype: what was tried, how close it came to a bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch
from zlib import crc32

from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.claims import CLAIMS, comparison
from rnnspec.spec.search import Outcome, Verdict, search
from tests.innocents.catalogue import INNOCENTS

ACCUSED = (Verdict.VIOLATED, Verdict.ERROR, Verdict.REFUSED, Verdict.ADAPTER_BROKEN)
CHECKED = {label: claim for label, claim in CLAIMS.items() if claim.kind != "finding"}
"""The laws and the counts."""


@dataclass
class Tried:
    """What the claims said."""

    innocent: str
    dtype: str
    level: str
    examples: int = 0
    informative: int = 0
    elements: int = 0
    """Numbers in informative examples that were compared with something known."""
    used: float = 0.0
    """The largest share of an allowed error."""
    closest: str = ""
    """The claim in which that was."""
    shown: list[str] = field(default_factory=list)
    """The claims that had an informative example."""
    verdicts: dict[str, int] = field(default_factory=dict)
    """How often each was said."""
    accused: dict[str, str] = field(default_factory=dict)
    """What is held against it, by claim: nothing ever may be."""

    def heard(self, outcome: Outcome) -> None:
        """Add what one claim said."""
        label, verdict = outcome.claim.id, str(outcome.verdict)
        self.examples += outcome.examples
        self.informative += outcome.informative
        self.elements += outcome.elements
        self.shown += [label] * bool(outcome.informative)
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1
        if outcome.used > self.used:
            self.used, self.closest = outcome.used, label
        if outcome.verdict in ACCUSED:
            self.accused[label] = f"{verdict}: {outcome.reason} ({outcome.case})"

    def __str__(self) -> str:
        """A line."""
        sizes = f"{self.examples:8}{self.informative:13}{self.elements:10}"
        return f"{self.innocent:28} {self.dtype:9}{self.level:9}{sizes}{self.used:10.2f}"


HEAD = "{:28} {:9}{:9}{:>8}{:>13}{:>10}{:>10}".format(
    "innocent", "dtype", "level", "examples", "informative", "elements", "of bound"
)


def tried(
    name: str, dtype: str, profile: str, seed: int, labels: Iterable[str] = tuple(CHECKED)
) -> Tried:
    """Every claim, with a dtype's share of the examples that a profile asks for. Each innocent has
    examples of its own.
    """
    layer = INNOCENTS[name].layer()
    layer.levels = {dtype: layer.levels[dtype]}
    found = Tried(name, dtype, layer.levels[dtype].name)
    own = crc32(f"{seed} {name}".encode())
    # how long a step takes is noted by one claim, and would be measured for hours: they are slow
    with patch.object(comparison, "_step_time", return_value=0.0):
        for claim in map(CHECKED.__getitem__, labels):
            share = replace(claim, fewer=claim.fewer * len(PRECISIONS))
            found.heard(search(share, layer, profile, own))
    return found


def totals(lines: Sequence[Tried], labels: Collection[str] = tuple(CHECKED)) -> dict[str, Any]:
    """Everything added up, and what is missing of these claims."""
    verdicts: Counter[str] = Counter()
    for line in lines:
        verdicts.update(line.verdicts)
    pairs = {(label, line.dtype) for line in lines for label in line.shown}
    return {
        "innocents": len({line.innocent for line in lines}),
        "examples": sum(line.examples for line in lines),
        "informative": sum(line.informative for line in lines),
        "elements": sum(line.elements for line in lines),
        "used": max((line.used for line in lines), default=0.0),
        "verdicts": dict(verdicts),
        "accused": sum(len(line.accused) for line in lines),
        "claims": len(labels),
        "missing": [f"{c} in {d}" for c in labels for d in PRECISIONS if (c, d) not in pairs],
    }
