"""Cases as scripts of a framework alone, and arrays as Python code to write them with."""

from __future__ import annotations

import re
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Case


@runtime_checkable
class Scripted(Protocol):
    """An adapter that can say a case in its framework's own words."""

    def script(self, case: Case) -> str | None:
        """Code that answers a case with the framework alone, for those who maintain it: it imports
        what it needs, and leaves each part of the answer in a variable of the part's name
        (``outputs``, ``hidden``, ``cell``), as a NumPy array in the shape of ours. None where no
        such code is written.

        Where two calls are compared, what both scripts begin with is run once: what one makes
        there (an import, a layer, its weights) it does not change later.
        """


def literal(array: npt.NDArray[np.generic], dtype: str | None = None) -> str:
    """An expression that makes the same array, to the last bit; a short one where all is alike.

    ``dtype`` is NumPy's name of the one it's made in; float64 and int64 as a literal has them, if
    left out.
    """
    suffix = "" if dtype is None else f", {dtype!r}"
    first = array.flat[0].item() if array.size else 0.0
    alike = array.size != 1 and np.all(array == first) and not np.any(np.signbit(array))
    if alike and first == 0.0:
        text = f"np.zeros({array.shape}{suffix})"
    elif alike:
        text = f"np.full({array.shape}, {first!r}{suffix})"
    else:
        text = f"np.array({array.tolist()!r}{suffix})"
    return re.sub(r"\b(nan|inf)\b", r"np.\1", text)
