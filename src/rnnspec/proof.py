"""Whether two layers compute the same function: both are run on generated calls, and compared.

Each may be off by what rounding can do to it, left to itself from its initial states; so they may
be apart by both of these together (``docs/bounds.md``). Nothing else is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rnnspec.describe import describe
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.carrying import Held
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import plural
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll, valid_steps
from rnnspec.spec.search import Violated, each_case
from rnnspec.spec.strategies import calls
from rnnspec.spec.trial import Comparison, NotOffered, Trial, told

SHARP = 1.0
"""Numbers that may be apart by more show nothing: hidden states lie between -1 and 1."""


class Unproven(Exception):
    """Why nothing is known of two layers, in a sentence."""


@dataclass(frozen=True, eq=False)
class Proof:
    """What the calls have shown."""

    one: str
    other: str
    cases: int
    """How many calls there were."""
    numbers: int
    """How many numbers were compared, of outputs and final states."""
    share: float
    """The largest share of the allowed difference that was found."""
    comparison: Comparison | None = None
    """The smallest call on which they differ, if they do: observed is the one's, expected the
    other's."""

    @property
    def same(self) -> bool:
        """Whether they were never further apart than is allowed."""
        return self.comparison is None

    def __str__(self) -> str:
        """The answer: a line; or the smallest input on which they differ."""
        found = self.comparison
        if found is None:
            cases = plural(self.cases, "case")
            return f"same function: {cases}, worst error {self.share:.2f} of the allowed"
        case, at = found.case, ", ".join(map(str, found.worst))
        zeros = {name: np.zeros(case.shape_of(name)) for name in case.network.states}
        blank = case.changed(inputs=np.zeros_like(case.inputs), states=zeros, lengths=None)
        observed, expected, bound = (
            float(array[found.worst]) for array in (found.observed, found.expected, found.bound)
        )
        zero = not all(given.any() for given in (case.inputs, *case.states.values()))
        return "\n".join(
            [
                "not the same function. The smallest input found on which they differ:",
                str(case),
                *describe(case, blank).splitlines(),
                *(["all else that is given is zero"] if zero else []),
                f"There, {found.what} [{at}] of {self.one} is {observed!r}, of {self.other} "
                f"{expected!r}: they may be {bound:.3g} apart",
            ]
        )


def proven(
    one: Implementation,
    held_one: Held,
    other: Implementation,
    held_other: Held,
    cases: int = 200,
    seed: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> Proof:
    """Run both layers on so many calls; where they differ, on smaller and smaller ones.

    Raises Unproven where one of them doesn't offer its network, or gives no answer.
    """
    sides = [(one, held_one), (other, held_other)]
    _check(sides)
    network, dtype = held_one.network, held_one.dtype
    lengths = all(
        each.conventions[network.cell].past_end.get(network.direction) for each, _ in sides
    )
    done, numbers, share = 0, 0, 0.0
    failed: Comparison | None = None

    def example(case: Case) -> None:
        nonlocal done, numbers, share, failed
        compared = _compared(sides, case)
        worst = max(compared, key=lambda each: each.ratio)
        if worst.ratio > 1.0:
            failed = worst
            raise Violated
        if failed is None:  # shrinking learns nothing from what passes
            done += 1
            numbers += sum(int((each.bound < SHARP).sum()) for each in compared)
            share = max(share, worst.ratio)
            progress(done)

    palette = [*one.palette, *other.palette]
    drawn = calls(network, held_one.weights, dtype, lengths, palette)
    with one.session(), other.session():
        try:
            each_case(drawn, cases, f"{seed} {dtype} proof", example)
        except Violated:
            return Proof(one.name, other.name, done + 1, numbers, share, failed)
    if not numbers:
        raise Unproven(
            "nothing could be compared: with these weights, rounding alone may move every number "
            "by more than it is"
        )
    return Proof(one.name, other.name, done, numbers, share)


def _check(sides: list[tuple[Implementation, Held]]) -> None:
    (_, first), (_, second) = sides
    if replace(second.network, biases=first.network.biases) != first.network:
        raise Unproven(f"{first.network}, and {second.network}, are not called alike")
    if first.dtype != second.dtype:
        raise Unproven(f"one computes in {first.dtype}, and the other in {second.dtype}")
    for implementation, held in sides:
        try:
            Trial(implementation).offered(held.network)
        except NotOffered as none:
            raise Unproven(str(none)) from None
        if held.dtype not in implementation.levels:
            raise Unproven(f"{implementation.name} does not compute in {held.dtype}")


def _compared(sides: list[tuple[Implementation, Held]], case: Case) -> list[Comparison]:
    """Every part of the answers to one call."""
    answers, bounds = [], []
    for implementation, held in sides:
        own = case.changed(network=held.network, weights=held.weights)
        answers.append(_answer(implementation, own))
        read = Bounds.of(held.dtype, implementation.levels[held.dtype])
        found = unroll(own, read).parts()
        bounds.append({name: part.settled().error for name, part in found.items()})
    compared = []
    for name, part in answers[0].parts().items():
        bound: Array = bounds[0][name] + bounds[1][name]
        if name == "outputs" and (valid := valid_steps(case)) is not None:
            bound = np.where(valid, bound, np.inf)
        compared.append(Comparison(name, case, part, answers[1].parts()[name], bound))
    return compared


def _answer(implementation: Implementation, case: Case) -> Answer:
    try:
        return Trial(implementation).run(case.copied())
    except (Exception, SystemExit) as error:
        raise Unproven(f"{implementation.name} gave no answer: {told(error)}") from None
