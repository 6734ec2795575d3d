"""What several commands have in common: exit statuses, processes, the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rnnspec.console import Screen
    from rnnspec.source import Source

STATUSES = """
Exit status: 0 nothing failed; 1 a claim is violated or refused, or a waiver stale (with --strict
also: inconclusive); 2 wrong usage, a bad file, or a report that could not be written; 3 an
implementation raised an error, gave no numbers or could not be used; 130 interrupted, 143
terminated, 141 nobody reads the output. 1 wins over 3, and 3 over 2.
"""


def of_processes(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of what runs in a process of its own."""
    for option in (
        click.option(
            "--isolate",
            is_flag=True,
            help="Give an adapter a process of its own: a crash of its framework costs one case.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0, min_open=True),
            default=60.0,
            show_default=True,
            metavar="SECONDS",
            help="In which a process must answer.",
        ),
    ):
        command = option(command)
    return command


def of_waivers(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of pages that show what waivers name."""
    return click.option(
        "--waivers",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False),
        help="Show what waivers name on a page for a browser: paths start in this folder.",
    )(command)


def source_of(
    adapter: str | None, command: str | None, isolate: bool, timeout: float
) -> Source | None:
    """What is named, if anything. Raises UsageError where two are."""
    from rnnspec.source import Source

    if adapter is not None and command is not None:
        raise click.UsageError("name an adapter or a command, not both")
    if command is not None:
        return Source(command=command, timeout=timeout)
    return None if adapter is None else Source(adapter, isolate=isolate, timeout=timeout)


def screen() -> Screen:
    """The terminal."""
    from rnnspec.console import Screen

    return Screen()
