"""The page of all claims, in Markdown, from the claims themselves: ``python -m rnnspec.pages``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rnnspec.reference.network import EXTRAS
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS

CARDS = {
    1: "define LSTM",
    2: "the three gates",
    3: "the hyperparameter",
    4: "the forget step",
    5: "the cell state",
    6: "the hidden state",
    7: "GRU, and why",
    8: "LSTM against GRU",
    9: "deep RNNs",
    10: "BiRNN, BiLSTM, BiGRU",
    11: "applications of BiRNN",
    12: "disadvantages of BiRNN",
}
"""What each card is about."""

HEAD = """\
# The claims

Every sentence of the cards, as something that a machine can check. A *law* holds for every input,
a *count* is of whole numbers, a *finding* is true on average, of trained networks, and is an
experiment that is not run with the others. `rnnspec show LABEL` tells the rest of each: literature,
and of which networks it speaks.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_lines()])


def heading(claim: Claim) -> str:
    """What a claim stands under: ``Card 5: the cell state``."""
    about = f": {CARDS[claim.card]}" if claim.card else ""
    return f"{claim.where.capitalize()}{about}"


def told(claim: Claim) -> Iterator[tuple[str, str]]:
    """What there is to know of a claim beside its statement and formula, each with a title."""
    networks = "; ".join(f"{name} {', '.join(each)}" for name, each in claim.about.items())
    yield "Of networks with", f"{networks}; {EXTRAS[claim.extra]}" if claim.extra else networks
    yield "Seen from outside", claim.seen
    if claim.kind != "finding":
        yield "An example counts if it would catch", f"{claim.contrast.what}."


def _lines() -> Iterator[str]:
    for title, claims in groupby(CLAIMS.values(), key=heading):
        yield f"## {title}"
        for claim in claims:
            yield from _one(claim)


def _one(claim: Claim) -> Iterator[str]:
    yield f"\n### {claim.id}\n*{claim.kind}.* {claim.statement}\n"
    if claim.formula:
        yield "".join(f"    {line}\n" for line in claim.formula.split("\n"))
    yield f"*Seen from outside:* {claim.seen}\n"
    for erratum in claim.errata:
        yield f"*Erratum:* {erratum.card} {erratum.stops} Smallest: {erratum.smallest}.\n"


if __name__ == "__main__":
    print(page(), end="")
