"""The claims of a page: what each says, how it is seen, and where cards are imprecise."""

from __future__ import annotations

from itertools import groupby

from rnnspec.html.text import Row, escaped, listed
from rnnspec.pages import heading, told
from rnnspec.runner import FINDING
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict


def claims() -> str:
    """All of them, in the order of the cards."""
    return "\n".join(
        f"<section><h3>{escaped(title)}</h3>{''.join(map(_one, found))}</section>"
        for title, found in groupby(CLAIMS.values(), key=heading)
    )


def place(label: str) -> str:
    """Where a claim stands in its page."""
    return f"claim.{label}"


def _one(claim: Claim) -> str:
    literature = "".join(f"<li>{escaped(each)}</li>" for each in claim.literature)
    said = "It is said" if claim.under == "none" else "The card"
    errata = "".join(
        f"<p>{said}: {escaped(each.card)} {escaped(each.stops)} "
        f"Smallest counterexample: {escaped(each.smallest)}.</p>"
        for each in claim.errata
    )
    finding = claim.kind == "finding"
    rows = [
        *(Row(title, escaped(text)) for title, text in told(claim)),
        Row(str(Verdict.NOT_RUN), escaped(FINDING) if finding else ""),
        Row("Erratum" if len(claim.errata) == 1 else "Errata", errata),
        Row("Literature", f"<ul>{literature}</ul>" if literature else ""),
    ]
    formula = f'<pre class="formula">{escaped(claim.formula)}</pre>' if claim.formula else ""
    return (
        f'<article class="claim" id="{place(claim.id)}" data-claim="{claim.id}" '
        f'data-card="{claim.under}" data-kind="{claim.kind}">'
        f'<h4><code>{claim.id}</code> <span class="kind">{claim.kind}, {claim.where}</span></h4>'
        f"<p>{escaped(claim.statement)}</p>{formula}{listed(rows)}</article>"
    )
