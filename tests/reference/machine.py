"""What the standard model leaves to an implementation: a ``Machine`` is one set of choices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnspec.reference.bounds import Arithmetic, Bounds
from rnnspec.reference.precision import RELATIVE, Level

ORDERS = ("forward", "reversed", "pairwise", "shuffled")
BRACKETS = ("written", "left", "right", "outer")


@dataclass(frozen=True)
class Machine:
    """What an implementation is allowed, and the choices that are its own."""

    unit: float
    tiny: float = 0.0
    level: Level = RELATIVE
    order: str = "forward"
    """In which order it adds up: one of ORDERS."""
    joined: bool = False
    """Whether it adds up sums of sums as one sum, in that order."""
    bracket: str = "written"
    """Which factors of an elementwise product it multiplies first: the two on the ``left``, on the
    ``right``, the ``outer`` ones, or those that the equations do."""
    form: int | None = 0
    """Which of the conforming ways to write a formula it takes; None is each in turn, so that the
    way back need not be that of the way forward."""
    kink: float = 0.0
    """The slope of its rectifier at 0."""

    def judge(self) -> Bounds:
        """The bounds for every such implementation."""
        return Bounds(Arithmetic(self.unit, self.tiny, np.inf, self.level))
