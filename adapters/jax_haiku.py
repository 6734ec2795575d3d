"""Haiku: ``haiku.VanillaRNN``, ``LSTM`` and ``GRU``, unrolled, in a ``DeepRNN`` where deep."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from rnnspec.adapters import jax_script
from rnnspec.adapters.jax_ import JaxLayer, Layer, Tree
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions, Packed, pack
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, Level

CORES = {"rnn": "VanillaRNN", "lstm": "LSTM", "gru": "GRU"}
MODULES = {"rnn": "vanilla_rnn", "lstm": "lstm", "gru": "gru"}
"""What Haiku calls the first of several cores; it numbers the others."""
UNROLLED: Mapping[str, Any] = {
    "orientation": "in,out",
    "directions": ("forward", "backward"),
    "layers": 3,
}


class Haiku(JaxLayer):
    """Cores, unrolled dynamically; backward, with ``reverse=True``."""

    name = "haiku"
    package = "dm-haiku"
    requires = ("jax", "haiku")
    extra = "haiku"
    # what the GRU keeps is 1 - z, which is accurate to full scale alone; and a forget gate's bias
    # without the 1 that is added is rounded once more
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, ABSOLUTE)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(
            ("hidden",), biases=("input", "both"), activations=("relu",), **UNROLLED
        ),
        "lstm": Conventions(
            ("input", "candidate", "forget", "output"),
            biases=("input",),
            forget_offset=1.0,
            **UNROLLED,
        ),
        "gru": Conventions(
            ("update", "reset", "candidate"),
            biases=("input",),
            resets=("before",),
            update="takes",
            **UNROLLED,
        ),
    }
    ways: Mapping[str, str] = {
        **JaxLayer.ways,
        "static": "path",
        "unrolled": "path",
        "all states": "path",
        "batch first": "layout",
    }

    @cached_property
    def haiku(self) -> Any:
        """The framework, imported when it is first needed."""
        import haiku

        return haiku

    def layer(self, network: Network, dtype: str, way: str) -> Layer:
        """The transformed function, applied to parameters by the names that it gives them."""
        applied = self._transformed(network, way).apply
        numpy = self.jax.numpy

        def haiku(
            weights: Tree, inputs: Any, states: Mapping[str, Any], lengths: Any
        ) -> tuple[Any, dict[str, Any]]:
            held = {
                _core(network, layer) + name: module
                for layer, [modules] in enumerate(weights)
                for name, module in modules.items()
            }
            carry = None
            if states:
                full = self.completed(network, states)
                each = [tuple(full[n][k] for n in network.states) for k in range(network.layers)]
                lstm = self.haiku.LSTMState
                carry = tuple(lstm(*one) if len(one) > 1 else one[0] for one in each)
            outputs, finals = applied(held, inputs, carry)
            parts = [tuple(one) if network.cell == "lstm" else (one,) for one in finals]
            return outputs, {
                n: numpy.stack([one[k] for one in parts]) for k, n in enumerate(network.states)
            }

        return haiku

    def named(self, network: Network, packed: Packed, way: str) -> Tree:
        """Arrays of a core's modules: an LSTM has one matrix for input and past."""
        if network.cell == "gru":
            return {"": {"w_i": packed.input, "w_h": packed.recurrent, "b": packed.input_bias}}
        if network.cell == "lstm":
            w = np.concatenate([packed.input, packed.recurrent])
            return {"/linear": {"w": w, "b": packed.input_bias}}
        past = {"w": packed.recurrent}
        if packed.recurrent_bias is not None:
            past["b"] = packed.recurrent_bias
        return {"/linear": {"w": packed.input, "b": packed.input_bias}, "/linear_1": past}

    def taken(self, network: Network, tree: Tree, way: str) -> Packed:
        """The inverse."""
        if network.cell == "gru":
            return Packed(tree[""]["w_i"], tree[""]["w_h"], tree[""]["b"], None)
        own, past = tree["/linear"], tree.get("/linear_1")
        if past is None:
            inputs = len(own["w"]) - network.units
            return Packed(own["w"][:inputs], own["w"][inputs:], own["b"], None)
        return Packed(own["w"], past["w"], own["b"], past.get("b"))

    def parameters(self, network: Network) -> Tree:
        """The shapes of what ``init`` would make."""
        jax, init = self.jax, self._transformed(network, "").init
        inputs = jax.numpy.zeros((1, 1, network.inputs))
        return jax.eval_shape(init, jax.random.key(0), inputs, None)

    def held(self, case: Case) -> tuple[Tree, Tree]:
        """The arrays of the modules, and the states of every core."""
        network, how = case.network, self.conventions[case.network.cell]
        weights = {
            _core(network, layer) + name: module
            for layer in range(network.layers)
            for name, module in self.named(
                network,
                pack(network, case.weights, how, layer, network.direction),
                case.way,
            ).items()
        }
        if not case.states:
            return weights, None
        many = len(network.states) > 1
        each = [tuple(case.state(n)[k] for n in network.states) for k in range(network.layers)]
        states = [one if many else one[0] for one in each]
        return weights, tuple(states) if network.layers > 1 else states[0]

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """Cores, unrolled dynamically in a function that is transformed."""
        if case.way not in ("", "compiled", "eager", "unrolled"):
            return None
        network, (weights, begin) = case.network, self.held(case)
        deep, many = network.layers > 1, len(network.states) > 1
        looped = ", reverse=True" if network.direction == "backward" else ""
        looped += ", unroll=2" if case.way == "unrolled" else ""
        function = [
            "def unrolled(inputs, states):",
            f"    core = {self._made(network)}",
        ]
        if not case.states:
            function += [
                f"    states = core.initial_state({case.rows})",
                "    states = jax.tree.map(lambda state: state.astype(inputs.dtype), states)",
            ]
        function += [
            f"    return hk.dynamic_unroll(core, inputs, states{looped})",
            "",
            "call = hk.without_apply_rng(hk.transform(unrolled)).apply",
        ]
        finals = {}
        for k, name in enumerate(network.states):
            own = [f"states[{layer}]" if deep else "states" for layer in range(network.layers)]
            own = [f"{one}[{k}]" if many else one for one in own]
            finals[name] = f"np.stack([{', '.join(own)}])"
        states, imports = jax_script.nested(begin), ["import haiku as hk"]
        if many and case.states:
            each = [f"hk.LSTMState{jax_script.nested(one)}" for one in (begin if deep else [begin])]
            states = f"({', '.join(each)})" if deep else each[0]
        return jax_script.script(
            case, self.options, imports, function, weights, states, finals, cotangents
        )

    def counting(self, network: Network) -> str | None:
        """What the cores make."""
        made = [
            "def unrolled(inputs):",
            f"    core = {self._made(network)}",
            "    return hk.dynamic_unroll(core, inputs, core.initial_state(1))",
            "",
            f"inputs = jax.numpy.zeros((1, 1, {network.inputs}))",
            "parameters = hk.transform(unrolled).init(jax.random.key(0), inputs)",
        ]
        return jax_script.counting(["import haiku as hk"], made, "parameters")

    def _made(self, network: Network) -> str:
        """A core, or one of several, in a script."""
        single = network.cell == "rnn" and network.biases == "input"
        options = ", double_bias=False" if single else ""
        cores = ", ".join([f"hk.{CORES[network.cell]}({network.units}{options})"] * network.layers)
        return f"hk.DeepRNN([{cores}])" if network.layers > 1 else cores

    def _transformed(self, network: Network, way: str) -> Any:
        hk, jax, first = self.haiku, self.jax, way == "batch first"
        backward = network.direction == "backward"
        options: dict[str, Any] = {}
        if network.cell == "rnn":
            options["double_bias"] = network.biases == "both"

        def unrolled(inputs: Any, states: Any) -> tuple[Any, Any]:
            kind = getattr(hk, CORES[network.cell])
            cores = [kind(network.units, **options) for _ in range(network.layers)]
            deep = network.layers > 1
            core = hk.DeepRNN(cores) if deep else cores[0]
            if states is None:  # Haiku's own are of JAX's usual dtype, whatever the inputs' is
                states = core.initial_state(inputs.shape[1])
                states = jax.tree.map(lambda state: state.astype(inputs.dtype), states)
            elif not deep:
                [states] = states
            if first:
                inputs = jax.numpy.swapaxes(inputs, 0, 1)
            if way == "static":
                turned = jax.numpy.flip(inputs, 0) if backward else inputs
                outputs, finals = hk.static_unroll(core, turned, states)
                outputs = jax.numpy.flip(outputs, 0) if backward else outputs
            else:
                outputs, finals = hk.dynamic_unroll(
                    core,
                    inputs,
                    states,
                    time_major=not first,
                    reverse=backward,
                    return_all_states=way == "all states",
                    unroll=2 if way == "unrolled" else 1,
                )
            if way == "all states":
                finals = jax.tree.map(lambda state: state[0 if backward else -1], finals)
            if first:
                outputs = jax.numpy.swapaxes(outputs, 0, 1)
            return outputs, finals if deep else (finals,)

        return hk.without_apply_rng(hk.transform(unrolled))


def _core(network: Network, layer: int) -> str:
    """What the core of a layer is called."""
    return MODULES[network.cell] + (f"_{layer}" if layer else "")
