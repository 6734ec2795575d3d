"""MLX: ``mlx.nn.RNN``, ``LSTM`` and ``GRU``, on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np

from rnnspec.adapters.mlx_naming import PARAMETERS, MlxNaming
from rnnspec.adapters.mlx_script import counting, script
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.live import View, called, kind, usual
from rnnspec.reference.network import ACTIVATIONS, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, RELATIVE, Level

KINDS = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
COMPILED, STEPWISE, ROW_BY_ROW, STRIDED = "compiled", "step by step", "row by row", "strided"

Layer = Callable[[Mapping[str, Any], Any, Mapping[str, Any]], tuple[Any, dict[str, Any]]]
"""``layer(weights, inputs, states)``: outputs and final states, in a case's shapes."""


class MlxLayer(Implementation):
    """The layers. They have no float64: MLX's exp computes it in float32.

    (https://github.com/ml-explore/mlx/issues/3047)
    """

    name = "mlx"
    requires = "mlx"
    extra = "mlx"
    levels: Mapping[str, Level] = {
        "float32": ABSOLUTE,  # the sigmoid of -81 is off by 63 u of its value
        "float16": ABSOLUTE,  # exp overflows from 11.1 on, and the sigmoid is 0 from there
        "bfloat16": RELATIVE,
    }
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), biases=("none", "input"), activations=("tanh", "relu")),
        "lstm": Conventions(("input", "forget", "candidate", "output"), biases=("none", "input")),
        "gru": Conventions(("reset", "update", "candidate"), biases=("none", "candidate")),
    }
    ways: Mapping[str, str] = {
        COMPILED: "path",
        STEPWISE: "path",
        ROW_BY_ROW: "layout",
        STRIDED: "layout",
    }

    naming = MlxNaming()

    def __init__(self) -> None:
        self.function = lru_cache(maxsize=1024)(self._function)

    @cached_property
    def mx(self) -> Any:
        """MLX's arrays, imported when they are first needed."""
        import mlx.core

        return mlx.core

    @cached_property
    def nn(self) -> Any:
        """Its layers."""
        import mlx.nn

        return mlx.nn

    def obstacle(self) -> str | None:
        """Why it can't be used: on Linux, MLX alone comes without what computes."""
        try:
            _ = self.mx
        except ImportError as error:
            return f"cannot import MLX ({error}): on Linux, install 'mlx[cpu]'"
        return None

    def versions(self) -> dict[str, str]:
        """MLX's own."""
        return {"mlx": version("mlx")}

    def session(self) -> AbstractContextManager[object]:
        """On the CPU, where another device would be the usual one."""
        context: AbstractContextManager[object] = self.mx.stream(self.mx.cpu)
        return context

    def run(self, case: Case) -> Answer:
        """Call the layer, with the case's weights in it."""
        return self.answer(self._called(case, *self.given(case)))

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """With ``mlx.core.vjp``."""
        seeds = [self.tensor(cotangents.get("outputs", np.zeros(case.output_shape)), case.dtype)]
        for name in case.network.states:
            seed = cotangents.get(name, np.zeros(case.state_shape))
            seeds.append(self.tensor(seed, case.dtype))
        result, (weights, inputs, states) = self._called(case, *self.given(case), seeds, back=True)
        held = {name: self.array(each) for name, each in weights.items()}
        names = PARAMETERS[case.network.cell]
        packed = Packed(*(held.get(name) for name in names))  # type: ignore[arg-type]
        return Gradients(
            self.answer(result),
            self.array(inputs),
            {name: self.array(each) for name, each in states.items()},
            unpack(case.network, packed, self.conventions[case.network.cell]),
        )

    def holds(self, layer: Any) -> bool:
        """Whether it is one of the layers."""
        return kind(layer, "mlx.nn", KINDS.values()) is not None

    def viewed(self, layer: Any) -> View:
        """The parameters of a layer."""
        name = kind(layer, "mlx.nn", KINDS.values())
        cell = next(cell for cell, own in KINDS.items() if own == name)
        held = layer.parameters()
        own = [held.get(each) for each in PARAMETERS[cell]]
        (units, inputs), biased = own[0].shape, self.conventions[cell].biases[1]
        network = Network(cell, inputs, units // len(self.conventions[cell].blocks), biases=biased)
        if own[2] is None:
            network = replace(network, biases="none")
        if cell == "rnn":
            activation = usual(
                f"this {name}", "activation", called(layer.nonlinearity), ACTIVATIONS
            )
            network = replace(network, activation=activation)
        dtype = str(own[0].dtype).removeprefix("mlx.core.")

        def write(packed: Sequence[Packed]) -> Any:
            parts = zip(PARAMETERS[cell], vars(packed[0]).values(), strict=False)
            layer.update({n: self.tensor(part, dtype) for n, part in parts if part is not None})
            return layer

        arrays = [None if each is None else self.array(each) for each in own]
        return View(network, dtype, [Packed(*arrays)], write)  # type: ignore[arg-type]

    def count(self, network: Network) -> int | None:
        """The elements of the layer's parameters."""
        return sum(int(each.size) for each in self.built(network).parameters().values())

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The case as code of MLX alone."""
        return script(case, *self.named(case), cotangents) if case.way == "" else None

    def counting(self, network: Network) -> str | None:
        """The elements of the layer's parameters."""
        return counting(network, KINDS[network.cell])

    def leaves(self, case: Case) -> dict[str, Array]:
        """What a script goes back to, by MLX's names."""
        states = {name: state[0] for name, state in case.states.items()}
        leaves = {**self.named(case)[1], "inputs": case.inputs.swapaxes(0, 1), **states}
        return {f"gradients[{name!r}]": each for name, each in leaves.items()}

    def named(self, case: Case) -> tuple[str, dict[str, Array]]:
        """The layer's kind, and the weights by MLX's names."""
        network = case.network
        packed = pack(network, case.weights, self.conventions[network.cell])
        parts = zip(PARAMETERS[network.cell], vars(packed).values(), strict=False)
        return KINDS[network.cell], {name: part for name, part in parts if part is not None}

    def given(self, case: Case) -> tuple[dict[str, Any], Any, dict[str, Any]]:
        """Weights, inputs, and the states that are given, as tensors."""
        weights = {n: self.tensor(part, case.dtype) for n, part in self.named(case)[1].items()}
        states = {name: self.tensor(state, case.dtype) for name, state in case.states.items()}
        return weights, self.tensor(case.inputs, case.dtype), states

    def built(self, network: Network) -> Any:
        """A layer of a network's sizes."""
        options: dict[str, Any] = {"bias": network.biases != "none"}
        if network.activation == "relu":
            options["nonlinearity"] = self.nn.relu
        layer = getattr(self.nn, KINDS[network.cell])(network.inputs, network.units, **options)
        self.mx.eval(layer.parameters())  # or each would keep the random state that it began with
        return layer

    def tensor(self, values: Array, dtype: str) -> Any:
        """A tensor of a dtype, through float32: the values are exact in both."""
        return self.mx.array(values.astype(np.float32)).astype(getattr(self.mx, dtype))

    def array(self, tensor: Any) -> Array:
        """A tensor's values as float64, exactly."""
        return np.asarray(tensor.astype(self.mx.float32)).astype(np.float64)

    def answer(self, result: tuple[Any, Mapping[str, Any]]) -> Answer:
        """What a layer gave, as an answer."""
        outputs, states = result
        return Answer(self.array(outputs), {n: self.array(each) for n, each in states.items()})

    def _called(self, case: Case, *given: Any, back: bool = False) -> Any:
        try:
            return self.function(case.network, case.way, back=back)(*given)
        except ValueError as error:
            if case.steps == 0:  # "[stack] No arrays provided for stacking"
                raise Refused(f"no steps: {error}") from error
            raise

    def _function(self, network: Network, way: str, *, back: bool = False) -> Any:
        layer = self._layer(network, way)

        def pulled(
            weights: Mapping[str, Any], inputs: Any, states: Mapping[str, Any], seeds: list[Any]
        ) -> Any:
            names = [*weights, "", *states]

            def forward(*leaves: Any) -> list[Any]:
                held = dict(zip(names, leaves, strict=True))
                own = {name: held[name] for name in weights}
                outputs, finals = layer(own, held[""], {name: held[name] for name in states})
                return [outputs, *finals.values()]

            leaves = [*weights.values(), inputs, *states.values()]
            (outputs, *finals), found = self.mx.vjp(forward, leaves, seeds)
            of = dict(zip(names, found, strict=True))
            answer = outputs, dict(zip(network.states, finals, strict=True))
            return answer, ({n: of[n] for n in weights}, of[""], {n: of[n] for n in states})

        function: Any = pulled if back else layer
        return self.mx.compile(function) if way == COMPILED else function

    def _layer(self, network: Network, way: str) -> Layer:
        built, mx = self.built(network), self.mx

        def whole(x: Any, states: Mapping[str, Any]) -> dict[str, Any]:
            """All hidden states, and all cell states, of rows first or of one row."""
            found = built(x, **states)
            found = found if isinstance(found, tuple) else (found,)
            return dict(zip(network.states, found, strict=True))

        def stepwise(x: Any, states: Mapping[str, Any]) -> dict[str, Any]:
            every = []
            for t in range(x.shape[-2]):
                every.append(whole(x[..., t : t + 1, :], states))
                states = {name: state[..., -1, :] for name, state in every[-1].items()}
            return {n: mx.concatenate([each[n] for each in every], -2) for n in network.states}

        def layer(
            weights: Mapping[str, Any], inputs: Any, states: Mapping[str, Any]
        ) -> tuple[Any, dict[str, Any]]:
            built.update(dict(weights))
            x = mx.swapaxes(inputs, 0, 1)
            x = x if way == STRIDED else mx.contiguous(x)
            begin = {name: state[0] for name, state in states.items()}
            if way == ROW_BY_ROW:
                rows = [
                    whole(x[b], {name: state[b] for name, state in begin.items()})
                    for b in range(x.shape[0])
                ]
                found = {name: mx.stack([row[name] for row in rows]) for name in network.states}
            else:
                found = (stepwise if way == STEPWISE else whole)(x, begin)
            finals = {name: every[None, :, -1] for name, every in found.items()}
            return mx.swapaxes(found["hidden"], 0, 1), finals

        return layer
