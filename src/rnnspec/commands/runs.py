"""Running claims on adapters, and the reports of runs."""

from __future__ import annotations

import sys
from typing import Any

import click

from rnnspec.commands.shared import STATUSES, of_processes, of_waivers, screen


@click.command(epilog=STATUSES, short_help="Run the claims on adapters.")
@click.argument("adapters", nargs=-1, metavar="[ADAPTER]...")
@click.option(
    "--only",
    metavar="PATTERN",
    multiple=True,
    help="Claims to run, by label: 'lstm.*'. May be given several times.",
)
@click.option(
    "--profile",
    type=click.Choice(["quick", "standard", "thorough", "nightly"]),
    default="standard",
    show_default=True,
    help=(
        "How many informative examples a claim needs to hold: 20, 100 or 1000, or a part of that. "
        "nightly is thorough with a new seed each time, and first tries again what it found before."
    ),
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="Which cases are drawn: the same seed, the same cases. [default: 0; nightly: a new one]",
)
@click.option("--json", "report", metavar="FILE", help="Write a report, as JSON lines.")
@click.option("--junit", metavar="FILE", help="Write a report, as JUnit XML.")
@click.option("--markdown", metavar="FILE", help="Write a report, as a comment in Markdown.")
@click.option("--html", metavar="FILE.html", help="Write a report, as a page for a browser.")
@click.option("--resume", is_flag=True, help="Go on with the report of --json, which was cut.")
@click.option("--strict", is_flag=True, help="Fail where a claim is inconclusive.")
@click.option(
    "--replays",
    metavar="FOLDER",
    default=".rnnspec",
    show_default=True,
    help="Where counterexamples are kept.",
)
@click.option("--waivers", metavar="FILE", help="Known divergences, waived by this file.")
@click.option(
    "--command",
    "commands",
    metavar="COMMAND",
    multiple=True,
    help="Run them on what this starts, which speaks the process protocol: 'node peer.mjs'.",
)
@of_processes
def run(**options: Any) -> None:
    """Run the claims on ADAPTERs, by default on every one that can be used here.

    An ADAPTER is one that 'rnnspec list' names, or a class of your own: package.module:Class.
    """
    from rnnspec.session import Session, Usage

    try:
        sys.exit(Session(screen(), **options).run())
    except Usage as error:
        raise click.UsageError(str(error)) from None


@click.command("report", epilog=STATUSES, short_help="Show a report, or write it otherwise.")
@click.argument("file")
@click.option("--junit", metavar="FILE", help="Write it as JUnit XML.")
@click.option("--markdown", metavar="FILE", help="Write it as a comment in Markdown.")
@click.option("-o", "--output", metavar="FILE.html", help="Write it as a page for a browser.")
@of_waivers
def report_(
    file: str, junit: str | None, markdown: str | None, output: str | None, waivers: str | None
) -> None:
    """Show the report in FILE (JSON lines) as a run prints it, or write it in other forms.

    The exit status is that of the run.
    """
    from pathlib import Path

    from rnnspec.parts import status_of
    from rnnspec.record import write
    from rnnspec.report_file import read
    from rnnspec.usage import PAGE, Usage, ending, reading

    try:
        with reading(file, "report"):
            parts = read(Path(file))
        page = None
        if output is not None:
            from rnnspec.html.page import page_with

            ending(output, PAGE)
            page = output, page_with(waivers)
        write(parts, junit, markdown, file, page)
    except Usage as error:
        raise click.UsageError(str(error)) from None
    shown = screen()
    for part in parts if (junit, markdown, output) == (None, None, None) else ():
        known = {name: part.header[name] for name in ("versions", "profile", "seed")}
        shown.heading(part.adapter, **known)
        outcomes = part.outcomes()
        shown.outcomes(outcomes)
        for outcome in outcomes:
            if outcome.case is not None:
                shown.counterexample(outcome, "")
    sys.exit(status_of(parts))
