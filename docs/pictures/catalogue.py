"""All pictures, and the writing of their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docs.pictures import (
    cells,
    error_and_bound,
    over_time,
    parameters,
    reach,
    squashing,
    unrolled,
)
from docs.pictures.picture import Picture
from docs.pictures.theme import THEMES

PICTURES: dict[str, Picture] = {
    each.name: each
    for each in (
        *cells.pictures(),
        squashing.picture(),
        over_time.picture(),
        *unrolled.pictures(),
        reach.picture(),
        parameters.picture(),
        error_and_bound.picture(),
    )
}
"""All pictures, by name, in the order of the cards."""


class UnknownPicture(ValueError):
    """A picture that there is none of."""


def write(folder: Path, names: Sequence[str] | None = None) -> list[Path]:
    """Write ``NAME-light.svg`` and ``NAME-dark.svg`` of some pictures, or of all; and say where.

    The folder is made where it is missing. Raises UnknownPicture before anything is written, and
    OSError where a file can't be.
    """
    chosen = list(PICTURES) if names is None else list(dict.fromkeys(names))
    for name in chosen:
        if name not in PICTURES:
            raise UnknownPicture(f"there is no picture {name!r}: use some of {', '.join(PICTURES)}")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in chosen:
        for theme in THEMES:
            path = folder / f"{name}-{theme.name}.svg"
            path.write_text(PICTURES[name].draw(theme), encoding="utf-8", newline="\n")
            written.append(path)
    return written
