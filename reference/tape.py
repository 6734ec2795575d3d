"""The interpretation *gradients*: a tape over numbers, over bounds, or over anything else.

A ``Tape`` notes what each value was computed from, and how a cotangent goes back through that one
operation. The way back through a network follows from the equations alone: backpropagation through
time is written nowhere. What flows back is computed with the operations that flow forward, so over
bounded arrays it gives gradients with a bound on their error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit

from rnnspec.reference import operations
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.operations import (
    VALUES,
    Array,
    agreed,
    clipped,
    contract,
    either,
    entered,
    fed,
    join,
    nothing,
    observed,
    packed,
    positive,
    select,
    sigmoid,
    split,
    stack,
    total,
    transposed,
    unstack,
    within,
)
from rnnspec.reference.unroll import Reading, unroll

Back = Callable[[Any], Any]
"""From the cotangent of a result to that of what it was computed from."""


class Tape(NDArrayOperatorsMixin):
    """A value, and what it was computed from."""

    __slots__ = ("parents", "value")

    def __init__(self, value: Any, parents: Iterable[tuple[Tape, Back]] = ()) -> None:
        self.value = value
        self.parents = tuple(parents)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        rule = _RULES.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        value = ufunc(*(each.value if isinstance(each, Tape) else each for each in inputs))
        backs = zip(inputs, rule(value, *inputs), strict=True)
        return Tape(value, [(each, back) for each, back in backs if isinstance(each, Tape)])


def _value(operand: Any) -> Any:
    return operand.value if isinstance(operand, Tape) else operand


def _to(operand: Any) -> Back:
    """A cotangent, summed over the axes along which the operand was repeated."""
    shape = getattr(operand, "shape", ())
    return lambda g: g if g.shape == shape else total(g)


def _scaled(operand: Any, factor: Callable[[], Any]) -> Back:
    return lambda g: _to(operand)(g * factor())


_RULES: dict[Any, Callable[..., Sequence[Back]]] = {
    np.add: lambda y, a, b: (_to(a), _to(b)),
    np.subtract: lambda y, a, b: (_to(a), lambda g: -_to(b)(g)),
    np.multiply: lambda y, a, b: (_scaled(a, lambda: _value(b)), _scaled(b, lambda: _value(a))),
    np.negative: lambda y, a: (lambda g: -g,),
    np.matmul: lambda y, a, b: (
        lambda g: g @ transposed(b.value),
        lambda g: contract(a.value, g),
    ),
    np.tanh: lambda y, a: (_scaled(a, lambda: 1 - y * y),),
    expit: lambda y, a: (_scaled(a, lambda: y * (1 - y)),),
    np.maximum: lambda y, a, b: (_scaled(a, lambda: positive(a.value)), nothing),
}


@operations.sigmoid.register
def _sigmoid(a: Tape) -> Tape:
    """The value is that of the other reading's own sigmoid."""
    value = sigmoid(a.value)
    (back,) = _RULES[expit](value, a)
    return Tape(value, [(a, back)])


@operations.register_packed
def _packed(first: Tape, matrices: Sequence[Tape]) -> Sequence[Tape]:
    values = packed([each.value for each in matrices])
    return [_held(each, value) for each, value in zip(matrices, values, strict=True)]


@operations.fed.register
def _fed(x: Tape, axes: tuple[int, ...] | None = None) -> Tape:
    return _held(x, fed(x.value, axes))


def _held(x: Tape, value: Any) -> Tape:
    """What is held otherwise than it was given; it passes a cotangent on as it is."""
    return x if value is x.value else Tape(value, [(x, lambda g: g)])


@operations.clipped.register
def _clipped(a: Tape, limit: float) -> Tape:
    return Tape(clipped(a.value, limit), [(a, _scaled(a, lambda: within(a.value, limit)))])


class Pieces:
    """Cotangents of some of the parts that an array was cut into."""

    def __init__(
        self,
        parts: Sequence[Any],
        together: Callable[[Sequence[Any]], Any],
        known: Mapping[int, Any],
    ) -> None:
        self.parts, self.together, self.known = parts, together, dict(known)

    def __add__(self, other: Pieces) -> Pieces:
        """Of other parts: what came back to one part was added up before."""
        return Pieces(self.parts, self.together, {**self.known, **other.known})

    def whole(self) -> Any:
        """The cotangent of the array: zero for parts that nothing came back from."""
        whole = [self.known.get(k, None) for k in range(len(self.parts))]
        return self.together(
            [nothing(p) if g is None else g for p, g in zip(self.parts, whole, strict=True)]
        )


def _cut(
    source: Tape, parts: Sequence[Any], together: Callable[[Sequence[Any]], Any]
) -> tuple[Tape, ...]:
    hub = Tape(source.value, [(source, Pieces.whole)])

    def piece(k: int) -> Tape:
        return Tape(parts[k], [(hub, lambda g: Pieces(parts, together, {k: g}))])

    return tuple(piece(k) for k in range(len(parts)))


def _nth(parts: Callable[[Any], Sequence[Any]], k: int) -> Back:
    return lambda g: parts(g)[k]


@operations.split.register
def _split(array: Tape, blocks: int) -> tuple[Tape, ...]:
    return _cut(array, split(array.value, blocks), join)


@operations.unstack.register
def _unstack(array: Tape) -> tuple[Tape, ...]:
    return _cut(array, unstack(array.value), stack)


@operations.register_stack
def _stack(first: Tape, arrays: Sequence[Tape]) -> Tape:
    value = stack([each.value for each in arrays])
    return Tape(value, [(each, _nth(unstack, t)) for t, each in enumerate(arrays)])


@operations.register_join
def _join(first: Tape, arrays: Sequence[Tape]) -> Tape:
    value, parts = join([each.value for each in arrays]), len(arrays)
    return Tape(value, [(a, _nth(lambda g: split(g, parts), k)) for k, a in enumerate(arrays)])


@operations.select.register
def _select(yes: Tape, no: Tape, mask: npt.NDArray[np.bool_]) -> Tape:
    return Tape(
        select(yes.value, no.value, mask),
        [
            (yes, lambda g: select(g, nothing(g), mask)),
            (no, lambda g: select(nothing(g), g, mask)),
        ],
    )


@operations.observed.register
def _observed(computed: Tape, seen: Tape) -> Tape:
    return Tape(observed(computed.value, seen.value), [(computed, lambda g: g)])


@operations.register_either
def _either(first: Tape, ways: operations.Ways, operands: Sequence[Tape]) -> Tape:
    """Every way forward has its own way back, and all of them conform."""
    leaves = [[Tape(entered(each.value)) for each in operands] for _ in ways]
    ends = [way(*own) for way, own in zip(ways, leaves, strict=True)]

    def back(g: Any) -> list[Any]:
        owed = [pulled([(end, entered(g))]) for end in ends]
        by_operand = zip(*leaves, strict=True)
        return [
            agreed(*(each[id(leaf)] for each, leaf in zip(owed, same, strict=True)))
            for same in by_operand
        ]

    hub = Tape(None, [(each, _nth(lambda all_: all_, k)) for k, each in enumerate(operands)])
    return Tape(either(ways, *(each.value for each in operands)), [(hub, back)])


def pulled(ends: Sequence[tuple[Tape, Any]]) -> dict[int, Any]:
    """Go back from values and their cotangents: the cotangent of everything before, by ``id``."""
    owed: dict[int, Any] = {}

    def owe(tape: Tape, cotangent: Any) -> None:
        at = id(tape)
        owed[at] = owed[at] + cotangent if at in owed else cotangent

    for tape, cotangent in ends:
        owe(tape, cotangent)
    for tape in reversed(_ordered([tape for tape, _ in ends])):
        for parent, back in tape.parents:
            owe(parent, back(owed[id(tape)]))
    return owed


def _ordered(ends: Sequence[Tape]) -> list[Tape]:
    """Everything that the ends were computed from, each after what it was computed from."""
    order: list[Tape] = []
    found: set[int] = set()
    pending = [(tape, False) for tape in ends]
    while pending:
        tape, done = pending.pop()
        if done:
            order.append(tape)
        elif id(tape) not in found:
            found.add(id(tape))
            pending.append((tape, True))
            pending += [(parent, False) for parent, _ in tape.parents]
    return order


class Taped:
    """The reading as a tape over another reading. It keeps the leaves that have a name."""

    linked = True

    def __init__(self, read: Reading) -> None:
        self.read = read
        self.leaves: dict[object, Tape] = {}

    def given(self, array: Array, name: object = None) -> Tape:
        """A leaf of the other reading."""
        leaf = Tape(self.read.given(array))
        if name is not None:
            self.leaves[name] = leaf
        return leaf

    def seen(self, array: Array) -> Tape:
        """A leaf that an implementation returned."""
        return Tape(self.read.seen(array))


def gradients(
    case: Case,
    cotangents: Mapping[str, Array],
    read: Reading = VALUES,
    anchors: Mapping[int, Array] | None = None,
) -> Gradients:
    """Backpropagation through time: the gradients of ``sum(cotangent * part)`` over the parts.

    ``cotangents`` has an array in the shape of each part of the answer that takes part
    (``outputs``, ``hidden``, ``cell``); ``anchors`` as for ``unroll``.
    """
    tape = Taped(read)
    taped = unroll(case, tape, anchors)
    parts = taped.parts()
    with np.errstate(all="ignore"):
        owed = pulled([(parts[name], read.given(g)) for name, g in cotangents.items()])

    def owed_to(name: object) -> Any:
        leaf = tape.leaves[name]
        return owed.get(id(leaf), nothing(leaf.value))

    weights = {}
    for place in case.weights:
        g = owed_to(place)
        weights[place] = transposed(g) if len(g.shape) == 2 else g
    rows = range(case.state_shape[0])
    states = {name: stack([owed_to((name, k)) for k in rows]) for name in case.states}
    plain = {name: part.value for name, part in parts.items()}
    return Gradients(Answer(plain.pop("outputs"), plain), owed_to("inputs"), states, weights)
