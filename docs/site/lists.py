"""The directives ``errata``, ``literature`` and ``claims``: what all claims have, in one place."""

from __future__ import annotations

from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from docs.site.cards import corrected
from rnnspec.pages import heading
from rnnspec.spec import literature
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.sphinx import cited, definitions


class Errata(SphinxDirective):
    """Where the cards are imprecise, card by card."""

    def run(self) -> list[nodes.Node]:
        """A section a card."""
        wrong = [claim for claim in CLAIMS.values() if claim.errata]
        sections: list[nodes.Node] = []
        for title, claims in groupby(wrong, key=heading):
            section = nodes.section(ids=[nodes.make_id(title)], names=[])
            section += nodes.title(text=title)
            for claim in claims:
                section += nodes.paragraph("", "", cited(claim))
                section += [
                    nodes.block_quote("", *corrected(erratum), classes=["erratum"])
                    for erratum in claim.errata
                ]
            sections.append(section)
        return sections


class Literature(SphinxDirective):
    """Every source, and the claims that cite it."""

    def run(self) -> list[nodes.Node]:
        """By author and year, as they are written."""
        sources = {value for name, value in vars(literature).items() if name.isupper()}
        listed = nodes.bullet_list()
        for source in sorted(sources):
            citing = [claim for claim in CLAIMS.values() if source in claim.literature]
            listed += nodes.list_item("", nodes.paragraph(text=source), _labels(citing))
        return [listed]


class Claims(SphinxDirective):
    """All claims by card: labels alone."""

    def run(self) -> list[nodes.Node]:
        """A line a card."""
        by = groupby(CLAIMS.values(), key=heading)
        return [definitions((title, [_labels(list(claims))]) for title, claims in by)]


def _labels(claims: list[Claim]) -> nodes.paragraph:
    paragraph = nodes.paragraph()
    for claim in claims:
        paragraph += [nodes.Text(", "), cited(claim)] if len(paragraph) else [cited(claim)]
    return paragraph


def setup(app: Sphinx) -> None:
    """The directives."""
    app.add_directive("errata", Errata)
    app.add_directive("literature", Literature)
    app.add_directive("claims", Claims)
