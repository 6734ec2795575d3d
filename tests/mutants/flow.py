"""What goes into a layer, and what comes out: changed on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from tests.mutants.mutant import mutant


def told(name: str, what: str, change: Callable[[Case], Case], report: str = "") -> None:
    """The layer makes something else of what it is asked."""
    mutant(name, what, report, told=lambda self, case: change(case))


def returned(
    name: str, what: str, change: Callable[[Case, Answer], Answer], report: str = ""
) -> None:
    """The layer gives back something else than it found."""
    mutant(name, what, report, returned=lambda self, case, answer: change(case, answer))


def states(case: Case, change: Callable[[str, Array], Array]) -> Case:
    """A case with its given initial states changed."""
    return case.changed(states={name: change(name, s) for name, s in case.states.items()})


def finals(answer: Answer, change: Callable[[str, Array], Array]) -> Answer:
    """An answer with its final states changed."""
    return replace(answer, states={name: change(name, s) for name, s in answer.states.items()})


def inside(case: Case) -> NDArray[np.bool_]:
    """Where a row has not ended yet, ``(T, B or 1, 1)``."""
    ends = case.steps if case.lengths is None else case.lengths[:, None]
    return np.asarray(np.arange(case.steps)[:, None, None] < ends)
