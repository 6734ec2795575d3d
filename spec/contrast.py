"""The law broken. Every claim names such a contrast, and an example on which the contrast would
pass says nothing: it is not informative.

A contrast is an implementation: the reference on a changed case, or with its answer or its count
changed. So whether an example is informative is asked with the claim's own check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import Level

INFORMATIVE = 2.0
"""A contrast must be off by more than so many bounds."""


@dataclass(frozen=True)
class Contrast:
    """How a law is broken: in what the layer makes of its case, of its answer, of a count, or of
    its gradients.
    """

    what: str
    """In words."""
    case: Callable[[Case], Case] = lambda case: case
    answer: Callable[[Case, Answer], Answer] = lambda case, answer: answer
    count: Callable[[Network, int], int] = lambda network, count: count
    gradients: Callable[[Case, Gradients], Gradients] = lambda case, gradients: gradients


class Broken(ReferenceLayer):
    """The reference with a law broken, judged at another implementation's levels."""

    def __init__(self, contrast: Contrast, levels: Mapping[str, Level]) -> None:
        self.contrast = contrast
        self.levels = levels
        self.name = f"reference, {contrast.what}"

    def run(self, case: Case) -> Answer:
        """The answer of the broken layer."""
        return self.contrast.answer(case, super().run(self.contrast.case(case)))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """The gradients of the broken layer."""
        found = super().gradients(self.contrast.case(case), cotangents)
        return None if found is None else self.contrast.gradients(case, found)

    def count(self, network: Network) -> int:
        """The count of the broken layer."""
        return self.contrast.count(network, super().count(network) or 0)


def exchanged(one: str, other: str) -> Contrast:
    """The parameters of two blocks change places."""
    return Contrast(
        f"{one} and {other} exchanged",
        case=lambda case: case.with_blocks({one: other, other: one}),
    )


def without(what: str, *parts: str) -> Contrast:
    """Some parts of every block are ignored."""
    return Contrast(
        f"{what} ignored",
        case=lambda case: case.with_weights(
            lambda at, w: np.zeros_like(w) if at.part in parts else w
        ),
    )


def scaled(answer: Answer, change: Callable[[Array], Array]) -> Answer:
    """An answer with every part changed."""
    parts = {name: change(part) for name, part in answer.parts().items()}
    return Answer(parts.pop("outputs"), parts)
