"""Cases as scripts of a framework alone, and arrays as Python code to write them with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array


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


@runtime_checkable
class ScriptedBack(Scripted, Protocol):
    """One that can also say how it goes back."""

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """With cotangents, by part of the answer, the code goes back from them, and what it leaves
        are the gradients, as the framework has them.
        """

    def leaves(self, case: Case) -> Mapping[str, Array]:
        """What such code goes back to: weights, inputs, and the initial states that are given, as
        the framework holds them; each by the expression that is its gradient then.
        """


@runtime_checkable
class ScriptedCount(Protocol):
    """One that can say how it counts."""

    def counting(self, network: Network) -> str | None:
        """Code that builds a layer of a network with the framework alone, and leaves the number of
        its parameters in ``count``. None where no such code is written.
        """


@dataclass(frozen=True)
class Shown:
    """An element of an answer or of a gradient, and the number that it must be."""

    part: str
    index: tuple[int, ...]
    expected: float | Case
    """The number, or the call that gives it there."""
    bound: float
    """How far off it may be."""


@runtime_checkable
class Writing(Protocol):
    """What writes whole scripts itself, in a language of its own."""

    def written(
        self,
        about: Sequence[str],
        case: Case,
        cotangents: Mapping[str, Array] | None,
        shown: Shown | None,
    ) -> str | None:
        """Code that makes a call, or goes back from cotangents, and prints what is to be shown, or
        else all that it gives; ``about`` stands on top as comments. None where none is written.
        """


def gradient(adapter: ScriptedBack, case: Case, part: str, index: tuple[int, ...]) -> str | None:
    """An element of a gradient, by our names, in the words of a script that goes back; None where
    the framework has no such element.
    """
    found = element(adapter.leaves, case, part, index)
    if found is None:
        return None
    name, at, sign = found
    return f"{'-' if sign < 0 else ''}{name}[{', '.join(map(str, at))}]"


def element(
    leaves: Callable[[Case], Mapping[str, Array]], case: Case, part: str, index: tuple[int, ...]
) -> tuple[str, tuple[int, ...], float] | None:
    """Where an element of a case stands in what is packed of it: in which array, where, and with
    which sign. It is the one that changes where ours does: so it is what the adapter packs that
    says it. None where there is no such element.
    """
    zero, one = (leaves(_marked(case, part, index, mark)) for mark in (0.0, 1.0))
    for name, held in one.items():
        changed = held - zero[name]
        for at in np.argwhere(changed):
            return name, tuple(map(int, at)), float(np.sign(changed[tuple(at)]))
    return None


def _marked(case: Case, part: str, index: tuple[int, ...], mark: float) -> Case:
    """A case of zeros, but for one number."""
    arrays = {
        "inputs": np.zeros_like(case.inputs),
        **{f"initial {name}": np.zeros_like(state) for name, state in case.states.items()},
        **{str(place): np.zeros_like(weights) for place, weights in case.weights.items()},
    }
    arrays[part][index] = mark
    return replace(
        case,
        inputs=arrays["inputs"],
        states={name: arrays[f"initial {name}"] for name in case.states},
        weights={place: arrays[str(place)] for place in case.weights},
    )


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
