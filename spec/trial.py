"""The judge: one implementation on one base case, and how what it did compares with what must be.

A claim's check asks a trial for runs and comparisons. Each comparison says how much of the
allowed error was used: its *ratio*. More than 1 is a violation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.reference.bounds import Bounded, Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll


class WrongAnswer(Exception):
    """What an implementation returned is no answer: a wrong shape, or NaN where numbers belong."""


class Uncountable(Exception):
    """An implementation has no parameters of its own to count."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Something observed, what was expected, and how far apart they may be, elementwise."""

    what: str
    """What is compared, in words."""
    case: Case
    """The call that showed it."""
    observed: Array
    expected: Array
    bound: Array
    """The largest allowed ``|observed - expected|``; infinite where nothing is known."""
    against: Case | None = None
    """The other call, where what is expected is what another call gave."""

    @cached_property
    def ratios(self) -> Array:
        """The share of the bound that was used, elementwise."""
        with np.errstate(all="ignore"):
            distance = np.abs(self.observed - self.expected)
            distance = np.where(_alike(self.observed, self.expected), 0.0, distance)
            ratios = np.where(distance == 0.0, 0.0, distance / self.bound)
        return np.where(np.isinf(self.bound), 0.0, np.nan_to_num(ratios, nan=np.inf, posinf=np.inf))

    @cached_property
    def ratio(self) -> float:
        """The largest share; 0 where there is nothing to compare."""
        return float(self.ratios.max(initial=0.0))

    @property
    def worst(self) -> tuple[int, ...]:
        """The index of the element that used the largest share."""
        return tuple(int(i) for i in np.unravel_index(self.ratios.argmax(), self.ratios.shape))


def _alike(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    """Where two arrays hold the same number: -0 equals 0, NaN equals NaN."""
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


@dataclass(frozen=True, eq=False)
class Observed(Answer):
    """An implementation's answer, and the case that it answers."""

    case: Case


class Trial:
    """Runs an implementation for a claim's check, and collects the comparisons."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self.comparisons: list[Comparison] = []

    @property
    def worst(self) -> Comparison | None:
        """The comparison that used the largest share of its bound."""
        return max(self.comparisons, key=lambda each: each.ratio, default=None)

    @property
    def ratio(self) -> float:
        """The largest share of a bound that was used; above 1 the claim is violated."""
        return self.worst.ratio if self.worst else 0.0

    # ---- what a check asks for

    def run(self, case: Case) -> Observed:
        """The implementation's answer. Raises WrongAnswer where its parts or shapes are wrong."""
        answer = self.implementation.run(case)
        wanted = dict.fromkeys(case.network.states, case.state_shape)
        for name, shape in {"outputs": case.output_shape, **wanted}.items():
            part = answer.parts().get(name)
            if part is None:
                raise WrongAnswer(f"the answer has no {name}")
            if part.shape != shape:
                raise WrongAnswer(f"{name} has shape {part.shape}: it must be {shape}")
        return Observed(answer.outputs, answer.states, case)

    def expected(self, answer: Observed) -> dict[str, Bounded]:
        """What the equations allow, step by step from the states in the answer, by part."""
        case = answer.case
        level = self.implementation.levels[case.dtype]
        allowed = unroll(case, Bounds.of(case.dtype, level), anchors=answer.outputs)
        return {name: part.settled() for name, part in allowed.parts().items()}

    def follows(self, case: Case, *parts: str) -> Observed:
        """Run, and compare the named parts of the answer with what the equations allow."""
        answer = self.run(case)
        expected = self.expected(answer)
        for part in parts:
            self.within(part, case, answer.parts()[part], expected[part].value, expected[part])
        return answer

    def within(
        self, what: str, case: Case, observed: Array, expected: Array, allowance: Bounded | Array
    ) -> None:
        """``observed`` is ``expected``, up to an allowance (of a bounded array: its error)."""
        bound = allowance.error if isinstance(allowance, Bounded) else allowance
        bound = np.broadcast_to(bound, observed.shape)
        if np.any(np.isnan(observed) & np.isfinite(bound)):
            raise WrongAnswer(f"{what} holds NaN where a number belongs")
        self.comparisons.append(Comparison(what, case, observed, expected, bound))

    def between(
        self, what: str, case: Case, observed: Array, low: Array, high: Array, slack: Array
    ) -> None:
        """``observed`` lies in the interval, up to a slack."""
        self.within(what, case, observed, np.clip(observed, low, high), slack)

    def same(
        self, part: str, one: Observed, other: Observed, what: str, units: Any = slice(None)
    ) -> None:
        """A part of two answers agrees to the last bit, in some units or in all."""
        a, b = (np.asarray(answer.parts()[part])[..., units] for answer in (one, other))
        zero = np.zeros(a.shape)
        self.comparisons.append(Comparison(f"{part} {what}", one.case, a, b, zero, other.case))

    def exactly(self, what: str, case: Case, observed: Any, expected: Any) -> None:
        """Whole numbers are equal; so are tuples of them, as far as both go and in length."""
        one, other = (np.atleast_1d(np.asarray(n, dtype=np.float64)) for n in (observed, expected))
        if one.shape != other.shape:
            one, other = np.atleast_1d(float(one.size)), np.atleast_1d(float(other.size))
            what = f"{what}, how many"
        self.comparisons.append(Comparison(what, case, one, other, np.zeros(one.shape)))

    def count(self, network: Network) -> int:
        """The implementation's parameters. Raises Uncountable where it has none of its own."""
        counted = self.implementation.count(network)
        if counted is None:
            raise Uncountable("it takes its weights as inputs, and has no parameters to count")
        return counted


def exact_sum(*terms: Array) -> Array:
    """The sum of arrays, elementwise, rounded once."""
    return np.asarray(np.vectorize(lambda *numbers: fsum(numbers), otypes=[float])(*terms))
