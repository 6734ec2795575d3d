"""Flax, ``flax.nnx``: its LSTM cells, ``GRUCell`` and ``SimpleCell`` in ``RNN``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rnnspec.adapters import jax_live
from rnnspec.adapters.jax_ import Tree
from rnnspec.adapters.jax_flax import SEPARATE, SEQUENCES, FlaxLayer, gates, together
from rnnspec.adapters.jax_flax_naming import FlaxNaming
from rnnspec.reference.conventions import Conventions, Packed
from rnnspec.reference.live import View, kind
from rnnspec.reference.network import Network


class FlaxNnx(FlaxLayer):
    """``nnx.RNN`` and ``nnx.Bidirectional``."""

    name = "flax-nnx"
    interface = "nnx"
    naming = FlaxNaming(dense=True)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(
            ("hidden",), biases=("input",), activations=("tanh", "relu"), **SEQUENCES
        ),
        "lstm": Conventions(
            ("input", "forget", "candidate", "output"), biases=("recurrent",), **SEQUENCES
        ),
        "gru": Conventions(("reset", "update", "candidate"), biases=("input",), **SEQUENCES),
    }

    def called(self, network: Network, dtype: str, way: str) -> Callable[..., Any]:
        """A module that is made once, and merged with its parameters at every call."""
        nnx = self.library
        module = self.module(network, dtype, way)
        definition, parameters, others = nnx.split(module, nnx.Param, ...)

        def called(held: Tree, inputs: Any, **options: Any) -> Any:
            # copies: what is merged is written into, the count of an RNN's own generator as well
            state, rest = self.jax.tree.map(lambda own: own, (parameters, others))
            nnx.replace_by_pure_dict(state, held)
            return nnx.merge(definition, state, rest)(inputs, **options)

        return called

    def named(self, network: Network, packed: Packed, way: str) -> Tree:
        """A dense layer of the input and one of the past, or of every gate of these."""
        if network.cell == "lstm" and way == SEPARATE:
            return gates(network, packed, _name)
        tree = {"dense_i": {"kernel": packed.input}, "dense_h": {"kernel": packed.recurrent}}
        for name, bias in (("dense_i", packed.input_bias), ("dense_h", packed.recurrent_bias)):
            if bias is not None:
                tree[name]["bias"] = bias
        return tree

    def taken(self, network: Network, tree: Tree, way: str) -> Packed:
        """The inverse."""
        if network.cell == "lstm" and way == SEPARATE:
            return together(network, tree, _name)
        past, own = tree["dense_h"], tree["dense_i"]
        return Packed(own["kernel"], past["kernel"], own.get("bias"), past.get("bias"))

    def parameters(self, network: Network) -> Tree:
        """The state of a module, of what are parameters in it."""
        return self.library.state(self.module(network, "float32"), self.library.Param)

    def holds(self, layer: Any) -> bool:
        """Whether it is a recurrent module of ``flax.nnx``."""
        return kind(layer, "flax.nnx", ("RNN", "Bidirectional", *jax_live.FLAX)) is not None

    def viewed(self, layer: Any) -> View:
        """The parameters of its cells."""
        return jax_live.of_flax(self.library, self.jax, layer, self.named, self.taken)

    def cell(self, kind: str, network: Network, options: Mapping[str, Any]) -> Any:
        """Kernels of zeros to begin with: usual ones of the past are orthogonal, which JAX does not
        make in 16 bits.
        """
        zeros = self.library.initializers.zeros_init()
        return getattr(self.library, kind)(
            network.inputs,
            network.units,
            kernel_init=zeros,
            recurrent_kernel_init=zeros,
            rngs=self.library.Rngs(0),
            **options,
        )


def _name(side: str, letter: str) -> str:
    """What ``LSTMCell`` calls a gate's layer."""
    name = {"input": "i", "recurrent": "h"}[side] + letter
    return "if_" if name == "if" else name  # which is no name in Python
