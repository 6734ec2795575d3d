"""The pictures of the documentation, made from the code.

What a picture shows is computed when it is made: the flow through a cell is recorded from its
equations, an unrolled network from the unrolling, a curve by the functions of the reference. So
none of them can say something else than the specification does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docs.pictures.catalogue import PICTURES, UnknownPicture, write
    from docs.pictures.picture import Picture
    from docs.pictures.theme import DARK, LIGHT, THEMES, Theme

__all__ = ["DARK", "LIGHT", "PICTURES", "THEMES", "Picture", "Theme", "UnknownPicture", "write"]

_MODULES = {"DARK": "theme", "LIGHT": "theme", "THEMES": "theme", "Theme": "theme"}
_MODULES |= {"Picture": "picture"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: so the command can say that matplotlib is missing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'catalogue')}"), name)
