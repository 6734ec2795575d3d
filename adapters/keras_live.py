"""Keras's layers that a program holds, and the variables of their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rnnspec.adapters.keras_layers import LAYERS
from rnnspec.adapters.keras_weights import arrays, packed
from rnnspec.adapters.live_ import View, called, kind, usual
from rnnspec.reference.carrying import Held, Uncarried, stacked
from rnnspec.reference.conventions import Packed
from rnnspec.reference.network import ACTIVATIONS, Network
from rnnspec.reference.operations import Array

CELLS = {f"{name}Cell": cell for cell, name in LAYERS.items()}
KINDS = (*LAYERS.values(), *CELLS, "RNN", "StackedRNNCells", "Bidirectional", "Sequential")
PASSING = ("InputLayer", "Masking", "Dropout", "SpatialDropout1D")
"""What may stand between the layers of a stack: it lets everything through that is not trained."""


class Half(NamedTuple):
    """A direction of a layer."""

    cell: Any
    network: Network


def viewed(
    layer: Any,
    package: str,
    array: Callable[[Any], Array],
    assign: Callable[[Any, Array, str], None],
) -> View:
    """A layer's variables, in which ``assign`` puts numbers of a dtype."""
    layers = list(_layers(layer, package))
    dtype = _dtype(layers[0][0].cell)
    network = stacked([Held(_joined(halves), {}, _dtype(halves[0].cell)) for halves in layers])
    cells = [half.cell for halves in layers for half in halves]

    def write(given: Sequence[Packed]) -> Any:
        for cell, each in zip(cells, given, strict=True):
            for variable, values in zip(_variables(cell), arrays(each), strict=True):
                assign(variable, values, dtype)
        return layer

    both = network.network.biases == "both"
    held = [packed([array(variable) for variable in _variables(cell)], both) for cell in cells]
    return View(network.network, dtype, held, write)


def _variables(cell: Any) -> list[Any]:
    return [cell.kernel, cell.recurrent_kernel, *([cell.bias] if cell.use_bias else [])]


def _dtype(cell: Any) -> str:
    return str(getattr(cell.kernel.dtype, "name", cell.kernel.dtype))


def _layers(layer: Any, package: str) -> Iterator[list[Half]]:
    """The directions of each layer of a stack."""
    name = kind(layer, package, KINDS)
    if name == "Sequential":
        found = [each for each in layer.layers if kind(each, package, PASSING) is None]
        for each in found:
            if kind(each, package, KINDS) is None:
                raise Uncarried(
                    f"the Sequential holds a {type(each).__name__} beside its recurrent layers: "
                    "name these in a list"
                )
        if not found:
            raise Uncarried("the Sequential holds no recurrent layer")
        for each in found:
            halves = list(_layers(each, package))
            if len(found) > 1 and halves[0][0].network.direction == "backward":
                raise Uncarried(
                    f"the layer {each.name!r} goes backwards, and hands its outputs on in that "
                    "order: name the layers in a list, and turn them between"
                )
            yield from halves
    elif name == "Bidirectional":
        one, other = layer.forward_layer, layer.backward_layer
        if layer.merge_mode not in ("concat", None):
            raise Uncarried(
                f"the merge_mode of {layer.name!r} is {layer.merge_mode!r}: only 'concat', with "
                "both directions side by side, is carried"
            )
        if one.go_backwards or not other.go_backwards:
            raise Uncarried(f"the first direction of {layer.name!r} is not the one forwards")
        yield [*_cells(one, package), *_cells(other, package)]
    else:
        for half in _cells(layer, package):
            yield [half]


def _cells(layer: Any, package: str) -> Iterator[Half]:
    """The cells in a layer, or in a stack of cells, which all go one way."""
    cell = getattr(layer, "cell", layer)
    direction = "backward" if getattr(layer, "go_backwards", False) else "forward"
    for each in getattr(cell, "cells", [cell]):
        name = kind(each, package, CELLS)
        if name is None:
            raise Uncarried(f"{layer.name!r} is a layer of a {type(each).__name__}, not of Keras's")
        if getattr(each, "kernel", None) is None:
            raise Uncarried(f"{layer.name!r} has no weights yet: build it, or call it once")
        yield Half(each, _network(CELLS[name], each, direction))


def _network(cell: str, of: Any, direction: str) -> Network:
    biases, reset = "input" if of.use_bias else "none", "after"
    activation = called(of.activation)
    if cell == "gru" and not of.reset_after:
        reset = "before"
    elif cell == "gru" and of.use_bias:
        biases = "both"
    if cell != "rnn":
        usual(repr(of.name), "recurrent activation", called(of.recurrent_activation), ("sigmoid",))
    usual(repr(of.name), "activation", activation, ACTIVATIONS if cell == "rnn" else ("tanh",))
    inputs = int(of.kernel.shape[0])
    return Network(cell, inputs, int(of.units), 1, direction, biases, activation, reset)


def _joined(halves: Sequence[Half]) -> Network:
    """The network of a layer's directions."""
    first = halves[0].network
    if len(halves) == 1:
        return first
    if replace(halves[1].network, direction="forward") != first:
        raise Uncarried(f"the directions differ: {first}, and {halves[1].network}")
    return replace(first, direction="both")
