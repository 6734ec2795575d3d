"""Layers of JAX's libraries that a program holds: Flax's modules, and Equinox's cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.adapters.jax_ import Tree, array
from rnnspec.adapters.live_ import View, called, kind, usual
from rnnspec.reference.carrying import Uncarried
from rnnspec.reference.conventions import Packed
from rnnspec.reference.network import ACTIVATIONS, Network

FLAX = {"SimpleCell": "rnn", "LSTMCell": "lstm", "OptimizedLSTMCell": "lstm", "GRUCell": "gru"}
"""The cells of ``flax.nnx``."""
EQUINOX = {"LSTMCell": "lstm", "GRUCell": "gru"}
Named = Callable[[Network, Packed, str], Tree]
Taken = Callable[[Network, Tree, str], Packed]


def put(jax: Any, values: Any, like: Any) -> Any:
    """An array in place of another one: of its dtype, and where that one is."""
    if values.shape != like.shape:
        raise Uncarried(f"an array of the layer has shape {like.shape}, where {values.shape} fits")
    with jax.enable_x64(str(like.dtype) == "float64"):
        made = jax.numpy.asarray(np.asarray(values).astype(like.dtype))
        return jax.device_put(made, like.sharding)


def of_flax(nnx: Any, jax: Any, layer: Any, named: Named, taken: Taken) -> View:
    """A cell, an RNN of one, or a Bidirectional of two."""
    halves = _halves(layer)
    cells, directions = [half[0] for half in halves], [half[1] for half in halves]
    networks = [_network(cell) for cell in cells]
    if len(set(networks)) > 1:
        raise Uncarried(f"the directions differ: {networks[0]}, and {networks[1]}")
    direction = directions[0] if len(halves) == 1 else "both"
    network = replace(networks[0], direction=direction)
    ways = [str(kind(cell, "flax.nnx", FLAX)) for cell in cells]
    states = [nnx.state(cell, nnx.Param) for cell in cells]
    trees = [nnx.to_pure_dict(state) for state in states]

    def write(packed: Sequence[Packed]) -> Any:
        new = [
            jax.tree.map(lambda old, own: put(jax, own, old), tree, named(network, each, way))
            for tree, each, way in zip(trees, packed, ways, strict=True)
        ]
        for cell, state, tree in zip(cells, states, new, strict=True):
            nnx.replace_by_pure_dict(state, tree)
            nnx.update(cell, state)
        return layer

    held = [
        taken(network, jax.tree.map(array, tree), way)
        for tree, way in zip(trees, ways, strict=True)
    ]
    return View(network, str(jax.tree.leaves(trees)[0].dtype), held, write)


def _halves(layer: Any) -> list[tuple[Any, str]]:
    """The cells of a layer, and the way that each of them goes."""
    name = kind(layer, "flax.nnx", ("RNN", "Bidirectional", *FLAX))
    if name == "Bidirectional":
        merge = called(layer.merge_fn)
        if merge != "_concatenate":
            raise Uncarried(
                f"the merge_fn of this Bidirectional is {merge!r}: only its own, with both "
                "directions side by side, is carried"
            )
        # it turns the inputs of the second one itself
        halves = _halves(layer.forward_rnn), _halves(layer.backward_rnn)
        if any(direction == "backward" for half in halves for _, direction in half):
            raise Uncarried("a direction of this Bidirectional is turned once more by its own RNN")
        return [(halves[0][0][0], "forward"), (halves[1][0][0], "backward")]
    if name == "RNN":
        if kind(layer.cell, "flax.nnx", FLAX) is None:
            raise Uncarried(f"this RNN is one of a {type(layer.cell).__name__}, not of Flax's own")
        return [(layer.cell, "backward" if layer.reverse else "forward")]
    return [(layer, "forward")]


def _network(cell: Any) -> Network:
    name = str(kind(cell, "flax.nnx", FLAX))
    of = FLAX[name]
    activation = called(cell.activation_fn)
    usual(f"this {name}", "activation", activation, ACTIVATIONS if of == "rnn" else ("tanh",))
    if of != "rnn":
        usual(f"this {name}", "activation of its gates", called(cell.gate_fn), ("sigmoid",))
    if getattr(cell, "residual", False):
        raise Uncarried(f"this {name} is residual: it adds its input to what it puts out")
    biases = "recurrent" if of == "lstm" else "input"
    activation = activation if of == "rnn" else "tanh"
    return Network(
        of, int(cell.in_features), int(cell.hidden_features), biases=biases, activation=activation
    )


def of_equinox(equinox: Any, jax: Any, cell: Any, named: Named, taken: Taken) -> View:
    """A cell. It is never changed: there is a new one with other arrays."""
    of = EQUINOX[str(kind(cell, "equinox.nn", EQUINOX))]
    biases = {"lstm": "input", "gru": "candidate"}[of] if cell.use_bias else "none"
    network = Network(of, int(cell.input_size), int(cell.hidden_size), biases=biases)
    fields = ["weight_ih", "weight_hh"]
    fields += [name for name in ("bias", "bias_n") if getattr(cell, name, None) is not None]

    def write(packed: Sequence[Packed]) -> Any:
        tree = named(network, packed[0], "")
        new = [put(jax, tree[name], getattr(cell, name)) for name in fields]
        return equinox.tree_at(lambda each: [getattr(each, name) for name in fields], cell, new)

    tree = {name: array(getattr(cell, name)) for name in fields}
    return View(network, str(cell.weight_ih.dtype), [taken(network, tree, "")], write)
