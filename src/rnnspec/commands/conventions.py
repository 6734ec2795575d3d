"""How adapters lay out weights."""

from __future__ import annotations

import click


@click.command(short_help="How adapters lay out weights.")
@click.argument("adapters", nargs=-1, metavar="[ADAPTER]...")
@click.option("--cell", type=click.Choice(["rnn", "lstm", "gru"]), help="One cell alone.")
@click.option(
    "-o", "--output", metavar="FILE", help="Write a page in Markdown there, of all cells."
)
def conventions(adapters: tuple[str, ...], cell: str | None, output: str | None) -> None:
    """Print the order of the gates, the shapes, biases and forms of ADAPTERs, or of all.

    No framework needs to be installed for it. 'rnnspec show --adapter NAME' tells more of one.
    """
    from rnnspec.catalogue import Unusable
    from rnnspec.commands.shared import screen
    from rnnspec.conventions import TITLES, declared, legend, page, rows, titles
    from rnnspec.usage import Usage
    from rnnspec.written import write

    if cell is not None and output is not None:
        raise click.UsageError("the page is of all cells: leave out --cell, or --output")
    try:
        said, silent = declared(adapters)
        if output is not None:
            write(output, lambda given: page(given[0]), [said])
    except (Unusable, Usage) as error:
        raise click.UsageError(str(error)) from None
    shown, cells = screen(), TITLES if cell is None else [cell]
    for each in () if output is not None else cells:
        if found := rows(each, said):
            shown.layouts(TITLES[each], titles(each), found, legend(each, said))
        elif cell is not None:
            shown.say(f"none of {', '.join(said)} has a {TITLES[each]}")
    for reason in silent:
        click.echo(reason, err=True)
