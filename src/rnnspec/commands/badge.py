"""A report in a few words."""

from __future__ import annotations

import click

WRITTEN = """
Exit status: 0 the badge is written, whatever it says; 2 wrong usage, a bad file, or a badge that
could not be written. 'rnnspec report' has the exit status of the run.
"""


@click.command("badge", epilog=WRITTEN, short_help="Draw a badge of a report.")
@click.argument("file")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write it there: FILE.svg is a picture, FILE.json data for shields.io's endpoint.",
)
@click.option("--adapter", metavar="NAME", help="Of this adapter alone.")
def badge_(file: str, output: str | None, adapter: str | None) -> None:
    """Say in a few words what the report in FILE (JSON lines) tells: '53 hold', '2 violated'.

    Without --output the picture is printed.
    """
    import os.path
    import shlex
    from pathlib import Path

    from rnnspec.badge import badge, endpoint, svg
    from rnnspec.report_file import read
    from rnnspec.usage import Usage, ending, reading
    from rnnspec.written import write

    try:
        with reading(file, "report"):
            parts = read(Path(file))
        names = [part.adapter for part in parts]
        if adapter is not None and adapter not in names:
            known = ", ".join(names)
            raise Usage(f"{shlex.quote(file)} tells nothing of {adapter!r}: use one of {known}")
        made = badge(parts, adapter)
        if output is None:
            click.echo(svg(made), nl=False)
            return
        if os.path.realpath(output) == os.path.realpath(file):
            raise Usage(f"{shlex.quote(output)} is the report: give the badge a file of its own")
        form = ending(output, {".svg": "a picture", ".json": "data for a service that draws it"})
        write(output, lambda _: svg(made) if form == ".svg" else endpoint(made), parts)
    except Usage as error:
        raise click.UsageError(str(error)) from None
