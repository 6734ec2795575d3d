"""PaddlePaddle: ``paddle.nn.SimpleRNN``, ``LSTM`` and ``GRU``."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters import live_, paddle_live
from rnnspec.adapters.paddle_script import KINDS, PACKED, of_cell, of_layer, options
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import RELATIVE, Level

TIME_MAJOR = "time major"
"""The way to a layer whose steps are first."""
EVALUATION, STATIC = "evaluation", "to_static"
"""The ways without gradients and in evaluation mode, and by a program that is made of the layer."""
DROPOUT = "dropout"
"""The way of a layer that would drop out in training, in evaluation mode."""
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
        "lstm": Conventions(
            ("input", "forget", "candidate", "output"), extras=("projection",), **LAYERS
        ),
        "gru": Conventions(("reset", "update", "candidate"), **LAYERS),
    }
    ways: Mapping[str, str] = {
        EVALUATION: "path",
        STATIC: "path",
        DROPOUT: "inference",
        TIME_MAJOR: "layout",
        "strided": "layout",
    }
    suffix = ""
    """What the names of Paddle's classes end in."""

    @cached_property
    def paddle(self) -> Any:
        """The framework, imported when it is first needed."""
        with warnings.catch_warnings():
            # nothing of one's own is compiled
            warnings.filterwarnings("ignore", "No ccache found")
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
            with warnings.catch_warnings():
                # Paddle's own RNN calls it
                warnings.filterwarnings("ignore", '(?s).*sequence_mask" is deprecated')
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
        recording = case.way not in (EVALUATION, DROPOUT)
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
            self.nested(case.network, self.completed(case, given)),
            lengths,
        )
        return {
            "outputs": outputs.transpose([1, 0, 2]) if first else outputs,
            **self.joined(case.network, states),
        }

    def completed(self, case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
        """All states where some are given, zeros in place of the others."""
        names = case.network.states if given else ()
        zeros = {name: self.paddle.zeros(case.shape_of(name), case.dtype) for name in names}
        return {**zeros, **given}

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
        layer = self.built(case.network, case.dtype, case.way)
        for at, cell in self.cells(layer, case.network):
            packed = pack(case.network, case.weights, self.conventions[case.network.cell], *at)
            for name, values in of_cell(packed).items():
                getattr(cell, name).set_value(values.astype(case.dtype))
        return layer

    def unpacked(self, network: Network, found: Mapping[str, Array]) -> dict[Place, Array]:
        """Gradients of a layer's parameters, by our places."""
        how = self.conventions[network.cell].of_gradients
        weights: dict[Place, Array] = {}
        for layer in range(network.layers):
            for direction in network.directions:
                of = [found.get(f"{name} {layer} {direction}") for name in PACKED]
                of[-1] = None if of[-1] is None else of[-1].T  # the projection, as in of_cell
                packed = Packed(*of)  # type: ignore[arg-type]
                weights |= unpack(network, packed, how, layer, direction)
        return weights

    def trained(self, layer: Any, network: Network) -> Iterator[tuple[str, Any]]:
        """The parameters, but for biases of 0 that stand for none."""
        for at, cell in self.cells(layer, network):
            for name in PACKED:
                parameter = getattr(cell, name, None)
                if parameter is not None and not parameter.stop_gradient:
                    yield " ".join([name, *map(str, at)]), parameter

    def cells(self, layer: Any, network: Network) -> Iterator[tuple[tuple[int, str], Any]]:
        """The cells that hold the parameters, by layer and direction. Those of the layer itself,
        such as ``weight_ih_l1``, are the same, where they have the right names:
        docs/divergences/paddle.md.
        """
        for k in range(network.layers):
            for direction in network.directions:
                names = {"forward": "cell_fw", "backward": "cell_bw"}
                name = names[direction] if network.direction == "both" else "cell"
                yield (k, direction), getattr(self.looped(layer, k), name)

    def looped(self, layer: Any, k: int) -> Any:
        """The RNN or BiRNN that layer k is."""
        return layer[k]

    def built(self, network: Network, dtype: str, way: str = "") -> Any:
        """A layer of a network's sizes."""
        return self.module(
            network,
            dtype,
            num_layers=network.layers,
            direction="bidirect" if network.direction == "both" else "forward",
            time_major=way == TIME_MAJOR,
            dropout=0.5 if way == DROPOUT else 0.0,
        )

    def module(self, network: Network, dtype: str, **more: Any) -> Any:
        """What Paddle makes by options."""
        with self.default(dtype):
            kind = getattr(self.paddle.nn, KINDS[network.cell] + self.suffix)
            return kind(network.inputs, network.units, **options(network), **more)

    def holds(self, layer: Any) -> bool:
        """Whether it is a layer, a cell, or a loop over one."""
        return live_.kind(layer, "paddle.nn", paddle_live.LIVE) is not None

    def viewed(self, layer: Any) -> live_.View:
        """The parameters of its cells."""
        return paddle_live.viewed(layer)

    def count(self, network: Network) -> int | None:
        """The elements of the parameters that are trained."""
        layer = self.built(network, "float32")
        return sum(int(p.size) for p in layer.parameters() if not p.stop_gradient)

    def script(self, case: Case) -> str | None:
        """A case of the ordinary way, in Paddle's own words."""
        return None if case.way else of_layer(case, self.conventions[case.network.cell])

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
