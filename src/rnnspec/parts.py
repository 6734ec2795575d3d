"""What a report says of each adapter, and of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rnnspec.console import explain
from rnnspec.report import Line, outcome_of
from rnnspec.spec.search import Outcome, Verdict
from rnnspec.spec.trial import visible


@dataclass
class Part:
    """What a report says of one adapter: its lines."""

    header: Line
    claims: list[Line] = field(default_factory=list)
    footer: Line | None = None
    """None as long as the adapter is run, and where the run was cut."""
    _explained: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def adapter(self) -> str:
        """The adapter's name."""
        return str(self.header["adapter"])

    @property
    def complete(self) -> bool:
        """Whether every claim was reached."""
        return self.footer is not None and self.footer["complete"] is True

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdict of every claim that was reached."""
        return [Verdict(line["verdict"]) for line in self.claims]

    @property
    def seconds(self) -> float:
        """How long it took; without a footer, how long its claims did."""
        lines = self.claims if self.footer is None else [self.footer]
        return sum(float(line["seconds"]) for line in lines)

    def outcomes(self) -> list[Outcome]:
        """What was reached of every claim, as far as the lines tell."""
        return [outcome_of(line) for line in self.claims]

    def explained(self, line: Line) -> str:
        """What a person reads of a claim that failed."""
        label = line["claim"]
        if label not in self._explained:
            self._explained[label] = visible(explain(outcome_of(line)))
        return self._explained[label]


def missing(parts: Sequence[Part]) -> list[str]:
    """The adapters that were to be run, and have no part yet."""
    begun = [part.adapter for part in parts]
    wanted = parts[0].header["adapters"] if parts else []
    return [name for name in wanted if name not in begun]


def complete(parts: Sequence[Part]) -> bool:
    """Whether everything that was to be run was run."""
    return bool(parts) and all(part.complete for part in parts) and not missing(parts)


def status_of(parts: Sequence[Part]) -> int:
    """The exit status of a run that came to its end: an interruption wins, then 1, then 3."""
    given = {part.footer["exit_status"] for part in parts if part.footer}
    return max(given, key=lambda status: (status > 128, status == 1, status), default=0)
