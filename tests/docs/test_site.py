"""The site: every card and claim is on it, every link leads somewhere, nothing is fetched."""

from __future__ import annotations

import posixpath
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from rnnspec.spec import literature
from rnnspec.spec.claims import CLAIMS
from rnnspec.typeset import latex
from tests.docs.building import ROOT


class Page(HTMLParser):
    """What a page links to, shows, and can be linked to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.ids: set[str] = set()
        self.unsaid: list[str] = []
        self.words: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if tag in ("img", "script", "iframe") and "src" in given:
            self.loaded.add(given["src"])
        if tag == "link" and given.get("rel") not in ("next", "prev", "canonical"):
            self.loaded.add(given.get("href", ""))
        if tag == "img" and not given.get("alt"):
            self.unsaid.append(given.get("src", ""))
        if tag == "svg" and given.get("role") == "img" and not given.get("aria-label"):
            self.unsaid.append("a formula")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page by its place."""
    return {str(file.relative_to(site)): Page(file) for file in sorted(site.rglob("*.html"))}


def test_every_document_is_a_page(pages: dict[str, Page]) -> None:
    documents = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*/*.md")]
    assert len(documents) > 30
    wanted = {str(d.relative_to(ROOT / "docs").with_suffix(".html")) for d in documents}
    assert wanted - pages.keys() == {"claims.html"}  # which is card by card here


@pytest.mark.parametrize("label", CLAIMS)
def test_a_claim_is_there_with_all_that_it_is(pages: dict[str, Page], label: str) -> None:
    claim, anchor = CLAIMS[label], f"claim-{label.replace('.', '-')}"
    (page,) = (page for name, page in pages.items() if anchor in page.ids)
    parts = [claim.statement, claim.seen, *claim.literature]
    parts += [text for e in claim.errata for text in (e.card, e.stops, e.smallest)]
    for text in parts:
        assert " ".join(text.split()) in page.text


def test_verdicts_are_those_of_the_matrix(pages: dict[str, Page]) -> None:
    page = pages["cards/05-cell-state.html"]
    assert "holds 30: reference, equinox" in page.text
    assert "../matrix.html#torch" in page.links


def test_every_source_is_listed(pages: dict[str, Page]) -> None:
    for name, source in vars(literature).items():
        if name.isupper():
            assert source in pages["literature.html"].text


def test_links_lead_somewhere(site: Path, pages: dict[str, Page]) -> None:
    lost = []
    for name, page in pages.items():
        for link in page.links | page.loaded:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), address.path))
            target = name if not address.path else target
            known = pages.get(target)
            there = known is not None or (site / unquote(target)).exists()
            if not there or (
                known and address.fragment and unquote(address.fragment) not in known.ids
            ):
                lost.append((name, link))
    assert lost == []


def test_nothing_is_fetched_from_elsewhere(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert [each for each in page.loaded if urlsplit(each).netloc] == []


def test_every_picture_and_formula_is_told_in_words(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert page.unsaid == []


def test_a_formula_is_drawn_from_what_the_claim_prints(site: Path) -> None:
    from docs.site.formulas import drawn

    formula = CLAIMS["lstm.hidden-state"].formula
    page = (site / "cards" / "06-hidden-state.html").read_text(encoding="utf-8")
    assert drawn(latex(formula), formula) in page
