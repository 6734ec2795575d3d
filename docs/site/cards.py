"""The directive ``card``: every claim of a card, with what stands behind it and who holds it."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.util.docutils import SphinxDirective

from docs.site.findings import result
from docs.site.reports import reports
from rnnspec.spec.claim import Claim, Erratum
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict
from rnnspec.sphinx import anchor, definitions, said, seen


class Card(SphinxDirective):
    """The claims under a card, ``all`` or ``none``, a section each."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The sections."""
        claims = [claim for claim in CLAIMS.values() if claim.under == self.arguments[0]]
        if not claims:
            raise self.error(f"no claim stands under {self.arguments[0]!r}")
        return [self._section(claim) for claim in claims]

    def _section(self, claim: Claim) -> nodes.section:
        section = nodes.section(ids=[anchor(claim)], names=[anchor(claim)])
        section += nodes.title("", "", nodes.literal(text=claim.id))
        section += [*said(claim), seen(claim), *self._behind(claim)]
        section += [*self._verdicts(claim), *result(claim.id)]
        std = self.env.domains["std"]
        assert isinstance(std, StandardDomain)
        std.note_object("claim", claim.id, anchor(claim), location=section)
        std.anonlabels[anchor(claim)] = self.env.docname, anchor(claim)
        std.labels[anchor(claim)] = self.env.docname, anchor(claim), claim.id
        return section

    def _behind(self, claim: Claim) -> Iterator[nodes.Node]:
        for erratum in claim.errata:
            yield nodes.admonition(
                "",
                nodes.title(text="Where the card is imprecise"),
                *corrected(erratum),
                classes=["erratum"],
            )
        if claim.literature:
            sources = [nodes.list_item("", nodes.paragraph(text=each)) for each in claim.literature]
            yield definitions([("Literature", [nodes.bullet_list("", *sources)])])

    def _verdicts(self, claim: Claim) -> Iterator[nodes.Node]:
        """Who holds it: by verdict, the implementations."""
        matrix = reports()
        page = self.env.app.builder.get_relative_uri(self.env.docname, "matrix")
        by: dict[Verdict, list[str]] = {}
        for part in matrix.parts if claim.kind != "finding" else ():
            by.setdefault(matrix.verdict(part, claim.id), []).append(part.adapter)
        for verdict in sorted(by, key=list(Verdict).index):
            links: list[nodes.Node] = []
            for name in by[verdict]:
                link = nodes.reference("", name, refuri=f"{page}#{name}", internal=True)
                links += [nodes.Text(", "), link] if links else [link]
            badge = nodes.inline(
                "", str(verdict), classes=["verdict", f"verdict-{verdict.name.lower()}"]
            )
            count = nodes.inline("", f" {len(by[verdict])}", classes=["count"])
            yield nodes.paragraph(
                "", "", badge, count, nodes.Text(": "), *links, classes=["verdicts"]
            )


def corrected(erratum: Erratum) -> Iterator[nodes.Node]:
    """What a card says, where it stops, and the smallest counterexample."""
    yield nodes.paragraph("", "", nodes.strong(text="It says: "), nodes.Text(erratum.card))
    yield nodes.paragraph(text=erratum.stops)
    smallest = nodes.strong(text="Smallest counterexample: ")
    yield nodes.paragraph("", "", smallest, nodes.Text(f"{erratum.smallest}."))


def setup(app: Sphinx) -> None:
    """The directive."""
    app.add_directive("card", Card)
