"""What a run kept of a failure: tried again, or written as a script."""

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


@click.command(short_help="Write the counterexample in FILE as a Python script.")
@click.argument("file")
@click.option("--framework-only", is_flag=True, help="A script that does not need rnnspec.")
@click.option("-o", "--output", metavar="FILE.py", help="Write it there, and not to the screen.")
@click.option("--adapter", metavar="NAME", help="Write it for another adapter.")
@click.option("--command", metavar="COMMAND", help="Write it for what this starts.")
@click.option("--claim", metavar="CLAIM", help="Of which claim, where FILE is the report of a run.")
def reproduce(
    file: str,
    framework_only: bool,
    output: str | None,
    adapter: str | None,
    command: str | None,
    claim: str | None,
) -> None:
    """Print a Python script that shows the counterexample in FILE.

    With --framework-only it is one for those who maintain the framework, in its own words: the
    call, and the number that is not what it must be. What --command starts writes it in its own
    language.
    """
    from pathlib import Path

    from rnnspec import catalogue
    from rnnspec.replay import decoded_comparison, read
    from rnnspec.report_file import counterexample as reported
    from rnnspec.reproduce import Unsaid, alone, with_us
    from rnnspec.source import TIMEOUT, Source
    from rnnspec.usage import Usage, reading

    try:
        with reading(file, "replay file" if claim is None else "report"):
            data = read(Path(file)) if claim is None else reported(Path(file), claim, adapter)
            if data is None:
                raise Usage(f"{shlex.quote(file)} has no counterexample of {claim}")
            comparison = decoded_comparison(data.get("comparison"))
        source = source_of(adapter, command, False, TIMEOUT) or Source(data["adapter"])
        if framework_only:
            code = alone(data, comparison, source.load())
        else:
            if source.adapter is not None:
                catalogue.found(source.adapter)  # it need not be usable here, but known
            code = with_us(data, source)
    except Unsaid as error:
        raise click.UsageError(
            f"{shlex.quote(file)} is not said without rnnspec: {error}"
        ) from None
    except (Usage, catalogue.Unusable) as error:
        raise click.UsageError(str(error)) from None
    if output is None:
        click.echo(code, nl=False)
        return
    try:
        Path(output).write_text(code, encoding="utf-8")
    except OSError as error:
        told = f"{shlex.quote(output)} cannot be written: {error.strerror or error}"
        raise click.UsageError(told) from None
