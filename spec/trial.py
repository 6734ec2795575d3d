"""The judge: one implementation on one base case, and how what it did compares with what must be.

A claim's check asks a trial for runs and comparisons. Each comparison says how much of the
allowed error was used: its *ratio*. More than 1 is a violation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum, inf
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.reference.bounds import Bounded, Bounds
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import unroll, valid_steps

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What a message holds for a terminal alone."""


class WrongAnswer(Exception):
    """What an implementation returned is no answer: a wrong shape, or NaN where numbers belong."""


class Enough(Exception):
    """A comparison has shown what a trial was asked for: no more is needed."""


class NotOffered(Exception):
    """An implementation has not what a claim needs: why the claim is not applicable to it."""


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
    part: str = ""
    """Of a violation: the part of the answer that is compared, or of the gradients where it went
    back; empty where it is none of one."""
    index: tuple[int, ...] = ()
    """Where in that part the element stands that used the largest share."""
    cotangents: Mapping[str, Array] | None = None
    """What it went back from, where what is compared is a gradient."""
    counted: tuple[tuple[Network, int], ...] = ()
    """What parameters were counted before whole numbers were compared, and how many there were."""

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

    def __init__(self, implementation: Implementation, enough: float = inf) -> None:
        """Raises Enough as soon as a comparison uses more than so large a share of its bound."""
        self.implementation = implementation
        self.enough = enough
        self.comparisons: list[Comparison] = []
        self.notes: dict[str, str] = {}
        self.call: Case | None = None
        """The last call that was made, or that gave what is no answer."""
        self.cotangents: Mapping[str, Array] | None = None
        """What that call went back from; None where it did not go back."""
        self.counted: list[tuple[Network, int]] = []
        """Whose parameters were counted, and how many there were."""
        self._lower: dict[int, tuple[Case, list[Observed]]] = {}
        self._allowed: list[tuple[Case, Any, dict[int, Array], dict[str, Bounded]]] = []

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
        self.call, self.cotangents = case, None
        return self._checked(self.implementation.run(case), case)

    def _checked(self, answer: Answer, case: Case) -> Observed:
        if not isinstance(answer, Answer):
            raise WrongAnswer(f"it gave back a {type(answer).__name__}, where an Answer belongs")
        parts = answer.parts()
        wanted = {name: case.shape_of(name) for name in case.network.states}
        for name, shape in {"outputs": case.output_shape, **wanted}.items():
            if name in parts:
                _check_shape(name, parts[name], shape)
            elif not case.way:  # another way may give less back
                raise WrongAnswer(f"the answer has no {name}")
        for name in sorted(parts.keys() - {"outputs", *wanted}):
            raise WrongAnswer(
                f"the answer has a state {name!r}, which a {case.network.cell} has not"
            )
        if not parts:
            raise WrongAnswer("the answer is empty")
        return Observed(answer.outputs, answer.states, case)

    def expected(
        self, answer: Observed, cotangents: Mapping[str, Array] | None = None
    ) -> dict[str, Bounded]:
        """What the equations allow, step by step from the states in the answer, by part; with
        cotangents, what they allow of every gradient. Where the same call gave the same before, it
        is what it was then.
        """
        case, anchors = answer.case, self._anchors(answer)
        for known, back, seen, allowed in self._allowed:
            if known is case and back is cotangents and _equal(seen, anchors):
                return allowed
        bounds = Bounds.of(case.dtype, self.implementation.levels[case.dtype])
        if cotangents is None:
            found = unroll(case, bounds, anchors).parts()
        else:
            found = gradients(case, cotangents, bounds, anchors).parts()
        allowed = {name: part.settled() for name, part in found.items()}
        kept = {layer: array.copy() for layer, array in anchors.items()}
        self._allowed.append((case, cotangents, kept, allowed))
        return allowed

    def _anchors(self, answer: Observed) -> dict[int, Array]:
        """What every layer put out, as far as it is seen: the top one's outputs in the answer, and
        those below in runs of the first layers alone, if such a run is the same to the last bit.
        """
        top, anchors = answer.case.network.layers - 1, {}
        if answer.outputs is not None:
            anchors[top] = answer.outputs
        elif answer.case.way:
            ordinary = self.run(answer.case.changed(way=""))
            if _begins_as(answer, ordinary):
                anchors[top] = ordinary.outputs
        for layer, lower in enumerate(self._below(answer.case)):
            if _begins_as(answer, lower):
                anchors[layer] = lower.outputs
        return anchors

    def _below(self, case: Case) -> list[Observed]:
        """Runs of the first layers alone: one layer, two, up to all but the top one."""
        if id(case) not in self._lower:
            cases = [case.first_layers(k).changed(way="") for k in range(1, case.network.layers)]
            self._lower[id(case)] = case, [self.run(each) for each in cases]
        return self._lower[id(case)][1]

    def follows(self, case: Case, *parts: str) -> Observed:
        """Run, and compare what comes back (or the named parts of it) with what the equations
        allow. Of several layers, those below the top one are run alone and compared, too.
        """
        answer = self.run(case)
        for each in (*self._below(case), answer):
            expected = self.expected(each)
            for name, part in each.parts().items():
                if not parts or name in parts:
                    self.within(name, each.case, part, expected[name].value, expected[name])
        return answer

    def follows_back(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients:
        """Go back from cotangents, and compare every gradient with what the equations allow.

        Raises NotOffered where the implementation has no backward pass.
        """
        self.call, self.cotangents = case, cotangents
        found = self.implementation.gradients(case, cotangents)
        if found is None:
            raise NotOffered(f"{self.implementation.name} has no backward pass")
        allowed = dict(self.expected(self._checked(found.answer, case), cotangents))
        self.call, self.cotangents = case, cotangents  # others were made for what is expected
        for name, part in found.parts().items():
            if name not in allowed:
                raise WrongAnswer(f"there is a gradient of {name}, which is not in the case")
            one = allowed.pop(name)
            _check_shape(f"the gradient of {name}", part, one.shape)
            what = f"the gradient of {name}"
            self.within(what, case, part, one.value, one, name, cotangents=cotangents)
        for name in allowed:
            raise WrongAnswer(f"there is no gradient of {name}")
        return found

    def _compare(self, comparison: Comparison, part: str = "", at: Any = slice(None)) -> None:
        if part and comparison.ratio > 1.0:
            index = _index(comparison, part, at)
            comparison = replace(comparison, part=part, index=index)
        self.comparisons.append(comparison)
        if comparison.ratio > self.enough:
            raise Enough

    def within(
        self,
        what: str,
        case: Case,
        observed: Array,
        expected: Array,
        allowance: Bounded | Array,
        part: str | None = None,
        at: Any = slice(None),
        cotangents: Mapping[str, Array] | None = None,
    ) -> None:
        """``observed`` is ``expected``, up to an allowance (of a bounded array: its error). It is a
        part of the answer, all of it or at an index: the one that ``what`` begins with, if it
        begins with one and none is named. With cotangents it is a gradient.
        """
        bound = allowance.error if isinstance(allowance, Bounded) else allowance
        bound = _before_end(what, case, np.broadcast_to(bound, observed.shape))
        if np.any(np.isnan(observed) & np.isfinite(bound)):
            self.call, self.cotangents = case, cotangents
            raise WrongAnswer(f"{what} holds NaN where a number belongs")
        named = what.partition(" ")[0] if part is None else part
        known = named if named in parts_of(case, cotangents) else ""
        compared = Comparison(what, case, observed, expected, bound, cotangents=cotangents)
        self._compare(compared, known, at)

    def between(
        self,
        what: str,
        case: Case,
        observed: Array,
        low: Array,
        high: Array,
        slack: Array,
        part: str | None = None,
    ) -> None:
        """``observed``, a part of the answer, lies in the interval, up to a slack."""
        self.within(what, case, observed, np.clip(observed, low, high), slack, part)

    def same(
        self, part: str, one: Observed, other: Observed, what: str, at: Any = slice(None)
    ) -> None:
        """A part of two answers agrees to the last bit, everywhere or at an index; of what answers
        one and the same case, the other may be what is expected of it.
        """
        a, b = (np.asarray(answer.parts()[part])[at] for answer in (one, other))
        against = None if other.case is one.case else other.case
        compared = Comparison(f"{part} {what}", one.case, a, b, np.zeros(a.shape), against)
        self._compare(compared, part if part in ("outputs", *one.case.network.states) else "", at)

    def alike(
        self, part: str, one: Observed, other: Observed, what: str, at: Any = slice(None)
    ) -> None:
        """A part of two answers, which is one and the same by the equations, is so but for what
        either may be off, left to itself from its initial states.
        """
        a, b = (np.asarray(answer.parts()[part]) for answer in (one, other))
        read = Bounds.of(one.case.dtype, self.implementation.levels[one.case.dtype])
        free = (unroll(each.case, read).parts()[part].settled() for each in (one, other))
        bound = np.broadcast_to(sum(each.error for each in free), a.shape)
        bound = _before_end(part, one.case, bound)[at]
        compared = Comparison(f"{part} {what}", one.case, a[at], b[at], bound, other.case)
        self._compare(compared, part, at)

    def exactly(self, what: str, case: Case, observed: Any, expected: Any) -> None:
        """Whole numbers are equal; so are tuples of them, as far as both go and in length."""
        one, other = (np.atleast_1d(np.asarray(n, dtype=np.float64)) for n in (observed, expected))
        if one.shape != other.shape:
            one, other = np.atleast_1d(float(one.size)), np.atleast_1d(float(other.size))
            what = f"{what}, how many"
        compared = Comparison(what, case, one, other, np.zeros(one.shape))
        self._compare(replace(compared, counted=tuple(self.counted)))

    def offered(self, network: Network) -> Network:
        """The network, if the implementation offers it. Raises NotOffered with the reason."""
        conventions = self.implementation.conventions.get(network.cell)
        reason: str | None = f"it offers no {network.cell.upper()}"
        if conventions is not None:
            reason = conventions.refuses(network) or self.implementation.offers(network)
        if reason is not None:
            raise NotOffered(f"{self.implementation.name}: {reason}")
        return network

    def offers(self, case: Case) -> bool:
        """Whether the implementation offers the network of a case derived from one it offers."""
        try:
            self.offered(case.network)
        except NotOffered:
            return False
        return case.lengths is None or self.past_end(case.network) is not None

    def past_end(self, network: Network) -> str | None:
        """What is declared to stand past the end of a row; None where there are no lengths."""
        return self.implementation.conventions[network.cell].past_end.get(network.direction)

    def note(self, about: str, text: str) -> None:
        """Something measured that no verdict rests on."""
        self.notes[about] = text

    def count(self, network: Network) -> int:
        """The implementation's parameters. Raises NotOffered where it has none of its own."""
        self.offered(network)
        counted = self.implementation.count(network)
        if counted is None:
            raise NotOffered("it takes its weights as inputs, and has no parameters to count")
        self.counted.append((network, counted))
        return counted


def told(error: BaseException) -> str:
    """An exception in one line, all of it printable."""
    return f"{type(error).__name__}: {printable(str(error), 500)}"


def printable(text: str, longest: int | None = None) -> str:
    """A text in one line, or as much of it as is wanted, all of it printable."""
    return visible(" ".join(COLOURS.sub("", text).split())[:longest])


def visible(text: str) -> str:
    """A text, with an escape for what is neither printable nor the end of a line."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


def _equal(one: Mapping[int, Array], other: Mapping[int, Array]) -> bool:
    """Whether anchors are the same to the last bit."""
    return one.keys() == other.keys() and all(
        np.array_equal(array, other[layer], equal_nan=True) for layer, array in one.items()
    )


def parts_of(case: Case, cotangents: object = None) -> dict[str, tuple[int, ...]]:
    """The shape of every part of an answer, by name; with cotangents, of every gradient."""
    states = {name: case.shape_of(name) for name in case.network.states}
    if cotangents is None:
        return {"outputs": case.output_shape, **states}
    return {
        "inputs": case.inputs.shape,
        **{f"initial {name}": states[name] for name in case.states},
        **{str(place): weights.shape for place, weights in case.weights.items()},
    }


def _index(comparison: Comparison, part: str, at: Any) -> tuple[int, ...]:
    """Where in a part of the answer the worst element stands of what was taken at an index."""
    shape = parts_of(comparison.case, comparison.cotangents)[part]
    places = np.arange(np.prod(shape)).reshape(shape)[at]
    return tuple(int(i) for i in np.unravel_index(places[comparison.worst], shape))


def _before_end(part: str, case: Case, bound: Array) -> Array:
    """What is allowed of a part: of outputs past the end, anything."""
    valid = valid_steps(case)
    return bound if part != "outputs" or valid is None else np.where(valid, bound, np.inf)


def _begins_as(answer: Answer, lower: Answer) -> bool:
    """Whether the states of the first layers are the same in both, to the last bit."""
    shared = answer.states.keys() & lower.states.keys()
    pairs = [(answer.states[name], lower.states[name]) for name in shared]
    return bool(pairs) and all(np.array_equal(a[: len(b)], b, equal_nan=True) for a, b in pairs)


def _check_shape(what: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise WrongAnswer(f"{what} has shape {array.shape}: it must be {shape}")


def exact_sum(*terms: Array) -> Array:
    """The sum of arrays, elementwise, rounded once."""
    return np.asarray(np.vectorize(lambda *numbers: fsum(numbers), otypes=[float])(*terms))
