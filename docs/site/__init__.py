"""What Sphinx needs to build this site, and no other."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOMS = ("cards", "conformance", "findings", "formulas", "links", "lists", "pictures")


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    for room in ROOMS:
        import_module(f"docs.site.{room}").setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
