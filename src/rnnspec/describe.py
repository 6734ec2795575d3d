"""Cases in words and numbers, for a person to read."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array

SHOWN = 64
"""Larger arrays are abridged; the replay file has them whole."""


def describe(case: Case, besides: Case | None = None) -> str:
    """A case in full, every array that is not zero; or only what differs from another case."""
    arrays = _arrays(case)
    if besides is None:
        shown = {name: array for name, array in arrays.items() if array.any()}
    else:
        known = _arrays(besides)
        shown = {n: a for n, a in arrays.items() if not np.array_equal(a, known.get(n, np.nan))}
    width = max(map(len, shown), default=0) + 2
    numbers = [f"{name:<{width}}{_numbers(array, width)}" for name, array in shown.items()]
    if besides is not None:
        return "\n".join(numbers)
    lines = [str(case)]
    lines += [f"aimed at: {' '.join(map(str, case.aim.values()))}"] if case.aim else []
    lines += numbers
    lines += ["all else is zero"] if len(shown) < len(arrays) else []
    missing = [name for name in case.network.states if name not in case.states]
    lines += [f"no initial {' and '.join(missing)} state is given"] if missing else []
    return "\n".join(lines)


def _arrays(case: Case) -> dict[str, Array]:
    """Every array of a case, by the name that a reader knows it by."""
    prefix = "0." if case.network.direction == "both" else f"0.{case.network.direction}."
    return {
        **{f"weights {at}".replace(prefix, "", 1): w for at, w in case.weights.items()},
        "inputs (T, B, I)": case.inputs,
        **{f"initial {name}": state for name, state in case.states.items()},
    }


def _numbers(array: Array, indent: int) -> str:
    text = np.array2string(array, floatmode="unique", separator=", ", threshold=SHOWN)
    rows = [line for line in text.split("\n") if line.strip()]
    return f"\n{' ' * indent}".join(rows)
