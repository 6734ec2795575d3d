"""What is claimed, and of whom."""

from __future__ import annotations

import click

from rnnspec.commands.shared import of_processes, screen, source_of


@click.command("list")
def list_() -> None:
    """List the claims, and the adapters."""
    from rnnspec import catalogue
    from rnnspec.spec.claims import CLAIMS

    shown = screen()
    shown.listing(CLAIMS)
    words = [f"{name} ({why})" if why else name for name, why in catalogue.known().items()]
    shown.say(f"\nadapters: {', '.join(words)}")


@click.command(short_help="Show one claim, or one adapter, whole.")
@click.argument("claim", required=False)
@click.option("--adapter", metavar="NAME", help="Show what this adapter declares.")
@click.option("--command", metavar="COMMAND", help="Show what the process declares.")
@of_processes
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

    source = source_of(adapter, command, isolate, timeout)
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


@click.command(short_help="Where the cards are imprecise.")
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
