"""What a picture is, and how it becomes an SVG file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.figure import Figure

from docs.pictures.theme import Theme

FONT = 11.5
SETTINGS = {
    "backend": "svg",
    "font.family": ["DejaVu Sans"],  # matplotlib brings it along: the same bytes everywhere
    "font.size": FONT,
    "mathtext.fontset": "dejavusans",
    "svg.fonttype": "path",  # a picture has no font that might be missing
    "figure.dpi": 72,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": FONT,
    "axes.titlelocation": "left",
    "axes.labelsize": FONT,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "path.simplify": False,
}
NOTHING = dict.fromkeys(("Creator", "Date", "Format", "Type"))
STYLE = re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
HEAD = re.compile(r"<svg [^>]*>", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A picture of the documentation."""

    name: str
    """The stem of its files."""
    title: str
    """A short caption."""
    alternative: str
    """What somebody needs to know who cannot see it."""
    figure: Callable[[Theme], Figure] = field(repr=False)
    """Draws it, within ``drawn``'s settings."""

    def drawn(self, theme: Theme) -> Figure:
        """The figure in the colours of a theme."""
        with mpl.rc_context(settings(theme, self.name)):
            return self.figure(theme)

    def draw(self, theme: Theme) -> str:
        """The text of the SVG file: the same for the same code, whenever it is made."""
        with mpl.rc_context(settings(theme, self.name)):
            file = io.StringIO()
            self.figure(theme).savefig(file, format="svg", metadata=NOTHING)
        return self._labelled(file.getvalue())

    def _labelled(self, svg: str) -> str:
        """With a title and a description, and no style that would reach beyond the picture."""
        (head,) = HEAD.findall(svg)
        labels = f'role="img" aria-labelledby="{self.name}-title {self.name}-desc"'
        joins = 'stroke-linejoin="round" stroke-linecap="butt"'
        texts = (
            f'<title id="{self.name}-title">{escape(self.title)}</title>\n'
            f' <desc id="{self.name}-desc">{escape(self.alternative)}</desc>'
        )
        svg = svg.replace(head, f"{head[:-1]} {labels} {joins}>\n {texts}", 1)
        return "\n".join(line.rstrip() for line in STYLE.sub("", svg).splitlines()) + "\n"


def settings(theme: Theme, name: str) -> dict[Any, Any]:
    """The settings of matplotlib for a picture in a theme."""
    ink = dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), theme.ink
    )
    return {**SETTINGS, **ink, "grid.color": theme.faint, "svg.hashsalt": name}
