"""The interpretation *trace*: the equations as a graph, recorded from the code that runs.

Nodes flow through the cells and through the unrolling in place of numbers: a leaf is a weight, an
input of one step or an initial state, and every operation is a node that knows its operands. The
same operation on the same operands is the same node, so graphs of one ``Tracing`` can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from rnnspec.reference import operations
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll


@dataclass(frozen=True, eq=False)
class Node:
    """One operation, or a leaf."""

    operation: str
    """NumPy's name of a ufunc, ``product``, ``join``, ``clipped``, ``number``; or ``leaf``."""
    operands: tuple[Node, ...] = ()
    name: Any = None
    """Of a leaf: a ``Place``, ``("inputs", step)`` or a state's name and index. Of a clip: its
    limit. Of a number: the number."""


class Traced(NDArrayOperatorsMixin):
    """An array of nodes: a row for each step, and in it a node for each block side by side."""

    def __init__(self, rows: Sequence[Sequence[Node]], tracing: Tracing) -> None:
        self.rows = tuple(map(tuple, rows))
        self.tracing = tracing

    @property
    def shape(self) -> tuple[int, int]:
        """Steps and blocks."""
        return len(self.rows), len(self.rows[0])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        given = [x if isinstance(x, Traced) else self.tracing.number(x) for x in inputs]
        steps, blocks = np.broadcast_shapes(*(x.shape for x in given))

        def at(step: int, block: int) -> Node:
            found = (x.rows[step % x.shape[0]][block % x.shape[1]] for x in given)
            return self.tracing.node(ufunc.__name__, *found)

        return Traced([[at(t, k) for k in range(blocks)] for t in range(steps)], self.tracing)

    def whole(self, step: int) -> Node:
        """All blocks of a step as one."""
        row = self.rows[step]
        return row[0] if len(row) == 1 else self.tracing.node("join", *row)


@operations.product.register
def _product(x: Traced, matrix: Traced) -> Traced:
    of = x.tracing
    rows = [
        [of.node("product", x.whole(t), block) for block in matrix.rows[0]]
        for t in range(x.shape[0])
    ]
    return Traced(rows, of)


@operations.split.register
def _split(array: Traced, blocks: int) -> tuple[Traced, ...]:
    if array.shape[1] != blocks:
        raise TypeError(f"{array.shape[1]} blocks were joined, and are split into {blocks}")
    return tuple(Traced([[row[k]] for row in array.rows], array.tracing) for k in range(blocks))


@operations.unstack.register
def _unstack(array: Traced) -> tuple[Traced, ...]:
    return tuple(Traced([row], array.tracing) for row in array.rows)


@operations.register_stack
def _stack(first: Traced, arrays: Sequence[Traced]) -> Traced:
    return Traced([row for each in arrays for row in each.rows], first.tracing)


@operations.register_join
def _join(first: Traced, arrays: Sequence[Traced]) -> Traced:
    columns = zip(*(each.rows for each in arrays), strict=True)
    return Traced([[node for row in rows for node in row] for rows in columns], first.tracing)


@operations.register_either
def _first_way(first: Traced, ways: operations.Ways, operands: Sequence[Traced]) -> Traced:
    """One way to write it is enough."""
    way: Traced = ways[0](*operands)
    return way


@operations.clipped.register
def _clipped(array: Traced, limit: float) -> Traced:
    of = array.tracing
    return Traced([[of.node("clipped", x, name=limit) for x in row] for row in array.rows], of)


@operations.select.register
@operations.rearranged.register
def _unknown(array: Traced, *rest: Any) -> Any:
    raise TypeError("a trace has neither rows that end early nor single elements")


@dataclass
class Tracing:
    """The reading as a graph."""

    linked = True
    nodes: dict[tuple[Any, ...], Node] = field(default_factory=dict)

    def node(self, operation: str, *operands: Node, name: Any = None) -> Node:
        """The node of an operation: the one that there is, or a new one."""
        key = (operation, name, *map(id, operands))
        return self.nodes.setdefault(key, Node(operation, operands, name))

    def number(self, number: Any) -> Traced:
        """A number that stands in an equation."""
        return Traced([[self.node("number", name=number)]], self)

    def given(self, array: Array, name: Any = None) -> Traced:
        """A leaf; the inputs are one for each step, and what has no name is a bias of zeros."""
        if name is None:
            return self.number(float(array.max()))
        if name == "inputs":
            return Traced([[self.node("leaf", name=(name, t))] for t in range(len(array))], self)
        return Traced([[self.node("leaf", name=name)]], self)

    def seen(self, array: Array) -> Traced:
        """Nothing is judged here, so there is nothing that an implementation returned."""
        raise TypeError("a trace has no anchors")


class Trace(NamedTuple):
    """What an unrolling computes, as nodes."""

    outputs: tuple[tuple[Node, ...], ...]
    """By step and direction."""
    states: dict[str, tuple[Node, ...]]
    """The final states, by name and by layer and direction."""


def trace(network: Network, steps: int = 1, tracing: Tracing | None = None) -> Trace:
    """The graph of a network, unrolled over some steps."""
    weights = {place: np.zeros(shape) for place, shape in network.places()}
    case = Case(network, weights, np.zeros((steps, 1, network.inputs)))
    answer = unroll(case, Tracing() if tracing is None else tracing)
    states = {name: tuple(row[0] for row in state.rows) for name, state in answer.states.items()}
    return Trace(answer.outputs.rows, states)


def ancestors(*nodes: Node) -> Iterator[Node]:
    """The nodes and all that they are computed from, operands first."""
    seen: set[Node] = set()
    for node in nodes:
        pending = [(node, False)]
        while pending:
            each, done = pending.pop()
            if done:
                yield each
            elif each not in seen:
                seen.add(each)
                pending.append((each, True))
                pending.extend((operand, False) for operand in reversed(each.operands))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "product": operations.product,
    "join": lambda *arrays: operations.join(arrays),
    "expit": operations.sigmoid,
}


def evaluate(nodes: Sequence[Node], case: Case) -> list[Array]:
    """The numbers that nodes stand for in a case: the graph, computed."""
    values: dict[Node, Any] = {}
    for node in ancestors(*nodes):
        operands = [values[each] for each in node.operands]
        if node.operation == "leaf":
            values[node] = _leaf(node.name, case)
        elif node.operation == "number":
            values[node] = node.name
        elif node.operation == "clipped":
            values[node] = operations.clipped(operands[0], limit=node.name)
        else:
            function = FUNCTIONS.get(node.operation) or getattr(np, node.operation)
            values[node] = function(*operands)
    return [values[node] for node in nodes]


def _leaf(name: Any, case: Case) -> Array:
    if name in case.weights:
        return case.weights[name].T
    what, index = name
    whole = case.inputs if what == "inputs" else case.state(what)
    return np.asarray(whole[index])
