"""Flax, ``flax.linen``: its LSTM cells, ``GRUCell`` and ``SimpleCell`` in ``RNN``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rnnspec.adapters.jax_ import Tree
from rnnspec.adapters.jax_flax import SEQUENCES, FlaxLayer, gates, together
from rnnspec.adapters.jax_flax_naming import FlaxNaming
from rnnspec.reference.conventions import Conventions, Packed
from rnnspec.reference.network import Network


class FlaxLinen(FlaxLayer):
    """``linen.RNN`` and ``linen.Bidirectional``. There is a kernel for every gate, by its name."""

    name = "flax-linen"
    interface = "linen"
    naming = FlaxNaming(dense=False)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(
            ("hidden",), biases=("input",), activations=("tanh", "relu"), **SEQUENCES
        ),
        "lstm": Conventions(
            ("input", "forget", "candidate", "output"), biases=("recurrent",), **SEQUENCES
        ),
        "gru": Conventions(("reset", "update", "candidate"), biases=("candidate",), **SEQUENCES),
    }

    def called(self, network: Network, dtype: str, way: str) -> Callable[..., Any]:
        """A module, applied to its parameters."""
        module = self.module(network, dtype, way)

        def called(held: Tree, inputs: Any, **options: Any) -> Any:
            return module.apply({"params": held}, inputs, **options)

        return called

    def named(self, network: Network, packed: Packed, way: str) -> Tree:
        """A kernel for every gate, of the input and of the past."""
        if network.cell == "rnn":
            return {
                "i": {"kernel": packed.input, "bias": packed.input_bias},
                "h": {"kernel": packed.recurrent},
            }
        return gates(network, packed, _name)

    def taken(self, network: Network, tree: Tree, way: str) -> Packed:
        """The inverse."""
        if network.cell == "rnn":
            return Packed(tree["i"]["kernel"], tree["h"]["kernel"], tree["i"]["bias"], None)
        return together(network, tree, _name)

    def parameters(self, network: Network) -> Tree:
        """The shapes of what ``init`` would make."""
        jax, module = self.jax, self.module(network, "float32")
        inputs = jax.numpy.zeros((1, 1, network.inputs))
        return jax.eval_shape(module.init, jax.random.key(0), inputs)["params"]

    def cell(self, kind: str, network: Network, options: Mapping[str, Any]) -> Any:
        """The inputs are known from the parameters."""
        return getattr(self.library, kind)(network.units, **options)


def _name(side: str, letter: str) -> str:
    """What a gate's layer is called."""
    return {"input": "i", "recurrent": "h"}[side] + letter
