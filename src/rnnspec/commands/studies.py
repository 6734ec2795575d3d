"""The findings, tried as experiments."""

from __future__ import annotations

import click

from rnnspec.commands.shared import screen


@click.command("study", short_help="Try a finding, as an experiment.")
@click.argument("label", required=False)
@click.option("--quick", is_flag=True, help="Small, to see that it runs: it decides nothing.")
@click.option(
    "--adapter", default="torch", show_default=True, metavar="NAME", help="What does the training."
)
@click.option(
    "--seeds", type=click.IntRange(2), metavar="N", help="Runs of each setting. [default: its own]"
)
@click.option(
    "--jobs",
    "processes",
    type=click.IntRange(1),
    metavar="N",
    help="Processes at a time. [default: one for each core]",
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that does the work instead.")
@click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    default="findings",
    show_default=True,
    help="Where results and pictures are written.",
)
@click.option("--resume", is_flag=True, help="Go on with a study that was cut.")
def study(
    label: str | None,
    quick: bool,
    adapter: str,
    seeds: int | None,
    processes: int | None,
    scheduler: str | None,
    folder: str,
    resume: bool,
) -> None:
    """Try the finding LABEL: train networks, and say whether the card is supported.

    Without a LABEL the studies are listed. What comes out is no verdict on any implementation: the
    exit status is 0 whatever it is.
    """
    import os
    from pathlib import Path

    from rnnspec.catalogue import Unusable
    from rnnspec.studies import HOMES, found
    from rnnspec.studies.run import run
    from rnnspec.usage import Usage

    shown = screen()
    if label is None:
        for name in HOMES:
            shown.say(f"{name}: {found(name).hypothesis.statement}")
        return
    if label not in HOMES:
        raise click.UsageError(f"there is no study {label!r}: use one of {', '.join(HOMES)}")
    try:
        run(
            label,
            shown,
            quick=quick,
            adapter=adapter,
            seeds=seeds,
            processes=processes or os.cpu_count() or 1,
            scheduler=scheduler,
            folder=Path(folder),
            resume=resume,
        )
    except (Usage, Unusable) as error:
        raise click.UsageError(str(error)) from None
