"""Links of the documentation that lead elsewhere on the site than in the repository."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from rnnspec.spec.claims import CLAIMS
from rnnspec.sphinx import anchor

HEADINGS = {label.replace(".", ""): anchor(claim) for label, claim in CLAIMS.items()}
"""Where each heading of the page of all claims is on the site."""


def _cards(app: Sphinx, page: str, source: list[str]) -> None:
    """The site has the claims card by card, and not on one page."""
    text = re.sub(r"(?:\.\./)?claims\.md#([\w-]+)", lambda m: f"#{HEADINGS[m[1]]}", source[0])
    source[0] = re.sub(r"\]\((?:\.\./)?claims\.md\)", "](#cards)", text)


def setup(app: Sphinx) -> None:
    """Before a page is read."""
    app.connect("source-read", _cards)
