"""JAX, below the libraries of layers for it: how a function of theirs is compiled and gone back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnspec.adapters import jax_script
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Packed, pack, unpack
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE, Level

Tree = Any
"""Arrays in dicts and lists, as JAX takes them."""
Layer = Callable[[Tree, Any, Mapping[str, Any], Any], tuple[Any, dict[str, Any]]]
"""``layer(weights, inputs, states, lengths)``: outputs and final states, in a case's shapes. It has
the weights as a list of layers, each a list of directions; states that are missing are not there,
lengths that are missing are None."""


class JaxLayer(Implementation):
    """What the libraries have in common: a pure function of weights, compiled by shapes.

    Compiled with as few optimisations as XLA can do, which takes a third of the time; with all of
    them, or not at all, in ways of their own.
    """

    requires: tuple[str, ...] = ("jax",)
    package: str
    """The library, as it is installed."""
    # the sigmoid is 1 / (1 + exp(-x)), and from -11.1 on that power is beyond float16
    levels: Mapping[str, Level] = {**dict.fromkeys(PRECISIONS, RELATIVE), "float16": ABSOLUTE}
    palette: Sequence[Mapping[str, int]] = (
        {"steps": 4, "rows": 3, "inputs": 2, "units": 3},
        {"steps": 2, "rows": 2, "inputs": 3, "units": 2},
        {"steps": 3, "rows": 2, "inputs": 4, "units": 17},
    )
    ways: Mapping[str, str] = {"compiled": "path", "eager": "path"}
    options: Mapping[str, Any] = {
        "xla_backend_optimization_level": 0,
        "xla_cpu_use_fusion_emitters": False,
    }

    def __init__(self) -> None:
        self.function = lru_cache(maxsize=1024)(self._function)

    @cached_property
    def jax(self) -> Any:
        """JAX, imported when it is first needed."""
        import jax

        return jax

    def layer(self, network: Network, dtype: str, way: str) -> Layer:
        """The library's own layer."""
        raise NotImplementedError

    def named(self, network: Network, packed: Packed, way: str) -> Tree:
        """The weights of one direction, as the library names them."""
        raise NotImplementedError

    def taken(self, network: Network, tree: Tree, way: str) -> Packed:
        """The inverse of ``named``."""
        raise NotImplementedError

    def parameters(self, network: Network) -> Tree:
        """What the library itself makes for a network, as arrays or their shapes."""
        raise NotImplementedError

    def held(self, case: Case) -> tuple[Tree, Tree]:
        """Weights and initial states, as a script holds them."""
        raise NotImplementedError

    def leaves(self, case: Case) -> dict[str, Array]:
        """What a script goes back to, in the library's trees."""
        return jax_script.leaves(case, *self.held(case))

    def versions(self) -> dict[str, str]:
        """The library's, and JAX's."""
        return {name: version(name) for name in (self.package, "jax")}

    def run(self, case: Case) -> Answer:
        """Call the function, with the case's weights as an argument."""
        with self.within(case):
            result = self.function(case.network, case.dtype, case.way)(*self.given(case))
        return answer(result)

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """With ``jax.vjp``, compiled as well."""
        outputs = cotangents.get("outputs", np.zeros(case.output_shape))
        states = {n: cotangents.get(n, np.zeros(case.state_shape)) for n in case.network.states}
        with self.within(case):
            function = self.function(case.network, case.dtype, case.way, back=True)
            seeds = self.tensors(case.dtype, (outputs, states))
            result, (weights, inputs, given) = function(*self.given(case), seeds)
        found: dict[Place, Array] = {}
        how = self.conventions[case.network.cell].of_gradients
        for layer, directions in enumerate(self.arrays(weights)):
            for direction, held in zip(case.network.directions, directions, strict=True):
                packed = self.taken(case.network, held, case.way)
                found |= unpack(case.network, packed, how, layer, direction)
        return Gradients(answer(result), self.arrays(inputs), self.arrays(given), found)

    def count(self, network: Network) -> int | None:
        """The elements of what the library makes."""
        return sum(int(leaf.size) for leaf in self.jax.tree.leaves(self.parameters(network)))

    def within(self, case: Case) -> Any:
        """A context with float64 where a case is in it, and without it, as usual, elsewhere."""
        return self.jax.enable_x64(case.dtype == "float64")

    def given(self, case: Case) -> tuple[Tree, Any, dict[str, Any], Any]:
        """Weights, inputs, states and lengths, as the function takes them."""
        network, how = case.network, self.conventions[case.network.cell]
        weights = [
            [
                self.named(network, pack(network, case.weights, how, layer, direction), case.way)
                for direction in network.directions
            ]
            for layer in range(network.layers)
        ]
        lengths = case.lengths
        if lengths is not None:
            lengths = self.jax.numpy.asarray(lengths.astype(np.int32))
        return (*self.tensors(case.dtype, (weights, case.inputs, dict(case.states))), lengths)

    def tensors(self, dtype: str, tree: Tree) -> Any:
        """Tensors of a dtype, through the NumPy type that JAX has for it: the values are exact."""
        kind = self.jax.numpy.dtype(dtype)
        return self.jax.tree.map(lambda a: self.jax.numpy.asarray(a.astype(kind)), tree)

    def arrays(self, tree: Tree) -> Any:
        """The values as float64, exactly."""
        return self.jax.tree.map(array, tree)

    def completed(self, network: Network, given: Mapping[str, Any]) -> dict[str, Any]:
        """All states where some are given, zeros in place of the others."""
        zero = self.jax.numpy.zeros_like(next(iter(given.values())))
        return {name: given.get(name, zero) for name in network.states}

    def _function(self, network: Network, dtype: str, way: str, *, back: bool = False) -> Any:
        layer, jax = self.layer(network, dtype, way), self.jax

        def pulled(weights: Tree, inputs: Any, states: Tree, lengths: Any, seeds: Tree) -> Any:
            def forward(weights: Tree, inputs: Any, states: Tree) -> Any:
                return layer(weights, inputs, states, lengths)

            result, pull = jax.vjp(forward, weights, inputs, states)
            outputs, finals = seeds
            return result, pull((outputs, {name: finals[name] for name in result[1]}))

        function: Any = pulled if back else layer
        if way != "eager":
            options = {} if way == "compiled" else dict(self.options)
            return jax.jit(function, compiler_options=options)

        def eager(*arguments: Any) -> Any:
            with jax.disable_jit():
                return function(*arguments)

        return eager


def array(tensor: Any) -> Array:
    """A tensor's values as float64, exactly."""
    values: npt.NDArray[Any] = np.asarray(tensor)
    return values.astype(np.float64)


def answer(result: tuple[Any, Mapping[str, Any]]) -> Answer:
    """What a layer gave, as an answer."""
    outputs, states = result
    return Answer(array(outputs), {name: array(state) for name, state in states.items()})
