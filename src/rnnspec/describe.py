"""Cases in words and numbers, for a person to read."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Place, plural
from rnnspec.reference.operations import Array

SHOWN = 64
"""Arrays of more numbers are abridged; the replay file has them whole."""
EDGES = 2
"""Of an abridged array, so many numbers, rows and steps are shown at either end."""
LISTED = 24
"""A case of more arrays than that is abridged, too."""


def describe(case: Case, besides: Case | None = None) -> str:
    """A case in full, every array that is not zero; or only what differs from another case."""
    if besides is not None:
        return "\n".join(_differences(case, besides))
    arrays = _arrays(case)
    shown = {name: array for name, array in arrays.items() if array.any()}
    lines = [str(case), *_lengths(case)]
    lines += [f"aimed at: {' '.join(map(str, case.aim.values()))}"] if case.aim else []
    lines += _listed(shown)
    lines += ["all else is zero"] if len(shown) < len(arrays) else []
    return "\n".join([*lines, *_missing(case, list(case.network.states))])


def _differences(case: Case, other: Case) -> list[str]:
    """What a case has that another has not, or has otherwise."""
    known = _arrays(other)
    changed = {
        name: array
        for name, array in _arrays(case).items()
        if name not in known or not np.array_equal(array, known[name], equal_nan=True)
    }
    lines = [str(case)] if str(case) != str(other) else []
    if _lengths(case) != _lengths(other):
        lines += _lengths(case) or ["no lengths"]
    return [*lines, *_listed(changed), *_missing(case, list(other.states))]


def _lengths(case: Case) -> list[str]:
    return [] if case.lengths is None else [f"lengths {[int(n) for n in case.lengths]}"]


def _missing(case: Case, wanted: list[str]) -> list[str]:
    missing = [name for name in wanted if name not in case.states]
    return [f"no initial {' and '.join(missing)} state is given"] if missing else []


def _arrays(case: Case) -> dict[str, Array]:
    """Every array of a case, by the name that a reader knows it by."""
    return {
        **{f"weights {_known(case, at)}": w for at, w in case.weights.items()},
        "inputs (T, B, I)": case.inputs,
        **{f"initial {name}": state for name, state in case.states.items()},
    }


def _known(case: Case, at: Place) -> str:
    """A place by what tells it from the others: its layer and direction, where there are more."""
    layer = [f"{at.layer}"] if case.network.layers > 1 else []
    direction = [at.direction] if len(case.network.directions) > 1 else []
    return ".".join([*layer, *direction, at.block, at.part])


def _listed(arrays: dict[str, Array]) -> list[str]:
    """A paragraph an array, name and numbers in columns."""
    names = list(arrays)
    cut = len(names) > LISTED
    # what is cut is cut from the middle: the inputs and initial states come last
    first, last = (names[: LISTED - 4], names[-4:]) if cut else (names, [])
    width = max(map(len, [*first, *last]), default=0) + 2
    told = {name: f"{name:<{width}}{_numbers(arrays[name], width)}" for name in (*first, *last)}
    between = [f"... and {plural(len(names) - len(told), 'more array')}"] if cut else []
    return [
        *(told[name] for name in first),
        *between,
        *(told[name] for name in last),
    ]


def _numbers(array: Array, indent: int) -> str:
    """The numbers, as many digits as they take; of a large array its size and its edges."""
    text = np.array2string(
        array, floatmode="unique", separator=", ", threshold=SHOWN, edgeitems=EDGES
    )
    rows = [line for line in text.split("\n") if line.strip()]
    if array.size > SHOWN:
        rows.insert(0, f"{' x '.join(map(str, array.shape))} numbers, abridged:")
    return f"\n{' ' * indent}".join(rows)
