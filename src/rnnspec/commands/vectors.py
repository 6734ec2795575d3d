"""Cases as files, for layers that no Python runs, and the judge of their answers."""

from __future__ import annotations

import shlex
import sys

import click

from rnnspec.commands.shared import screen

ANSWERED = """
Exit status: 0 all that was answered holds; 1 a vector is violated (with --strict also: refused, or
not answered); 2 wrong usage, a bad set of vectors, or answers to none of them; 3 what is no answer:
no JSON, a wrong shape, NaN, an error; 130 interrupted, 143 terminated, 141 nobody reads the output.
1 wins over 3, and 3 over 2.
"""


@click.command("vectors", short_help="Write cases with their answers, as files.")
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


@click.command("check-answers", epilog=ANSWERED, short_help="Judge answers to the vectors.")
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
