"""The README's pictures, made from the code and kept beside it: ``python -m docs.images``."""

from __future__ import annotations

from pathlib import Path

from docs.images import matrix, terminal
from docs.pictures import PICTURES, THEMES

FOLDER = Path(__file__).parent
CELL = "cell-lstm"


def images() -> dict[str, str]:
    """The SVG of every file, by its name."""
    return {
        f"{name}-{theme.name}.svg": drawn(theme)
        for theme in THEMES
        for name, drawn in (
            ("terminal", terminal.drawn),
            ("matrix", matrix.drawn),
            (CELL, PICTURES[CELL].draw),
        )
    }
