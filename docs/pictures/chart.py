"""What the charts have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from docs.pictures.theme import Theme


def axes_of(
    theme: Theme,
    width: float,
    height: float,
    rows: int = 1,
    columns: int = 1,
    heights: Sequence[float] | None = None,
    **options: Any,
) -> tuple[Figure, list[Axes]]:
    """A figure of a size in points, with axes that are laid out so that nothing overlaps."""
    figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
    grid = figure.subplots(
        rows, columns, squeeze=False, gridspec_kw={"height_ratios": heights}, **options
    )
    axes = [each for row in grid for each in row]
    for each in axes:
        each.tick_params(length=3, color=theme.faint)
    return figure, axes


def marked(
    axes: Axes, x: float, y: float, text: str, colour: str, align: str = "left", **options: Any
) -> Text:
    """A label beside what it names, in its colour."""
    return axes.text(
        x, y, text, color=colour, va="center", **{"ha": align, "fontweight": "bold", **options}
    )
