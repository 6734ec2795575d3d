"""What every step of an unrolled network reads, found in the trace of the unrolling."""

from __future__ import annotations

from typing import NamedTuple

from docs.pictures.tracing import Node, Tracing, trace
from rnnspec.reference.network import Network


class Spot(NamedTuple):
    """What is drawn as one thing: an input, an initial state, a cell at a step, or an output."""

    kind: str
    """``input``, ``initial``, ``cell`` or ``output``."""
    layer: int
    direction: str
    step: int
    """Of an initial state, the step before the first, or after the last."""


class Unrolled(NamedTuple):
    """The spots of an unrolled network, and who reads whom."""

    spots: tuple[Spot, ...]
    reads: tuple[tuple[Spot, Spot], ...]
    """Pairs: what is read, and what reads it."""


def unrolled(network: Network, steps: int) -> Unrolled:
    """What each step reads, found in the trace of the unrolling.

    A cell at a step is the hidden state that it computes; what it reads are the first such states,
    inputs and initial states on the way back.
    """
    tracing, spots = Tracing(), {}
    for layer in range(network.layers):
        rows = trace(_first_layers(network, layer + 1), steps, tracing).outputs
        for t, row in enumerate(rows):
            for direction, node in zip(network.directions, row, strict=True):
                spots[node] = Spot("cell", layer, direction, t)
    for node in tracing.nodes.values():
        leaf = _leaf(node, network, steps)
        if leaf:
            spots[node] = leaf
    reads = [(spots[each], spot) for node, spot in spots.items() for each in _read(node, spots)]
    top = network.layers - 1
    outputs = [Spot("output", top, "", t) for t in range(steps)]
    for t, row in enumerate(rows):
        reads += [(spots[node], outputs[t]) for node in row]
    return Unrolled((*spots.values(), *outputs), tuple(reads))


def _first_layers(network: Network, layers: int) -> Network:
    return Network(network.cell, 1, 1, layers=layers, direction=network.direction)


def _leaf(node: Node, network: Network, steps: int) -> Spot | None:
    if node.operation != "leaf" or len(node.name) != 2:
        return None
    what, index = node.name
    if what == "inputs":
        return Spot("input", -1, "", index)
    layer, k = divmod(index, len(network.directions))
    direction = network.directions[k]
    return Spot("initial", layer, direction, -1 if direction == "forward" else steps)


def _read(node: Node, spots: dict[Node, Spot]) -> list[Node]:
    """The nearest spots on the way back from a node, each once."""
    found: dict[Node, None] = {}
    pending = list(node.operands)
    while pending:
        each = pending.pop(0)
        if each in spots:
            found[each] = None
        else:
            pending.extend(each.operands)
    return list(found)
