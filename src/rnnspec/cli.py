"""The command line. What a command needs is imported when it is called, and not before."""

from __future__ import annotations

import errno
import os
import shlex
import sys
import tempfile
from collections.abc import Callable
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from rnnspec import interruption

if TYPE_CHECKING:
    from rnnspec.console import Screen
    from rnnspec.source import Source

STATUSES = """
Exit status: 0 nothing failed; 1 a claim is violated or refused, or a waiver stale (with --strict
also: inconclusive); 2 wrong usage, a bad file, or a report that could not be written; 3 an
implementation raised an error, gave no numbers or could not be used; 130 interrupted, 143
terminated, 141 nobody reads the output. 1 wins over 3, and 3 over 2.
"""

ANSWERED = """
Exit status: 0 all that was answered holds; 1 a vector is violated (with --strict also: refused, or
not answered); 2 wrong usage, a bad set of vectors, or answers to none of them; 3 what is no answer:
no JSON, a wrong shape, NaN, an error; 130 interrupted, 143 terminated, 141 nobody reads the output.
1 wins over 3, and 3 over 2.
"""


def _of_processes(command: Callable[..., Any]) -> Callable[..., Any]:
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


@click.group(epilog=STATUSES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rnnspec", message="%(prog)s %(version)s")
def rnnspec() -> None:
    """Hold recurrent layers (RNN, LSTM, GRU) to their specification."""


@rnnspec.command(epilog=STATUSES, short_help="Run the claims on adapters.")
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
@_of_processes
def run(**options: Any) -> None:
    """Run the claims on ADAPTERs, by default on every one that can be used here.

    An ADAPTER is one that 'rnnspec list' names, or a class of your own: package.module:Class.
    """
    from rnnspec.session import Session, Usage

    try:
        sys.exit(Session(screen(), **options).run())
    except Usage as error:
        raise click.UsageError(str(error)) from None


@rnnspec.command("report", epilog=STATUSES, short_help="Show a report, or write it otherwise.")
@click.argument("file")
@click.option("--junit", metavar="FILE", help="Write it as JUnit XML.")
@click.option("--markdown", metavar="FILE", help="Write it as a comment in Markdown.")
def report_(file: str, junit: str | None, markdown: str | None) -> None:
    """Show the report in FILE (JSON lines) as a run prints it, or write it in other forms.

    The exit status is that of the run.
    """
    from pathlib import Path

    from rnnspec.parts import status_of
    from rnnspec.record import write
    from rnnspec.report_file import read
    from rnnspec.usage import Usage, reading

    try:
        with reading(file, "report"):
            parts = read(Path(file))
        write(parts, junit, markdown, file)
    except Usage as error:
        raise click.UsageError(str(error)) from None
    shown = screen()
    for part in parts if junit is None and markdown is None else ():
        known = {name: part.header[name] for name in ("versions", "profile", "seed")}
        shown.heading(part.adapter, **known)
        outcomes = part.outcomes()
        shown.outcomes(outcomes)
        for outcome in outcomes:
            if outcome.case is not None:
                shown.counterexample(outcome, "")
    sys.exit(status_of(parts))


@rnnspec.command("list")
def list_() -> None:
    """List the claims, and the adapters."""
    from rnnspec import catalogue
    from rnnspec.spec.claims import CLAIMS

    shown = screen()
    shown.listing(CLAIMS)
    words = [f"{name} ({why})" if why else name for name, why in catalogue.known().items()]
    shown.say(f"\nadapters: {', '.join(words)}")


@rnnspec.command(short_help="Show one claim, or one adapter, whole.")
@click.argument("claim", required=False)
@click.option("--adapter", metavar="NAME", help="Show what this adapter declares.")
@click.option("--command", metavar="COMMAND", help="Show what the process declares.")
@_of_processes
def show(
    claim: str | None, adapter: str | None, command: str | None, isolate: bool, timeout: float
) -> None:
    """Show a CLAIM: what it says, how it is seen, and where the card is imprecise.

    Or an adapter: how it lays out weights, and what it offers. With both, also whether the claim
    applies to the adapter.
    """
    from rnnspec import catalogue, declared
    from rnnspec.runner import unknown_claim
    from rnnspec.spec.claims import CLAIMS

    source = _source(adapter, command, isolate, timeout)
    if claim is None and source is None:
        raise click.UsageError("name a CLAIM, an adapter (--adapter NAME), or both")
    if claim is not None and claim not in CLAIMS:
        raise click.UsageError(unknown_claim(claim))
    try:
        implementation = None if source is None else source.load()
    except catalogue.Unusable as error:
        raise click.UsageError(str(error)) from None
    shown = screen()
    if claim is not None:
        shown.claim(CLAIMS[claim])
        shown.say("")
    if implementation is not None:
        shown.adapter(implementation)
        if claim is not None:
            shown.say(f"\n{declared.applies(CLAIMS[claim], implementation)}", "bold")


@rnnspec.command(short_help="Where the cards are imprecise.")
@click.argument("pattern", required=False)
def errata(pattern: str | None) -> None:
    """Print all errata, card by card; or those of the claims whose labels match PATTERN."""
    from rnnspec.runner import selected
    from rnnspec.spec.claims import CLAIMS

    labels = selected(pattern)
    if not labels:
        raise click.UsageError(f"no claim matches {pattern!r}: 'rnnspec list' names them all")
    claims = [CLAIMS[label] for label in labels if CLAIMS[label].errata]
    if not claims:
        raise click.UsageError(f"no claim that matches {pattern!r} has an erratum")
    screen().errata(claims)


@rnnspec.command(epilog=STATUSES)
@click.argument("file")
@click.option("--adapter", metavar="NAME", help="Replay it on another adapter.")
@click.option("--command", metavar="COMMAND", help="Replay it on what this starts.")
@_of_processes
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
        named = _source(adapter, command, isolate, timeout)
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


@rnnspec.command("vectors", short_help="Write cases with their answers, as files.")
@click.argument("folder", metavar="DIR")
def vectors_(folder: str) -> None:
    """Write the vectors to DIR: cases, what is expected of each, and what an answer may be off.

    They are for layers that no Python runs. docs/vectors.md says how they are answered.
    """
    from pathlib import Path

    from rnnspec import vectors
    from rnnspec.reference.encoding import Malformed
    from rnnspec.vector_plan import plan

    named = shlex.quote(folder)
    try:
        written = vectors.write(Path(folder), plan())
    except OSError as error:
        raise click.UsageError(f"{named} cannot be written: {error.strerror or error}") from None
    except Malformed as error:
        raise click.UsageError(f"{named} is no place for vectors: {error}") from None
    screen().say(f"{written} vectors written to {folder}")


@rnnspec.command("check-answers", epilog=ANSWERED, short_help="Judge answers to the vectors.")
@click.argument("folder", metavar="DIR")
@click.argument("answers", metavar="ANSWERS")
@click.option(
    "--level",
    type=click.Choice(["relative", "absolute"]),
    default="relative",
    show_default=True,
    help="What sigmoid and tanh may be off: a share of their value, or of full scale.",
)
@click.option("--strict", is_flag=True, help="Fail where a vector is refused or not answered.")
@click.option(
    "--show",
    "shown",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    metavar="N",
    help="How many violations are shown whole, the smallest first.",
)
def check_answers(folder: str, answers: str, level: str, strict: bool, shown: int) -> None:
    """Judge the answers in the folder ANSWERS to the vectors in DIR.

    The answer to DIR/NAME.json is ANSWERS/NAME.json.
    """
    from pathlib import Path

    from rnnspec import vectors
    from rnnspec.answers import exit_status, judged, others
    from rnnspec.answers_shown import show
    from rnnspec.reference.declaration import LEVELS
    from rnnspec.reference.encoding import Malformed

    asked, given = Path(folder), Path(answers)
    try:
        known = vectors.read(asked)
    except OSError as error:
        told = f"{shlex.quote(folder)} cannot be read: {error.strerror or error}"
        raise click.UsageError(told) from None
    except Malformed as error:
        raise click.UsageError(f"{shlex.quote(folder)} is no set of vectors: {error}") from None
    try:
        strays = others(given, known)
        found = list(judged(given, known, LEVELS[level]))
    except OSError as error:
        told = f"{shlex.quote(answers)} cannot be read: {error.strerror or error}"
        raise click.UsageError(told) from None
    except Malformed as error:
        raise click.UsageError(f"{shlex.quote(answers)} {error}") from None
    show(screen(), found, strays, shown)
    sys.exit(exit_status(found, strays, strict=strict))


def _source(
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


def main() -> None:
    """The program. Ctrl-C is 130, being terminated 143; a reader that went away is no error."""
    interruption.listen()
    # one thread for NumPy's products, too: it reads this when it is first imported
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    # Hypothesis would keep notes on the sources that it has read in the user's folder
    notes = os.path.join(tempfile.gettempdir(), "rnnspec-hypothesis")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", notes)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a letter that the output has not is no error
            stream.reconfigure(errors="backslashreplace")
    try:
        rnnspec.main(prog_name="rnnspec", standalone_mode=False)
        if sys.stdout is not None:  # it may have been closed
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as stop:
        click.echo("interrupted", err=True)
        status = (stop.__cause__ or stop).args  # click makes an Abort of it
        sys.exit(status[0] if status else 130)
    except BrokenPipeError:
        _give_up_output()
        sys.exit(141)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        _give_up_output()
        click.echo(f"Error: the output cannot be written: {error.strerror or error}", err=True)
        sys.exit(2)


def _give_up_output() -> None:
    """What is still to be written is dropped, or Python would complain of it at its end."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
