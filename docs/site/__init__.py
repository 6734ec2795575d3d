"""What Sphinx needs to build this site, and no other."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from docs.site import cards, conformance, formulas, links, lists, pictures


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    for room in (cards, conformance, formulas, links, lists, pictures):
        room.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
