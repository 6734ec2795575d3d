"""A run from the command line: adapters one after another, printed, kept and reported."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnnspec import catalogue, interruption, waiver_file
from rnnspec.console import Screen
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.implementation import Implementation
from rnnspec.replay import encode, save
from rnnspec.report import Report
from rnnspec.runner import exit_status, kept_of, run, seed_of, selected, versions_of
from rnnspec.source import TIMEOUT, Source
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from rnnspec.waivers import Waiver, applying


class Usage(Exception):
    """Wrong usage, in a sentence."""


def waivers_of(path: str | None, run: Iterable[str] | None = None) -> list[Waiver]:
    """What a waiver file holds, if there is one, for adapters known or run; where it isn't known
    which are, for any. Raises Usage.
    """
    if path is None:
        return []
    try:
        known = None if run is None else dict.fromkeys([*catalogue.names(), *run])
        return waiver_file.read(Path(path), known)
    except OSError as error:
        told = f"{shlex.quote(path)} cannot be read: {error.strerror or error}"
    except Malformed as error:
        told = f"{shlex.quote(path)} is no waiver file: {error}"
    raise Usage(told)


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
        strict: bool = False,
        replays: str = ".rnnspec",
        waivers: str | None = None,
    ) -> None:
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
        self.seed = seed_of(profile, seed)
        self.strict, self.replays, self.path = strict, Path(replays), report
        self.waivers = waivers_of(waivers, (each.name for each in self.implementations))
        self.verdicts: list[Verdict] = []
        self.report: Report | None = None
        self.unwritten = False

    def run(self) -> int:
        """Run them all: the exit status."""
        if self.path is not None:
            try:
                self.report = Report(open(self.path, "w", encoding="utf-8"))  # noqa: SIM115
            except OSError as error:
                raise Usage(
                    f"{shlex.quote(self.path)} cannot be written: {error.strerror}"
                ) from None
        try:
            for implementation in self.implementations:
                self._one(implementation)
        finally:
            self._write("close")
        status = exit_status(self.verdicts, strict=self.strict)
        return 2 if status == 0 and self.unwritten else status

    def _one(self, implementation: Implementation) -> None:
        started = time.monotonic()
        versions = versions_of(implementation)
        self._write("begin", implementation, versions, self.profile, self.seed)
        self.screen.heading(implementation.name, versions, self.profile, self.seed)
        waivers, notes = applying(self.waivers, implementation, versions)
        for label in selected(self.only):
            if label in notes:
                self.screen.say(notes[label])
        outcomes: list[Outcome] = []
        failures: list[tuple[Outcome, Mapping[str, Any]]] = []
        interrupted: KeyboardInterrupt | None = None
        current: Outcome | None = None

        def reached(outcome: Outcome) -> None:
            outcomes.append(outcome)
            data = encode(outcome, implementation.name, versions)
            failures.extend([(outcome, data)] if data else [])
            waiver = waivers.get(outcome.claim.id)
            self._write("add", outcome, self.profile, data, waiver and waiver.as_dict())

        with self.screen.bar(len(CLAIMS)) as bar:
            (task,) = bar.task_ids

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
            )
            try:
                for outcome in claims:
                    reached(outcome)
                    bar.advance(task)
            except KeyboardInterrupt as stop:
                interrupted = stop
                begun = current is not None and all(current is not each for each in outcomes)
                if current and current.case and begun and current.claim.id not in waivers:
                    reached(current)  # it failed already, and was being made smaller or explained
        verdicts = [outcome.verdict for outcome in outcomes]
        self.verdicts += verdicts
        status = exit_status(verdicts, strict=self.strict)
        if interrupted:
            status = interrupted.args[0] if interrupted.args else 130
        # what is kept comes first: nobody may be reading what is printed
        self._write("end", time.monotonic() - started, status)
        source = self.sources[implementation.name]
        kept = [(outcome, self._kept(data, source)) for outcome, data in failures]
        self.screen.outcomes(outcomes)
        for outcome, again in kept:
            self.screen.counterexample(outcome, again)
        if interrupted:
            raise interrupted

    def _kept(self, data: Mapping[str, Any], source: Source) -> str:
        """Keep a counterexample; the line that replays it."""
        for folder in (self.replays, Path(tempfile.gettempdir()) / "rnnspec"):
            try:
                words = ["rnnspec replay", shlex.quote(str(save(data, folder)))]
                return " ".join([*words, *source.again(data["adapter"])])
            except OSError as error:
                why = f"{folder}: {error.strerror or error}"
        return f"This counterexample could not be kept ({why})."

    def _write(self, part: str, *values: Any) -> None:
        """A part of the report. A disk that is full ends the report, not the run."""
        if self.report is None:
            return
        try:
            getattr(self.report, part)(*values)
        except OSError as error:
            reason = error.strerror or str(error)
            self.screen.say(f"{self.path} cannot be written any further: {reason}", "bold red")
            with suppress(OSError):
                self.report.close()
            self.report, self.unwritten = None, True
