"""Reports of several implementations, side by side."""

from __future__ import annotations

import click

from rnnspec.commands.shared import of_waivers


@click.command("matrix", short_help="Put reports side by side.")
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the page there: FILE.md in Markdown, FILE.html for a browser.",
)
@of_waivers
def matrix_(reports: tuple[str, ...], output: str | None, waivers: str | None) -> None:
    """Write implementations by claims, as a page, from REPORTs (JSON lines).

    Of each adapter there must be one report, of a run that came to its end. Without --output the
    page is printed in Markdown. Where one in Markdown stands beside claims.md and bounds.md, it is
    linked with them.
    """
    import os.path
    import shlex

    from rnnspec.matrix import gathered
    from rnnspec.matrix_markdown import page, page_in
    from rnnspec.usage import PAGE, Usage, ending
    from rnnspec.written import write

    try:
        parts = gathered(reports)
        if output is None:
            click.echo(page(parts), nl=False)
            return
        if os.path.realpath(output) in map(os.path.realpath, reports):
            raise Usage(f"{shlex.quote(output)} is a report: give the page a file of its own")
        form = ending(output, {".md": "Markdown", **PAGE})
        if form == ".md":
            write(output, page_in(output), parts)
        else:
            from rnnspec.html.page import page_with

            write(output, page_with(waivers), parts)
    except Usage as error:
        raise click.UsageError(str(error)) from None
