"""A mutant beyond the cards: each offers what it is about, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np

from rnnspec.reference.case import Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.mutant import BEYOND, mutant
from tests.mutants.plain import REFERENCE, Plain
from tests.mutants.variant import Variant


def offering(*extras: str) -> dict[str, Conventions]:
    """The cells that have such extras: with these, and with no others."""
    return {
        cell: replace(each, extras=extras)
        for cell, each in ReferenceLayer.conventions.items()
        if set(extras) <= set(each.extras)
    }


def beyond(
    name: str,
    what: str,
    *extras: str,
    report: str = "",
    base: type[Variant] = Variant,
    **parts: Any,
) -> None:
    """A wrong layer that offers some extras."""
    own = {"conventions": offering(*extras), "ways": Plain.ways, **parts}
    mutant(f"{BEYOND}.{name}", what, report, base, **own)


def read(
    name: str, what: str, extra: str, part: str, where: Callable[[Place], Place], report: str = ""
) -> None:
    """Weights of a part are those of another place, or none where there is nothing."""

    def weight(self: Variant, at: Place) -> Array | None:
        return Variant.weight(self, where(at) if at.part == part else at)

    beyond(name, what, extra, report=report, weight=weight)


def lost(name: str, what: str, extra: str, part: str) -> None:
    """What stands in a part has no gradient."""

    def gradients(self: Any, case: Case, cotangents: Mapping[str, Array]) -> Gradients:
        found = REFERENCE.gradients(case, cotangents)
        assert found is not None
        weights = {at: 0 * g if at.part == part else g for at, g in found.weights.items()}
        return replace(found, weights=weights)

    beyond(name, what, extra, gradients=gradients)


def passing(name: str, what: str, extra: str, report: str = "") -> None:
    """The way back goes on where something was clipped."""

    def gradients(self: Any, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        with patch("rnnspec.reference.tape.within", lambda array, limit: np.ones_like(array)):
            return REFERENCE.gradients(case, cotangents)

    beyond(name, what, extra, report=report, gradients=gradients)
