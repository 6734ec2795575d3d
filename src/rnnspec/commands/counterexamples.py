"""What a run kept of a failure, tried again."""

from __future__ import annotations

import shlex
import sys

import click

from rnnspec.commands.shared import STATUSES, of_processes, screen, source_of


@click.command(epilog=STATUSES)
@click.argument("file")
@click.option("--adapter", metavar="NAME", help="Replay it on another adapter.")
@click.option("--command", metavar="COMMAND", help="Replay it on what this starts.")
@of_processes
def replay(
    file: str, adapter: str | None, command: str | None, isolate: bool, timeout: float
) -> None:
    """Try the counterexample in FILE again."""
    from pathlib import Path

    from rnnspec import catalogue
    from rnnspec.console import packages, titled
    from rnnspec.reference.encoding import Malformed
    from rnnspec.reference.network import InvalidCase
    from rnnspec.replay import read
    from rnnspec.replay import replay as again
    from rnnspec.runner import exit_status, versions_of
    from rnnspec.source import Source

    shown = screen()
    try:
        data = read(Path(file))
        named = source_of(adapter, command, isolate, timeout)
        source = named or Source(data["adapter"], isolate=isolate, timeout=timeout)
        implementation = source.load()
        outcome = again(data, implementation)
    except OSError as error:
        raise click.UsageError(
            f"{shlex.quote(file)} cannot be read: {error.strerror or error}"
        ) from None
    except (Malformed, InvalidCase) as error:
        raise click.UsageError(f"{shlex.quote(file)} is no replay file: {error}") from None
    except catalogue.Unusable as error:
        raise click.UsageError(str(error)) from None
    versions = versions_of(implementation)
    on = packages(versions) or implementation.name
    if outcome.case is None:
        reason = f": {outcome.reason}" if outcome.reason else ""
        used = f", {outcome.used:.2f} of the bound used" if outcome.used else ""
        shown.say(f"{outcome.verdict}: {outcome.claim.id} on {on}{used}{reason}")
    else:
        shown.say(titled(implementation.name, versions), "bold")
        words = ["rnnspec replay", shlex.quote(file), *source.again(data["adapter"])]
        shown.counterexample(outcome, " ".join(words))
    sys.exit(exit_status([outcome.verdict]))
