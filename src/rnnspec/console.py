"""What a person reads on a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from rnnspec import declared
from rnnspec.describe import describe
from rnnspec.pages import told
from rnnspec.reference.implementation import Implementation
from rnnspec.runner import FINDING
from rnnspec.spec.claim import Claim, Erratum
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from rnnspec.spec.trial import Comparison

STYLES = {
    Verdict.HOLDS: "green",
    Verdict.WAIVED: "yellow",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.VIOLATED: "bold red",
    Verdict.STALE_WAIVER: "bold red",
    Verdict.REFUSED: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.ADAPTER_BROKEN: "bold magenta",
}
NARROWEST = 80


class Terminal(Console):
    """A console that leaves it to the program what to do where nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Not rich's own way, which is to exit with status 1."""
        raise BrokenPipeError


class Screen:
    """Prints runs, claims and counterexamples."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Terminal(highlight=False)
        # tables need their width; a narrower terminal wraps their lines
        self.console.width = max(self.console.width, NARROWEST)

    def say(self, text: str, style: str = "") -> None:
        """A line or paragraph, exactly as it is."""
        self.console.print(Text(text, style=style))

    def _part(self, text: str, indent: int = 2, style: str = "") -> None:
        """A paragraph, indented and wrapped."""
        for line in text.split("\n"):
            wrapped = textwrap.fill(
                line, max(40, self.console.width - indent), break_on_hyphens=False
            )
            self._exact(wrapped, indent, style)

    def _exact(self, text: str, indent: int = 2, style: str = "") -> None:
        """Lines, indented and left as they are."""
        shown = text if not text.strip() else textwrap.indent(text, " " * indent)
        self.console.print(Text(shown, style=style), soft_wrap=True)

    @contextmanager
    def bar(self, claims: int) -> Iterator[Progress]:
        """A progress bar, where the output is a terminal."""
        columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns,
            TextColumn("claims"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        ) as progress:
            progress.add_task("", total=claims)
            yield progress

    # ---- a run

    def heading(self, name: str, versions: Mapping[str, str], profile: str, seed: int) -> None:
        """What is run."""
        self.say(f"{titled(name, versions)}, profile {profile}, seed {seed}", "bold")

    def outcomes(self, outcomes: list[Outcome]) -> None:
        """A row a claim that was run, in the cards' order; then a line for all of them."""
        order = list(CLAIMS)
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("claim", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        for column in ("examples", "informative", "of bound", "seconds"):
            table.add_column(column, justify="right", no_wrap=True)
        for outcome in sorted(outcomes, key=lambda each: order.index(each.claim.id)):
            verdict = Text(outcome.verdict, style=STYLES.get(outcome.verdict, "dim"))
            if outcome.verdict is Verdict.NOT_RUN:
                continue
            if outcome.examples or outcome.case:
                numbers = [f"{outcome.examples}", f"{outcome.informative}", f"{outcome.used:.2f}"]
            else:
                numbers = ["", "", ""]
            table.add_row(outcome.claim.id, verdict, *numbers, f"{outcome.seconds:.1f}")
        self.console.print(table)
        quiet = (Verdict.HOLDS, Verdict.NOT_RUN, Verdict.VIOLATED)
        told: dict[tuple[Verdict, str], list[str]] = {}
        for outcome in outcomes:
            if outcome.verdict not in quiet and outcome.case is None:
                told.setdefault((outcome.verdict, outcome.reason), []).append(outcome.claim.id)
        for (said, reason), (label, *more) in told.items():
            of = f"{said}, {len(more) + 1} claims" if more else f"{label}: {said}"
            self.say(f"{of}: {reason}")
        for outcome in outcomes:
            if outcome.note:
                self.say(f"{outcome.claim.id}: {outcome.note}")
        findings = [each.claim.id for each in outcomes if each.reason == FINDING]
        if findings:
            self.say(f"{', '.join(findings)}: {Verdict.NOT_RUN}: {FINDING}")
        measured = {dtype for outcome in outcomes for dtype in outcome.measured}
        if measured:
            self.say(
                f"In {', '.join(sorted(measured))} sigmoid or tanh miss their declared accuracy "
                "(layer.accuracy): everything else is judged with the error measured there added.",
                "bold yellow",
            )
        seconds = sum(outcome.seconds for outcome in outcomes)
        self.say(f"{total([outcome.verdict for outcome in outcomes], seconds)}\n")

    def counterexample(self, outcome: Outcome, replay: str) -> None:
        """A claim that failed: what it says, the smallest case that shows it, and how to replay."""
        claim, comparison = outcome.claim, outcome.comparison
        self.say(f"{outcome.verdict}: {claim.id} ({claim.where})", STYLES.get(outcome.verdict, ""))
        self._part(claim.statement)
        self._part(claim.formula, 4)
        if comparison is None or outcome.verdict is Verdict.WAIVED:
            self._part(outcome.reason, style="bold")
        case = comparison.case if comparison else outcome.case
        if case is not None:
            self._part("\nThe smallest case found that shows it:" if comparison else "\nThe case:")
            self._exact(describe(case), 4)
        if comparison is not None:
            self._off(comparison)
        if outcome.explanation:
            self._part(f"\n{outcome.explanation}", 2, "bold")
        self._exact(f"\n{replay}\n" if replay else "")

    def _off(self, comparison: Comparison) -> None:
        """The number that is furthest off."""
        at = comparison.worst
        element = f" [{', '.join(map(str, at))}]" if at else ""
        self._part(f"\nThere, {comparison.what}{element} is", 2)
        if comparison.against is not None:
            self._part("not what it is in the call that has, instead,", 2)
            self._exact(describe(comparison.against, comparison.case), 4)
        for name in ("observed", "expected", "bound"):
            self._exact(f"{name:<9} {float(getattr(comparison, name)[at])!r}", 4, "bold")
        if np.isfinite(comparison.ratio):
            self._part(f"off by {comparison.ratio:.3g} times the bound", 4)

    def off(self, heading: str, comparison: Comparison) -> None:
        """What was off in one call: the case, and the number."""
        self.say(heading, STYLES[Verdict.VIOLATED])
        self._exact(describe(comparison.case), 4)
        self._off(comparison)
        self.say("")

    # ---- claims

    def listing(self, claims: Mapping[str, Claim]) -> None:
        """A row a claim."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column, options in (("claim", True), ("card", True), ("kind", True), ("", False)):
            table.add_column(column, no_wrap=options)
        for claim in claims.values():
            # what no run tries says so here, in a run's own words
            tried = f", {Verdict.NOT_RUN}" if claim.kind == "finding" else ""
            table.add_row(claim.id, claim.under, f"{claim.kind}{tried}", Text(claim.statement))
        self.console.print(table)

    def claim(self, claim: Claim) -> None:
        """One claim, whole."""
        self.say(f"{claim.id} ({claim.kind}, {claim.where})", "bold")
        self._part(claim.statement)
        if claim.kind == "finding":
            self._part(f"\n{Verdict.NOT_RUN}: {FINDING}", style="dim")
        else:
            self._part(claim.formula, 4, "bold")
        for title, text in told(claim):
            self._part(f"\n{title}:", style="dim")
            self._part(text)
        for erratum in claim.errata:
            self._part("\nErratum:", style="dim")
            self._erratum(claim, erratum, 2)
        if claim.literature:
            self._part("\nLiterature:", style="dim")
            self._part("\n".join(claim.literature))

    def errata(self, claims: Sequence[Claim]) -> None:
        """Where the cards are imprecise: card by card, what stands under none of them last."""
        for where in dict.fromkeys(claim.where for claim in claims):
            self.say(where.capitalize(), "bold")
            for claim in claims:
                for erratum in claim.errata if claim.where == where else ():
                    self._part(claim.id, style="dim")
                    self._erratum(claim, erratum, 4)
            self.say("")

    def _erratum(self, claim: Claim, erratum: Erratum, indent: int) -> None:
        said = "It is said" if claim.under == "none" else "The card"
        smallest = f"Smallest counterexample: {erratum.smallest}."
        self._part(f"{said}: {erratum.card}\n{erratum.stops}\n{smallest}", indent)

    # ---- adapters

    def layouts(
        self,
        title: str,
        titles: Sequence[str],
        rows: Sequence[Sequence[str]],
        legend: Iterable[str],
    ) -> None:
        """How adapters do one cell, a row for those that do it alike. What is several things has a
        line for each.
        """
        self.say(title, "bold")
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
        names = max((len(name) for row in rows for name in row[0].split(", ")), default=0)
        for column in titles:
            table.add_column(column, min_width=names if column == titles[0] else None)
        for row in rows:
            table.add_row(*(Text(cell.replace(", ", "\n")) for cell in row))
        self.console.print(table)
        for each in legend:
            self._part(each, style="dim")
        self.say("")

    def adapter(self, implementation: Implementation) -> None:
        """What an adapter declares, cell by cell."""
        self.say(implementation.name, "bold")
        for cell, lines in declared.cells(implementation):
            self._part(cell.upper(), style="bold")
            self._part("\n".join(lines), 4)
        self._part("\n".join(declared.beyond_cells(implementation)))


def total(verdicts: Sequence[Verdict], seconds: float, claims: int = len(CLAIMS)) -> str:
    """``60 claims: 50 holds, 10 not run; 40.0 s``."""
    counted = Counter(verdicts)
    counts = ", ".join(f"{counted[each]} {each}" for each in Verdict if counted[each])
    of = "" if len(verdicts) == claims else f" of {claims}"
    return f"{len(verdicts)}{of} claims{f': {counts}' if counts else ''}; {seconds:.1f} s"


def titled(name: str, versions: Mapping[str, str]) -> str:
    """``torch (torch 2.13.0)``; the name alone where no versions are told."""
    return f"{name} ({packages(versions)})" if versions else name


def packages(versions: Mapping[str, str]) -> str:
    """``torch 2.13.0, numpy 2.4.6``."""
    return ", ".join(f"{package} {number}" for package, number in versions.items())


def explain(outcome: Outcome) -> str:
    """A claim that failed: what it says, and the smallest case that shows it, as plain text."""
    text = StringIO()
    Screen(Console(file=text, width=96, color_system=None)).counterexample(outcome, "")
    return text.getvalue().rstrip()
