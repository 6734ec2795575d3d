"""Flax, below its two interfaces: their RNN and Bidirectional are called in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from rnnspec.adapters import jax_flax_script, jax_script
from rnnspec.adapters.jax_ import JaxLayer, Layer, Tree
from rnnspec.adapters.jax_flax_naming import GATES
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Packed, pack
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

SEQUENCES: Mapping[str, Any] = {
    "orientation": "in,out",
    "directions": ("forward", "backward", "both"),
    "states": ("cell", "hidden"),
    # "The output elements corresponding to padding elements are NOT zeroed out."
    "past_end": dict.fromkeys(("forward", "backward", "both"), "unspecified"),
}
"""What the conventions of the cells in an RNN have in common."""
SEPARATE = "LSTMCell"
"""The way by the cell that calls a layer for every gate; the ordinary one is OptimizedLSTMCell."""
CELLS = {"rnn": "SimpleCell", "lstm": "OptimizedLSTMCell", "gru": "GRUCell"}


class FlaxLayer(JaxLayer):
    """Cells in an RNN, in either direction, or two of these in a Bidirectional."""

    package = "flax"
    requires = ("jax", "flax")
    extra = "flax"
    ways: Mapping[str, str] = {
        **JaxLayer.ways,
        "unrolled": "path",
        "without states": "path",
        SEPARATE: "path",
        "time major": "layout",
    }
    interface: str
    """``nnx`` or ``linen``."""

    @cached_property
    def library(self) -> Any:
        """The interface, imported when it is first needed."""
        return import_module(f"flax.{self.interface}")

    def cell(self, kind: str, network: Network, options: Mapping[str, Any]) -> Any:
        """A cell of a kind; the options are those that both interfaces have."""
        raise NotImplementedError

    def called(self, network: Network, dtype: str, way: str) -> Callable[..., Any]:
        """``called(parameters, inputs, **options)``: the RNN or Bidirectional of a network."""
        raise NotImplementedError

    def module(self, network: Network, dtype: str, way: str = "") -> Any:
        """An RNN of a cell, or a Bidirectional of two."""
        kind = SEPARATE if way == SEPARATE and network.cell == "lstm" else CELLS[network.cell]
        options: dict[str, Any] = {"dtype": dtype, "param_dtype": dtype}
        if network.cell == "rnn":
            options["activation_fn"] = getattr(self.library, network.activation)
        looped: dict[str, Any] = {"unroll": 2 if way == "unrolled" else 1}
        if network.direction == "backward":
            looped |= {"reverse": True, "keep_order": True}
        halves = [
            self.library.RNN(self.cell(kind, network, options), **looped)
            for _ in network.directions
        ]
        return halves[0] if len(halves) == 1 else self.library.Bidirectional(*halves)

    def layer(self, network: Network, dtype: str, way: str) -> Layer:
        """The call, and what goes in and out, by rows or by steps first."""
        called, numpy = self.called(network, dtype, way), self.jax.numpy
        declared = self.conventions[network.cell].states
        order = [name for name in declared if name in network.states]
        major = way == "time major"
        options: dict[str, Any] = {"time_major": True} if major else {}
        if way != "without states":
            options["return_carry"] = True

        def turned(values: Any) -> Any:
            return values if major else numpy.swapaxes(values, 0, 1)

        def flax(
            weights: Tree, inputs: Any, states: Mapping[str, Any], lengths: Any
        ) -> tuple[Any, dict[str, Any]]:
            carries: Any = None
            if states:
                full = self.completed(network, states)
                each = [tuple(full[n][d] for n in order) for d in range(len(weights[0]))]
                carries = [carry if len(order) > 1 else carry[0] for carry in each]
                carries = tuple(carries) if network.direction == "both" else carries[0]
            cells = [{"cell": held} for held in weights[0]]
            parameters = cells[0]
            if network.direction == "both":
                parameters = {"forward_rnn": cells[0], "backward_rnn": cells[1]}
            result = called(
                parameters, turned(inputs), initial_carry=carries, seq_lengths=lengths, **options
            )
            if way == "without states":
                return turned(result), {}
            carries, outputs = result
            carries = carries if network.direction == "both" else (carries,)
            each = [carry if len(order) > 1 else (carry,) for carry in carries]
            finals = {n: numpy.stack([carry[k] for carry in each]) for k, n in enumerate(order)}
            return turned(outputs), finals

        return flax

    def held(self, case: Case) -> tuple[Tree, Tree]:
        """Parameters as they are in the module, and the states that a call begins with."""
        network, how = case.network, self.conventions[case.network.cell]
        halves = [
            {"cell": self.named(network, pack(network, case.weights, how, 0, one), case.way)}
            for one in network.directions
        ]
        names = ("forward_rnn", "backward_rnn")
        weights = halves[0] if len(halves) == 1 else dict(zip(names, halves, strict=True))
        order = [name for name in how.states if name in network.states]
        return weights, jax_flax_script.begun(case, order)

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The module, and a call of it with parameters."""
        network, how = case.network, self.conventions[case.network.cell]
        weights, begin = self.held(case)
        alone = case.way == "without states"
        order = [name for name in how.states if name in network.states]
        return jax_script.script(
            case,
            self.options,
            [f"from flax import {self.interface}"],
            jax_flax_script.function(
                case,
                self.interface,
                self._made(network, case.dtype, case.way),
                major=case.way == "time major",
                alone=alone,
            ),
            weights,
            jax_script.nested(begin),
            {} if alone else jax_flax_script.ended(case, order),
            cotangents,
        )

    def counting(self, network: Network) -> str | None:
        """What is a parameter in the module."""
        module = self._made(network, "float32")
        return jax_flax_script.counting(network, self.interface, module)

    def _made(self, network: Network, dtype: str, way: str = "") -> list[str]:
        """The module, in a script."""
        kind = SEPARATE if way == SEPARATE and network.cell == "lstm" else CELLS[network.cell]
        options = f"dtype={dtype!r}, param_dtype={dtype!r}"
        if network.cell == "rnn" and network.activation != "tanh":
            options += f", activation_fn={self.interface}.{network.activation}"
        looped = ", unroll=2" if way == "unrolled" else ""
        looped += ", reverse=True, keep_order=True" if network.direction == "backward" else ""
        return jax_flax_script.made(network, self.interface, kind, options, looped)


def gates(network: Network, packed: Packed, names: Callable[[str, str], str]) -> Tree:
    """Packed arrays taken apart: a kernel, and a bias where there is one, by input or past and by
    gate. ``names(side, letter)`` is what the two are called together.
    """
    tree: dict[str, dict[str, Any]] = {}
    letters = GATES[network.cell]
    for side, kernels, biases in (
        ("input", packed.input, packed.input_bias),
        ("recurrent", packed.recurrent, packed.recurrent_bias),
    ):
        parts = np.split(kernels, len(letters), axis=1)
        for letter, kernel in zip(letters.values(), parts, strict=True):
            tree[names(side, letter)] = {"kernel": kernel}
        if biases is not None:
            biased = [letter for block, letter in letters.items() if network.biased(block, side)]
            for letter, bias in zip(biased, np.split(biases, len(biased)), strict=True):
                tree[names(side, letter)]["bias"] = bias
    return tree


def together(network: Network, tree: Tree, names: Callable[[str, str], str]) -> Packed:
    """The inverse of ``gates``."""
    letters = GATES[network.cell].values()
    kernels, biases = [], []
    for side in ("input", "recurrent"):
        held = [tree[names(side, letter)] for letter in letters]
        kernels.append(np.concatenate([each["kernel"] for each in held], axis=1))
        biased = [each["bias"] for each in held if "bias" in each]
        biases.append(np.concatenate(biased) if biased else None)
    return Packed(kernels[0], kernels[1], biases[0], biases[1])
