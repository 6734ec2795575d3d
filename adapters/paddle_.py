"""PaddlePaddle: ``paddle.nn.SimpleRNN``, ``LSTM`` and ``GRU``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

PACKED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""Paddle's names of what ``Packed`` holds, in its order."""
BIASES = {"none": (), "input": ("ih",), "recurrent": ("hh",), "both": ("ih", "hh")}
"""The biases that a network has, by Paddle's letters for the sides."""
TIME_MAJOR = "time major"
"""The way to a layer whose steps are first."""
EVALUATION, STATIC = "evaluation", "to_static"
"""The ways without gradients and in evaluation mode, and by a program that is made of the layer."""
LAYERS: dict[str, Any] = {
    # without either bias, they end the process: docs/divergences/paddle.md
    "biases": ("both",),
    "directions": ("forward", "both"),
    "layers": 3,
    "past_end": {"forward": "zero", "both": "zero"},
}
"""What the conventions of the three layers have in common."""


class PaddleLayer(Implementation):
    """The layers: a whole sequence in one call, deep and in both directions. Their kernels are for
    float64 and float32 alone.
    """

    name = "paddle"
    requires = "paddle"
    extra: str | None = "paddle"
    levels: Mapping[str, Level] = dict.fromkeys(("float64", "float32"), RELATIVE)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), activations=("tanh", "relu"), **LAYERS),
        "lstm": Conventions(("input", "forget", "candidate", "output"), **LAYERS),
        "gru": Conventions(("reset", "update", "candidate"), **LAYERS),
    }
    ways: Mapping[str, str] = {
        EVALUATION: "path",
        STATIC: "path",
        TIME_MAJOR: "layout",
        "strided": "layout",
    }
    modules: Mapping[str, str] = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}

    @cached_property
    def paddle(self) -> Any:
        """The framework, imported when it is first needed."""
        import paddle

        return paddle

    def versions(self) -> dict[str, str]:
        """The package's own."""
        return {"paddlepaddle": version("paddlepaddle")}

    @contextmanager
    def session(self) -> Iterator[None]:
        """Call by call on the CPU, which has one thread unless it is told otherwise."""
        static, device = not self.paddle.in_dynamic_mode(), self.paddle.get_device()
        self.paddle.disable_static()
        self.paddle.set_device("cpu")
        try:
            yield
        finally:
            self.paddle.set_device(device)
            if static:
                self.paddle.enable_static()

    @contextmanager
    def default(self, dtype: str) -> Iterator[None]:
        """In which parameters, and the states that are not given, are of a dtype."""
        before = self.paddle.get_default_dtype()
        self.paddle.set_default_dtype(dtype)
        try:
            yield
        finally:
            self.paddle.set_default_dtype(before)

    def run(self, case: Case) -> Answer:
        """Load the weights into a layer of the case's sizes, and call it."""
        layer = self.loaded(case)
        given = {name: self.tensor(state, case.dtype) for name, state in case.states.items()}
        recording = case.way != EVALUATION
        if not recording:
            layer.eval()
        with self.default(case.dtype), self.paddle.set_grad_enabled(recording):
            parts = self.forward(layer, case, self.tensor(case.inputs, case.dtype), given)
        return answer(parts)

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """With ``paddle.grad``, from the cotangents."""
        layer = self.loaded(case)
        weights = dict(self.trained(layer, case.network))
        inputs = self.tensor(case.inputs, case.dtype, fixed=False)
        given = {n: self.tensor(s, case.dtype, fixed=False) for n, s in case.states.items()}
        with self.default(case.dtype):
            parts = self.forward(layer, case, inputs, given)
            leaves = [inputs, *given.values(), *weights.values()]
            seeds = [self.tensor(g, case.dtype) for g in cotangents.values()]
            found = self.paddle.grad(
                [parts[name] for name in cotangents], leaves, seeds, allow_unused=True
            )
        own, *others = (
            np.zeros(leaf.shape) if g is None else array(g)
            for leaf, g in zip(leaves, found, strict=True)
        )
        states = dict(zip(given, others[: len(given)], strict=True))
        packed = dict(zip(weights, others[len(given) :], strict=True))
        return Gradients(answer(parts), own, states, self.unpacked(case.network, packed))

    def forward(
        self, layer: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Every part of the answer, as tensors, in the way that the case asks for."""
        if case.way == "strided":
            inputs = inputs.transpose([2, 0, 1]).contiguous().transpose([1, 2, 0])
        first = case.way != TIME_MAJOR
        lengths = None if case.lengths is None else self.paddle.to_tensor(case.lengths)
        called = self.paddle.jit.to_static(layer) if case.way == STATIC else layer
        outputs, states = called(
            inputs.transpose([1, 0, 2]) if first else inputs,
            self.nested(case.network, self.completed(case.network, given)),
            lengths,
        )
        return {
            "outputs": outputs.transpose([1, 0, 2]) if first else outputs,
            **self.joined(case.network, states),
        }

    def completed(self, network: Network, given: Mapping[str, Any]) -> dict[str, Any]:
        """All states where some are given, zeros in place of the others."""
        if not given:
            return {}
        zero = self.paddle.zeros_like(next(iter(given.values())))
        return {name: given.get(name, zero) for name in network.states}

    def nested(self, network: Network, states: Mapping[str, Any]) -> Any:
        """States as the layer takes them."""
        held = tuple(states.values())
        return held if len(held) > 1 else held[0] if held else None

    def joined(self, network: Network, states: Any) -> dict[str, Any]:
        """The inverse of ``nested``."""
        held = states if isinstance(states, tuple) else (states,)
        return dict(zip(network.states, held, strict=True))

    def loaded(self, case: Case) -> Any:
        """A layer with the weights of the case."""
        layer = self.built(case.network, case.dtype, time_major=case.way == TIME_MAJOR)
        for at, suffix in self.suffixes(case.network):
            packed = pack(case.network, case.weights, self.conventions[case.network.cell], *at)
            for ours, theirs in zip(vars(packed).values(), PACKED, strict=True):
                if ours is not None:
                    self.parameter(layer, theirs + suffix).set_value(ours.astype(case.dtype))
        return layer

    def unpacked(self, network: Network, found: Mapping[str, Array]) -> dict[Place, Array]:
        """Gradients of a layer's parameters, by our places."""
        how = self.conventions[network.cell].of_gradients
        weights: dict[Place, Array] = {}
        for at, suffix in self.suffixes(network):
            packed = Packed(*(found.get(name + suffix) for name in PACKED))  # type: ignore[arg-type]
            weights |= unpack(network, packed, how, *at)
        return weights

    def trained(self, layer: Any, network: Network) -> Iterator[tuple[str, Any]]:
        """The parameters by name, but for biases of 0 that stand for none."""
        for _, suffix in self.suffixes(network):
            for name in PACKED:
                parameter = self.parameter(layer, name + suffix)
                if not parameter.stop_gradient:
                    yield name + suffix, parameter

    def suffixes(self, network: Network) -> Iterator[tuple[tuple[int, str], str]]:
        """What the names of a layer's and direction's parameters end in."""
        for layer in range(network.layers):
            for direction in network.directions:
                end = "_reverse" if direction == "backward" else ""
                yield (layer, direction), f"_l{layer}{end}"

    def parameter(self, layer: Any, name: str) -> Any:
        """A parameter of a layer by its name."""
        return getattr(layer, name)

    def built(self, network: Network, dtype: str, *, time_major: bool = False) -> Any:
        """A layer of a network's sizes."""
        direction = "bidirect" if network.direction == "both" else "forward"
        return self.module(
            network,
            dtype,
            num_layers=network.layers,
            direction=direction,
            time_major=time_major,
        )

    def module(self, network: Network, dtype: str, **options: Any) -> Any:
        """What Paddle makes by options."""
        if network.cell == "rnn":
            options["activation"] = network.activation
        for side in {"ih", "hh"}.difference(BIASES[network.biases]):
            options[f"bias_{side}_attr"] = False
        with self.default(dtype):
            kind = getattr(self.paddle.nn, self.modules[network.cell])
            return kind(network.inputs, network.units, **options)

    def count(self, network: Network) -> int | None:
        """The elements of the parameters that are trained."""
        layer = self.built(network, "float32")
        return sum(int(p.size) for p in layer.parameters() if not p.stop_gradient)

    def tensor(self, values: Array, dtype: str, *, fixed: bool = True) -> Any:
        """A tensor of a dtype; the values are exact in it."""
        return self.paddle.to_tensor(values.astype(dtype), stop_gradient=fixed)


def answer(parts: Mapping[str, Any]) -> Answer:
    """Tensors by part, as an answer."""
    states = {name: array(part) for name, part in parts.items() if name != "outputs"}
    return Answer(array(parts["outputs"]), states)


def array(values: Any) -> Array:
    """A tensor's values as float64, exactly."""
    return np.asarray(values.numpy(), dtype=np.float64)
