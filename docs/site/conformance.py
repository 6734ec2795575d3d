"""The matrix as a page with filters and counterexamples: one file beside the site's own."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from docs.site.reports import FOLDER, reports
from rnnspec.html.kept import Kept
from rnnspec.html.page import page

NAME = "conformance.html"


def _write(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        text = page(reports().parts, Kept(str(FOLDER / "divergences")))
        Path(app.outdir, NAME).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """When all else is built."""
    app.connect("build-finished", _write)
