"""Runs a study from its hypothesis to its verdict."""

from __future__ import annotations

from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rnnspec.console import Screen
from rnnspec.studies import found
from rnnspec.studies.interval import Effect
from rnnspec.studies.journal import Journal
from rnnspec.studies.picture import drawn
from rnnspec.studies.scheduler import spread
from rnnspec.studies.study import Study
from rnnspec.studies.work import trainer, work
from rnnspec.usage import Usage, reading

THEMES = ("light", "dark")


def run(
    label: str,
    screen: Screen,
    *,
    quick: bool,
    adapter: str,
    seeds: int | None,
    processes: int,
    scheduler: str | None,
    folder: Path,
    resume: bool,
) -> str:
    """The verdict. Raises Usage, or Unusable."""
    study = found(label)
    used = trainer(adapter)
    jobs = study.jobs(quick, adapter, seeds)
    journal = Journal.of(folder, study, quick, adapter, len({job.seed for job in jobs}))
    tell(study, screen)
    try:
        with reading(str(journal.file), "study that can be gone on with"):
            journal.begin(dict(used.versions()), resume)
        left = journal.left(jobs)
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        with Progress(*columns, console=screen.console, transient=True) as progress:
            bar = progress.add_task(label, total=len(jobs), completed=len(jobs) - len(left))
            for _, done in spread(work, left, processes, scheduler):
                journal.add(done)
                progress.advance(bar)
        effects = study.effects(journal.done)
        verdict = effects[0].verdict(study.hypothesis.least)
        journal.end(effects, verdict)
        for theme in THEMES:
            picture = drawn(study, journal.done, effects, theme)
            (folder / f"{label}-{theme}.svg").write_text(picture, encoding="utf-8")
    except OSError as error:
        raise Usage(f"{folder} cannot be written: {error.strerror or error}") from None
    conclude(study, effects, verdict, screen)
    if quick:
        screen.say("quick: it shows that the study runs, and decides nothing")
    screen.say(f"written: {journal.file}")
    return verdict


def tell(study: Study, screen: Screen) -> None:
    """The hypothesis, before anything is run."""
    screen.say(study.label, "bold")
    asked = study.hypothesis
    screen.say(asked.statement)
    screen.say(f"measured: {asked.measure}")
    screen.say(f"for it speaks: {asked.effect}, at least {asked.least:+g}")


def conclude(study: Study, effects: list[Effect], verdict: str, screen: Screen) -> None:
    """What came out, and under which conditions."""
    for effect in effects:
        screen.say(f"  {effect}")
    screen.say(f"{verdict}: {study.label}", "bold")
    screen.say(f"on: {study.hypothesis.conditions}")
