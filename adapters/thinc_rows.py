"""Rows of a case as Thinc has them: a list, each of its own length; and calls that begin alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array

Floats = npt.NDArray[np.float32]


def alike(case: Case) -> list[tuple[Case, slice]]:
    """A case as calls in which all rows begin alike, and the rows of each: all of them, or each
    row alone.
    """
    starts = case.states.values()
    if all(np.array_equal(np.broadcast_to(s[:, :1], s.shape), s) for s in starts):
        return [(case, slice(None))]
    calls = []
    for row in range(case.rows):
        own = slice(row, row + 1)
        one = case.changed(
            inputs=case.inputs[:, own],
            states={name: state[:, own] for name, state in case.states.items()},
            lengths=None if case.lengths is None else case.lengths[own],
        )
        calls.append((one, own))
    return calls


def lengths_of(case: Case) -> list[int]:
    """How many steps of each row are valid."""
    return [case.steps] * case.rows if case.lengths is None else list(map(int, case.lengths))


def floats(values: npt.NDArray[np.float64]) -> Floats:
    """The same numbers in float32, side by side."""
    return np.ascontiguousarray(values, dtype=np.float32)


def filled(case: Case, rows: Sequence[Floats]) -> Array:
    """Rows of a case's lengths as one array, with 0 past their ends."""
    whole = np.zeros((case.steps, case.rows, rows[0].shape[-1]))
    for b, row in enumerate(rows):
        whole[: len(row), b] = row
    return whole
