"""A run from the command line: adapters one after another, printed, kept and reported."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnspec import catalogue, interruption, waiver_file
from rnnspec.console import Screen
from rnnspec.parts import Part, complete
from rnnspec.record import Record
from rnnspec.reference.implementation import Implementation
from rnnspec.replay import encode, keep
from rnnspec.report import Line, footer_of, header_of, line_of
from rnnspec.reproduce import sayable
from rnnspec.resume import agree, begun
from rnnspec.runner import exit_status, kept_of, run, seed_of, selected, versions_of
from rnnspec.source import TIMEOUT, Source
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from rnnspec.usage import PAGE, ending, reading
from rnnspec.usage import Usage as Usage
from rnnspec.waivers import Waiver, applying
from rnnspec.written import Form, forms


def waivers_of(path: str | None, run: Iterable[str] | None = None) -> list[Waiver]:
    """What a waiver file holds, if there is one, for adapters known or run; where it isn't known
    which are, for any. Raises Usage.
    """
    if path is None:
        return []
    with reading(path, "waiver file"):
        known = None if run is None else dict.fromkeys([*catalogue.names(), *run])
        return waiver_file.read(Path(path), known)


class Session:
    """Everything that one ``rnnspec run`` was asked for. Raises Usage where it can't be done."""

    def __init__(
        self,
        screen: Screen,
        *,
        adapters: tuple[str, ...] = (),
        commands: tuple[str, ...] = (),
        isolate: bool = False,
        timeout: float = TIMEOUT,
        only: Iterable[str] = (),
        profile: str = "standard",
        seed: int | None = None,
        report: str | None = None,
        junit: str | None = None,
        markdown: str | None = None,
        html: str | None = None,
        resume: bool = False,
        strict: bool = False,
        replays: str = ".rnnspec",
        waivers: str | None = None,
    ) -> None:
        if resume and report is None:
            raise Usage("--resume goes on with a report: name its file with --json FILE")
        if not selected(only):
            patterns = " or ".join(map(repr, only))
            raise Usage(f"no claim matches {patterns}: 'rnnspec list' names them all")
        self.implementations: list[Implementation] = []
        self.sources: dict[str, Source] = {}
        named = [Source(adapter=each, isolate=isolate, timeout=timeout) for each in adapters]
        named += [Source(command=each, timeout=timeout) for each in commands]
        here = [Source(each, isolate=isolate, timeout=timeout) for each in catalogue.usable()]
        for source in dict.fromkeys(named or here):
            try:
                loaded = source.load()
            except catalogue.Unusable as error:
                if named:
                    raise Usage(str(error)) from None
                screen.say(f"skipped: {error}")
                continue
            if not source.owns(loaded):
                raise Usage(
                    f"{source} calls itself {loaded.name!r}, which is another adapter's name: "
                    "give it a name of its own"
                )
            # two of them may be one implementation: keras, and the backend that it is set to
            if loaded.name not in self.sources:
                self.implementations.append(loaded)
                self.sources[loaded.name] = source
        self.screen, self.only, self.profile = screen, only, profile
        self.strict, self.replays, self.path = strict, Path(replays), report
        self.waivers = waivers_of(waivers, (each.name for each in self.implementations))
        parts, kept = begun(report) if resume and report is not None else ([], 0)
        if seed is None and parts:
            seed = parts[0].header["seed"]
        self.seed = seed_of(profile, seed)
        self._same(parts)
        page = None
        if html is not None:
            from rnnspec.html.page import page_with

            ending(html, PAGE)
            page = html, page_with(None if waivers is None else str(Path(waivers).parent))
        self.record = Record(parts, forms(junit, markdown, report, kept, page), self._lost)
        self.verdicts: list[Verdict] = []

    def run(self) -> int:
        """Run them all: the exit status."""
        self.record.open()
        try:
            if complete(self.record.parts):
                self.screen.say(f"{self.path} is complete: nothing is left to run")
            for implementation in self.implementations:
                self._one(implementation)
        finally:
            self.record.close()
        status = exit_status(self.verdicts, strict=self.strict)
        return 2 if status == 0 and self.record.unwritten else status

    def _header(self, implementation: Implementation, versions: Mapping[str, str]) -> Line:
        return header_of(
            implementation,
            versions,
            adapters=[each.name for each in self.implementations],
            only=self.only,
            profile=self.profile,
            seed=self.seed,
            strict=self.strict,
        )

    def _same(self, parts: Sequence[Part]) -> None:
        """Whether a report that is gone on with is one of this run. Raises Usage."""
        for part, implementation in zip(parts, self.implementations, strict=False):
            now = self._header(implementation, versions_of(implementation))
            agree(str(self.path), part.header, now)

    def _one(self, implementation: Implementation) -> None:
        started = time.monotonic()
        part = self.record.part_of(implementation.name)
        if part is not None and part.footer is not None:
            self.verdicts += part.verdicts
            if not complete(self.record.parts):
                self.screen.say(f"{part.adapter} is complete in {self.path}: it is not run again")
            return
        versions = versions_of(implementation)
        if part is None:
            part = self.record.begin(self._header(implementation, versions))
        self.screen.heading(implementation.name, versions, self.profile, self.seed)
        waivers, notes = applying(self.waivers, implementation, versions)
        for label in selected(self.only):
            if label in notes:
                self.screen.say(notes[label])
        outcomes = part.outcomes()
        before = part.seconds
        if outcomes:
            self.screen.say(f"{len(outcomes)} claims are in {self.path}: they are not run again")
        kept: list[tuple[Outcome, str]] = []
        for outcome in outcomes:
            data = encode(outcome, implementation.name, versions)
            kept += [(outcome, self._kept(data, implementation))] if data else []
        interrupted: KeyboardInterrupt | None = None
        current: Outcome | None = None

        def reached(outcome: Outcome) -> None:
            # it is written and kept at once, and whole: nobody may be reading what is printed
            with interruption.held():
                outcomes.append(outcome)
                data = encode(outcome, implementation.name, versions)
                waiver = waivers.get(outcome.claim.id)
                said = None if waiver is None else waiver.as_dict()
                self.record.add(line_of(outcome, self.profile, data, said))
                kept.extend([(outcome, self._kept(data, implementation))] if data else [])

        with self.screen.bar(len(CLAIMS)) as bar:
            (task,) = bar.task_ids
            bar.advance(task, len(outcomes))

            def progress(outcome: Outcome) -> None:
                nonlocal current
                current = outcome
                interruption.check()
                bar.update(task, description=outcome.claim.id)

            claims = run(
                implementation,
                only=self.only,
                profile=self.profile,
                seed=self.seed,
                waivers=waivers,
                progress=progress,
                kept=kept_of(self.profile, self.replays),
                reached={outcome.claim.id for outcome in outcomes},
            )
            try:
                for outcome in claims:
                    reached(outcome)
                    bar.advance(task)
            except KeyboardInterrupt as stop:
                interrupted = stop
                known = [*waivers, *(outcome.claim.id for outcome in outcomes)]
                if current and current.case and current.claim.id not in known:
                    reached(current)  # it failed already, and was being made smaller or explained
        self.verdicts += part.verdicts
        status = exit_status(part.verdicts, strict=self.strict)
        if interrupted:
            status = interrupted.args[0] if interrupted.args else 130
        self.record.end(footer_of(part.verdicts, before + time.monotonic() - started, status))
        self.screen.outcomes(outcomes)
        for outcome, again in kept:
            self.screen.counterexample(outcome, again)
        if interrupted:
            raise interrupted

    def _kept(self, data: Mapping[str, Any], implementation: Implementation) -> str:
        """Keep a counterexample; the line that replays it, and the one that makes a script of it,
        if it can be said without us.
        """
        try:
            file = shlex.quote(str(keep(data, self.replays)))
        except OSError as error:
            return f"This counterexample could not be kept ({error})."
        source = self.sources[data["adapter"]]
        lines = [" ".join(["rnnspec replay", file, *source.again(data["adapter"])])]
        if sayable(data, implementation):
            words = Source(source.adapter, source.command).again(data["adapter"])
            lines.append(" ".join(["rnnspec reproduce", file, *words, "--framework-only"]))
        return "\n".join(lines)

    def _lost(self, form: Form, error: OSError) -> None:
        reason = error.strerror or str(error)
        self.screen.say(f"{form.name} cannot be written any further: {reason}", "bold red")
