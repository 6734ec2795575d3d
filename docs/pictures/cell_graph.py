"""The graph of one step of a cell, as a picture shows it: what a block sums up is one box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from docs.pictures.tracing import Node, trace
from rnnspec.reference.network import Network, Place

SQUASHINGS = {"expit": "σ", "tanh": "tanh", "maximum": "relu"}
SIGNS = {"multiply": "×", "add": "+", "subtract": "−"}
LETTERS = {"inputs": "x", "hidden": "h", "cell": "c"}
LINEAR = {"recurrent": "U h", "projection": "P h"}
"""What is a matrix product and not squashed, by the part of the block."""


@dataclass(frozen=True, eq=False)
class Part:
    """What is drawn as one thing."""

    kind: str
    """``input``, ``state``, ``box`` (a block with weights), ``function`` (a squashing without
    weights) or ``circle`` (elementwise arithmetic)."""
    label: str
    """What it computes, or the symbol of what enters."""
    name: str = ""
    """What the cards call it, where they do."""
    reads: tuple[Part, ...] = ()
    nodes: tuple[Node, ...] = ()
    """The operations of the trace that it stands for."""


@dataclass(frozen=True)
class CellGraph:
    """One step of a cell."""

    parts: tuple[Part, ...]
    """Operands before what reads them."""
    leaves: dict[str, tuple[Part, Part]]
    """Of each state, the part with which it enters and the part that computes it anew."""

    def readers(self, part: Part) -> list[Part]:
        """The parts that read a part."""
        return [each for each in self.parts if part in each.reads]


def block_name(block: str) -> str:
    """A block in the words of the cards."""
    if block == "hidden":
        return "hidden state"
    return block if block == "candidate" else f"{block} gate"


def cell_graph(network: Network) -> CellGraph:
    """The graph of one step of a network of one layer and direction."""
    found = _Contraction()
    step = trace(network)
    leaving = {name: found.part(step.states[name][0]) for name in network.states}
    leaves = {name: (found.entering(name), part) for name, part in leaving.items()}
    return CellGraph(tuple(found.parts.values()), leaves)


class _Contraction:
    """From nodes to parts: each node that something else reads has one."""

    def __init__(self) -> None:
        self.parts: dict[Node, Part] = {}

    def entering(self, state: str) -> Part:
        return next(p for p in self.parts.values() if p.kind == "state" and p.name == state)

    def part(self, node: Node) -> Part:
        if node not in self.parts:
            made = self._made(node)
            self.parts[node] = made
        return self.parts[node]

    def _made(self, node: Node) -> Part:
        if node.operation == "leaf":
            what = node.name[0]
            kind = "input" if what == "inputs" else "state"
            mark = "t" if what == "inputs" else "{t-1}"
            return Part(kind, f"${LETTERS[what]}_{mark}$", what, nodes=(node,))
        if node.operation in SQUASHINGS:
            label, inner = SQUASHINGS[node.operation], node.operands[0]
            weights = list(_weights(inner))
            if not weights:
                return Part("function", label, "", (self.part(inner),), (node,))
            return self._block(label, block_name(weights[0].block), inner, (node,))
        weights = list(_weights(node))
        if weights:
            at = weights[0]
            name = "projection" if at.part == "projection" else f"past of the {at.block}"
            return self._block(LINEAR[at.part], name, node, ())
        operands = [each for each in node.operands if each.operation != "number"]
        numbers = [str(each.name) for each in node.operands if each.operation == "number"]
        label = " ".join([*numbers, SIGNS[node.operation]])
        return Part("circle", label, "", tuple(map(self.part, operands)), (node,))

    def _block(self, label: str, name: str, inner: Node, own: tuple[Node, ...]) -> Part:
        reads: dict[Node, None] = {}
        nodes = [*own]
        for term in _terms(inner):
            factors = [each for each in term.operands if not _is_weight(each)]
            if len(factors) < len(term.operands):
                reads[factors[0]] = None
                nodes.append(term)
            elif not _is_weight(term) and term.operation != "number":
                reads[term] = None
        return Part("box", label, name, tuple(map(self.part, reads)), tuple(nodes))


def _terms(node: Node) -> Iterator[Node]:
    """What a sum adds up, before it is clipped if it is."""
    if node.operation in ("add", "clipped"):
        for operand in node.operands:
            yield from _terms(operand)
    else:
        yield node


def _weights(node: Node) -> Iterator[Place]:
    """The matrices and peepholes that are multiplied in a sum."""
    for term in _terms(node):
        for factor in term.operands:
            if _is_weight(factor):
                yield factor.name


def _is_weight(node: Node) -> bool:
    return node.operation == "leaf" and isinstance(node.name, Place)
