"""The colours of the pictures, for light pages and for dark ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """A colour for each role, as ``#rrggbb``; the page shows through where nothing is drawn."""

    name: str
    page: str
    """What the picture is to stand on; it is never drawn."""
    ink: str
    """Text, wires and axes."""
    faint: str
    """Grid lines, and what is beside the point."""
    surface: str
    """The inside of a box."""
    first: str
    second: str
    third: str
    """Three colours that are told apart by all eyes, after Okabe and Ito; each is readable as text
    and never the only mark of what it marks."""

    def colours(self) -> tuple[str, ...]:
        """All colours that are drawn."""
        return self.ink, self.faint, self.surface, self.first, self.second, self.third


LIGHT = Theme("light", "#ffffff", "#1f2328", "#c3c8ce", "#eef2f6", "#0a5c9e", "#b34000", "#00694c")
DARK = Theme("dark", "#131416", "#e6e8ea", "#4a5058", "#23272d", "#6cb8f5", "#ff9d5c", "#52cfa4")
THEMES = (LIGHT, DARK)
