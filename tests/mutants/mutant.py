"""What a mutant is: a plain layer with one thing wrong, a name, and where that was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.mutants.plain import Plain


@dataclass(frozen=True)
class Mutant:
    """A wrong implementation."""

    name: str
    """``family.what-is-wrong``."""
    what: str
    """What is wrong, in words."""
    layer: Callable[[], Plain]
    """A new one: some keep what they must not between calls."""
    report: str = ""
    """The address of a public report of such a defect, if one is known."""

    @property
    def family(self) -> str:
        """The first part of the name."""
        return self.name.split(".")[0]


BEYOND = "beyond"
"""The family of what is beyond the cards: where nothing of that is asked for, these are right."""

MUTANTS: dict[str, Mutant] = {}
"""All of them, by name."""


def mutant(
    name: str, what: str, report: str = "", base: type[Plain] = Plain, **parts: Any
) -> type[Plain]:
    """Register a layer that is like another but for some of its methods.

    ``report`` is ``owner/repository#number``, an issue or a pull request on GitHub.
    """
    layer = type(name, (base,), {"name": name, "__doc__": what, **parts})
    if report:
        report = "https://github.com/{}/issues/{}".format(*report.split("#"))
    if MUTANTS.setdefault(name, Mutant(name, what, layer, report)).layer is not layer:
        raise ValueError(f"two mutants have the name {name}")
    return layer
