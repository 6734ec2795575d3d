"""What an innocent is: a correct layer, written differently from others, and its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level
from tests.innocents.backward import Backward

RELATIVE_IN_ALL: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)


@dataclass(frozen=True)
class Innocent:
    """A correct implementation: no claim may accuse it."""

    name: str
    """``family.what-is-different``."""
    what: str
    """What is done differently, in words."""
    layer: Callable[[], Backward]


INNOCENTS: dict[str, Innocent] = {}
"""All of them, by name."""


def innocent(
    name: str,
    what: str,
    base: type[Backward] = Backward,
    levels: Mapping[str, Level] = RELATIVE_IN_ALL,
    **parts: Any,
) -> None:
    """Register a layer that is like another but for some of its methods, and the level that its
    sigmoid and tanh meet in each dtype.
    """
    layer = type(name, (base,), {"name": name, "levels": levels, **parts})
    if INNOCENTS.setdefault(name, Innocent(name, what, layer)).layer is not layer:
        raise ValueError(f"two innocents have the name {name}")
