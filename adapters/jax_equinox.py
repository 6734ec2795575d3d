"""Equinox: ``equinox.nn.LSTMCell`` and ``GRUCell``, in a ``jax.lax.scan``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from rnnspec.adapters import jax_live, jax_script, live_
from rnnspec.adapters.jax_ import JaxLayer, Layer, Tree
from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions, Packed, pack
from rnnspec.reference.network import Network

ROW_BY_ROW = "row by row"
"""The way without ``jax.vmap``: a cell knows one row only."""


class Equinox(JaxLayer):
    """The cells, as their documentation uses them."""

    name = "equinox"
    package = "equinox"
    requires = ("jax", "equinox")
    extra = "equinox"
    conventions: Mapping[str, Conventions] = {
        "lstm": Conventions(("input", "forget", "candidate", "output"), biases=("none", "input")),
        "gru": Conventions(("reset", "update", "candidate"), biases=("none", "candidate")),
    }
    ways: Mapping[str, str] = {**JaxLayer.ways, ROW_BY_ROW: "layout"}

    @cached_property
    def equinox(self) -> Any:
        """The framework, imported when it is first needed."""
        import equinox

        return equinox

    def layer(self, network: Network, dtype: str, way: str) -> Layer:
        """A cell with its arrays replaced, step by step."""
        jax, empty = self.jax, self._cell(network, dtype)

        def scanned(
            weights: Tree, inputs: Any, states: Mapping[str, Any], lengths: Any
        ) -> tuple[Any, dict[str, Any]]:
            [[held]] = weights
            cell = self.equinox.tree_at(
                lambda cell: [getattr(cell, name) for name in held], empty, list(held.values())
            )

            def step(state: Any, x: Any) -> tuple[Any, Any]:
                after = one(x, state)
                return after, after[0] if isinstance(after, tuple) else after

            one = cell if way == ROW_BY_ROW else jax.vmap(cell)
            zero = jax.numpy.zeros((inputs.shape[1], network.units), inputs.dtype)
            given = [states[n][0] if n in states else zero for n in network.states]
            carry = tuple(given) if len(given) > 1 else given[0]
            if way == ROW_BY_ROW:
                rows = [
                    jax.lax.scan(step, jax.tree.map(lambda state, b=b: state[b], carry), x)
                    for b, x in enumerate(jax.numpy.unstack(inputs, axis=1))
                ]
                finals, outputs = jax.tree.map(lambda *each: jax.numpy.stack(each), *rows)
                outputs = jax.numpy.swapaxes(outputs, 0, 1)
            else:
                finals, outputs = jax.lax.scan(step, carry, inputs)
            finals = finals if isinstance(finals, tuple) else (finals,)
            return outputs, {n: s[None] for n, s in zip(network.states, finals, strict=True)}

        return scanned

    def named(self, network: Network, packed: Packed, way: str) -> Tree:
        """The names of a cell's fields."""
        held = {
            "weight_ih": packed.input,
            "weight_hh": packed.recurrent,
            "bias": packed.input_bias,
            "bias_n": packed.recurrent_bias,
        }
        return {name: each for name, each in held.items() if each is not None}

    def taken(self, network: Network, tree: Tree, way: str) -> Packed:
        """The inverse."""
        return Packed(tree["weight_ih"], tree["weight_hh"], tree.get("bias"), tree.get("bias_n"))

    def holds(self, layer: Any) -> bool:
        """Whether it is one of its two cells."""
        return live_.kind(layer, "equinox.nn", jax_live.EQUINOX) is not None

    def viewed(self, layer: Any) -> live_.View:
        """The arrays of a cell."""
        return jax_live.of_equinox(self.equinox, self.jax, layer, self.named, self.taken)

    def parameters(self, network: Network) -> Tree:
        """The shapes of a cell's arrays."""
        return self._cell(network, "float32")

    def script(self, case: Case) -> str | None:
        """A cell, mapped over the rows of each step."""
        if case.way == ROW_BY_ROW:
            return None
        network, how = case.network, self.conventions[case.network.cell]
        weights = self.named(network, pack(network, case.weights, how), case.way)
        fields = ", ".join(f"cell.{name}" for name in weights)
        held = ", ".join(f"weights[{name!r}]" for name in weights)
        options = "" if network.biases != "none" else "use_bias=False, "
        states = [literal(case.state(name)[0]) for name in network.states]
        many = len(states) > 1
        function = [
            f"made = eqx.nn.{network.cell.upper()}Cell({network.inputs}, {network.units}, "
            f"{options}dtype={case.dtype!r}, key=jax.random.key(0))",
            "",
            "def call(weights, inputs, states):",
            f"    cell = eqx.tree_at(lambda cell: [{fields}], made, [{held}])",
            "    def step(states, x):",
            "        states = jax.vmap(cell)(x, states)",
            f"        return states, states{'[0]' if many else ''}",
            "    return jax.lax.scan(step, states, inputs)[::-1]",
            "",
        ]
        finals = {
            name: f"np.asarray(states{f'[{k}]' if many else ''})[None]"
            for k, name in enumerate(network.states)
        }
        begin = f"({', '.join(states)})" if many else states[0]
        imports = ["import equinox as eqx"]
        return jax_script.script(case, self.options, imports, function, weights, begin, finals)

    def _cell(self, network: Network, dtype: str) -> Any:
        """A cell with shapes in place of arrays."""
        kind = getattr(self.equinox.nn, f"{network.cell.upper()}Cell")
        return self.equinox.filter_eval_shape(
            kind,
            network.inputs,
            network.units,
            use_bias=network.biases != "none",
            dtype=self.jax.numpy.dtype(dtype),
            key=self.jax.random.key(0),
        )
