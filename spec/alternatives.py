"""Other conventions than those declared, under which an implementation may be judged.

Most layers that fail are right, and something else is declared of them than they do: the gates
stand in another order, an open update gate takes what it was said to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, cast

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import ACTIVATIONS, RESETS, Network
from rnnspec.reference.operations import Array

OFFSETS = (0.0, 1.0, -1.0)
"""What an implementation may add to the forget gate."""
ROWS = {"out,in": "rows", "in,out": "columns"}
UPDATES = {"keeps": "kept the past", "takes": "took the candidate"}
PAST = {"zero": "held", "held": "zero"}
VALUES = {"reset": RESETS, "activation": ACTIVATIONS, "direction": ("forward", "backward")}


@dataclass(frozen=True)
class Alternative:
    """Another convention: the implementation under it, and how it is then judged."""

    words: str
    """As in: it would hold if ..."""
    declared: str
    implementation: Implementation
    fits: Callable[[Network], bool] = lambda network: True
    """The networks of which it says something."""
    judged: Callable[[Case], Case] = lambda case: case
    """A case as the judge sees it: of another network, where that is what is computed."""

    def __str__(self) -> str:
        return f"{self.words} (declared: {self.declared})"


def alternatives(implementation: Implementation, network: Network) -> Iterator[Alternative]:
    """Every other convention for a network's cell, those that change least first."""
    declared = implementation.conventions[network.cell]
    for words, was, fields in _fields(network.cell, declared):
        yield _declaring(implementation, network.cell, replace(declared, **fields), words, was)
    if network.cell == "lstm":
        yield from _states(implementation, declared)
    for name, told in _options(network):
        yield from _computing(implementation, network, name, told)
    yield from _orders(implementation, network.cell, declared)


def _fields(cell: str, declared: Conventions) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Words for another convention and for the declared one, and the fields that it changes."""
    for other in ROWS.keys() - {declared.orientation}:
        words = f"the packed matrices had units as {ROWS[other]}"
        yield words, f"as {ROWS[declared.orientation]}", {"orientation": other}
    for other in UPDATES.keys() - {declared.update} if cell == "gru" else ():
        words = f"an open update gate {UPDATES[other]}"
        yield words, f"it {UPDATES[declared.update]}", {"update": other}
    offset = declared.forget_offset
    for number in dict.fromkeys((*OFFSETS, -offset)) if cell == "lstm" else ():
        if number != offset:
            words = f"the implementation itself added {number:g} to the forget gate"
            yield words, f"{offset:g}", {"forget_offset": number}
    for direction, held in declared.past_end.items():
        if held in PAST:
            words = f"outputs past the end of a row were {PAST[held]}, running {direction}"
            yield words, held, {"past_end": {**declared.past_end, direction: PAST[held]}}


def _options(network: Network) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Fields of a network that may be computed otherwise, and words for each."""
    if network.cell == "gru":
        yield "reset", lambda form: f"the reset gate were applied {form} the product"
    if network.cell == "rnn":
        yield "activation", lambda function: f"its activation were {function}"
    if network.direction != "both":
        yield "direction", lambda direction: f"it ran {direction}"


def _orders(
    implementation: Implementation, cell: str, declared: Conventions
) -> Iterator[Alternative]:
    """Every other order of the gates, those that move fewest first."""
    was = declared.blocks
    moved = lambda order: sum(a != b for a, b in zip(order, was, strict=True))  # noqa: E731
    for order in sorted(permutations(was), key=moved)[1:]:
        words = f"the gates stood in the order {', '.join(order)}"
        changed = replace(declared, blocks=order)
        yield _declaring(implementation, cell, changed, words, ", ".join(was))
        # an implementation that packs by hand is given the weights in that order
        sources = dict(zip(was, order, strict=True))
        other = _passing(implementation, case=lambda case, to=sources: case.with_blocks(to))
        yield Alternative(words, ", ".join(was), other)


def _declaring(
    implementation: Implementation, cell: str, changed: Conventions, words: str, was: str
) -> Alternative:
    """The same implementation, and something else declared of it."""
    other = copy(implementation)
    other.conventions = {**implementation.conventions, cell: changed}
    return Alternative(words, was, other, lambda network: changed.refuses(network) is None)


def _computing(
    implementation: Implementation, network: Network, name: str, words: Callable[[str], str]
) -> Iterator[Alternative]:
    """Asked for one network, it computes another; or the other way about."""
    was = getattr(network, name)
    (other,) = (value for value in VALUES[name] if value != was)
    alike: Callable[[Network], bool] = lambda network: getattr(network, name) == was  # noqa: E731
    as_was = _passing(implementation, case=lambda case: _of(case, name, was))
    as_other = _passing(implementation, case=lambda case: _of(case, name, other))
    yield Alternative(words(other), was, as_was, alike, lambda case: _of(case, name, other))
    asked = f"the {name} {other!r} were asked for where {was!r} is meant"
    yield Alternative(asked, was, as_other, alike)


def _states(implementation: Implementation, declared: Conventions) -> Iterator[Alternative]:
    """The states exchanged as they are given, as they are returned, or both."""
    other = {"hidden": "cell", "cell": "hidden"}

    def given(case: Case) -> Case:
        return case.changed(states={other[name]: state for name, state in case.states.items()})

    def returned(answer: Answer) -> Answer:
        return replace(answer, states={other[name]: s for name, s in answer.states.items()})

    was = ", ".join(declared.states)
    order = ", ".join(other[name] for name in declared.states)
    for words, passed in (
        ("the initial states were given", _passing(implementation, case=given)),
        ("the final states were returned", _passing(implementation, answer=returned)),
        ("the states stood", _passing(implementation, given, returned)),
    ):
        yield Alternative(f"{words} in the order {order}", was, passed)


def _passing(implementation: Implementation, *changes: Any, **named: Any) -> Implementation:
    """Typed as what it passes everything on to."""
    return cast(Implementation, _Passed(implementation, *changes, **named))


class _Passed:
    """An implementation whose cases, or answers, are changed on their way. Otherwise it is it."""

    def __init__(
        self,
        implementation: Implementation,
        case: Callable[[Case], Case] = lambda case: case,
        answer: Callable[[Answer], Answer] = lambda answer: answer,
    ) -> None:
        self._implementation, self._case, self._answer = implementation, case, answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._implementation, name)

    def run(self, case: Case) -> Answer:
        return self._answer(self._implementation.run(self._case(case)))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        return self._implementation.gradients(self._case(case), cotangents)


def _of(case: Case, name: str, value: str) -> Case:
    """The same case of a network with another option. Weights move along to its direction."""
    network = case.network
    turned = value if name == "direction" else network.direction
    weights = {at._replace(direction=turned): w for at, w in case.weights.items()}
    return case.changed(
        network=replace(network, **{name: value}),  # type: ignore[arg-type]
        weights=weights if network.direction != "both" else case.weights,
    )
