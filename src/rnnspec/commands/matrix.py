"""Reports of several implementations, side by side."""

from __future__ import annotations

import click


@click.command("matrix", short_help="Put reports side by side.")
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@click.option("-o", "--output", metavar="FILE", help="Write the page there, not to the terminal.")
def matrix_(reports: tuple[str, ...], output: str | None) -> None:
    """Write implementations by claims, as a page in Markdown, from REPORTs (JSON lines).

    Of each adapter there must be one report, of a run that came to its end. Where the page stands
    beside claims.md and bounds.md, it is linked with them.
    """
    import os.path
    import shlex

    from rnnspec.matrix import gathered
    from rnnspec.matrix_markdown import page, page_in
    from rnnspec.usage import Usage
    from rnnspec.written import write

    try:
        parts = gathered(reports)
        if output is None:
            click.echo(page(parts), nl=False)
            return
        if os.path.realpath(output) in map(os.path.realpath, reports):
            raise Usage(f"{shlex.quote(output)} is a report: give the page a file of its own")
        write(output, page_in(output), parts)
    except Usage as error:
        raise click.UsageError(str(error)) from None
