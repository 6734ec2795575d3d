"""PyTorch: ``torch.nn.RNN``, ``LSTM``, ``GRU`` (one layer, forward), and the cells of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions, pack
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level


class TorchLayer:
    """The layers: a whole sequence in one call."""

    name = "torch"
    requires = "torch"
    extra: str | None = "torch"
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), activations=("tanh", "relu")),
        "lstm": Conventions(("input", "forget", "candidate", "output")),
        "gru": Conventions(("reset", "update", "candidate")),
    }
    modules: Mapping[str, str] = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
    suffix = "_l0"

    @cached_property
    def torch(self) -> Any:
        """The framework, imported when it is first needed."""
        import torch

        return torch

    def versions(self) -> dict[str, str]:
        """PyTorch's own version."""
        return {"torch": str(self.torch.__version__)}

    def offers(self, network: Network) -> str | None:
        """One layer, forward, with two bias vectors or none."""
        return self.conventions[network.cell].refuses(network)

    @contextmanager
    def session(self) -> Iterator[None]:
        """One thread: on two cores, two of them can make a tiny call a thousand times slower."""
        threads = self.torch.get_num_threads()
        self.torch.set_num_threads(1)
        try:
            with self.torch.no_grad():
                yield
        finally:
            self.torch.set_num_threads(threads)

    def run(self, case: Case) -> Answer:
        """Load the weights into a module of the case's sizes, and call it."""
        names = case.network.states
        states = tuple(self.tensor(case.state(name), case.dtype) for name in names)
        inputs = self.tensor(case.inputs, case.dtype)
        outputs, finals = self.call(self.loaded(case), inputs, states if case.states else None)
        return Answer(array(outputs), {n: array(s) for n, s in zip(names, finals, strict=True)})

    def call(self, module: Any, inputs: Any, states: Any) -> tuple[Any, tuple[Any, ...]]:
        """Outputs and final states for a sequence; no states means that none are given."""
        if states is not None and len(states) == 1:
            (states,) = states
        outputs, finals = module(inputs, states)
        return outputs, finals if isinstance(finals, tuple) else (finals,)

    def loaded(self, case: Case) -> Any:
        """A module with the weights of the case."""
        module = self.built(case.network, case.dtype)
        packed = pack(case.network, case.weights, self.conventions[case.network.cell])
        for ours, theirs in (
            (packed.input, "weight_ih"),
            (packed.recurrent, "weight_hh"),
            (packed.input_bias, "bias_ih"),
            (packed.recurrent_bias, "bias_hh"),
        ):
            if ours is not None:
                getattr(module, theirs + self.suffix).copy_(self.tensor(ours, case.dtype))
        return module

    def built(self, network: Network, dtype: str) -> Any:
        """A module of a network's sizes."""
        options: dict[str, Any] = {"bias": network.biases != "none"}
        if network.cell == "rnn":
            options["nonlinearity"] = network.activation
        kind = getattr(self.torch.nn, self.modules[network.cell])
        return kind(
            network.inputs, network.units, dtype=getattr(self.torch, dtype), **options
        ).requires_grad_(False)

    def count(self, network: Network) -> int | None:
        """The elements of the module's parameters."""
        return sum(int(p.numel()) for p in self.built(network, "float32").parameters())

    def tensor(self, values: Array, dtype: str) -> Any:
        """A tensor of a dtype; the values are exact in it."""
        return self.torch.tensor(values).to(getattr(self.torch, dtype))


class TorchCell(TorchLayer):
    """The cells: one step a call, with the states carried from call to call."""

    name = "torch-cell"
    modules: Mapping[str, str] = {"rnn": "RNNCell", "lstm": "LSTMCell", "gru": "GRUCell"}
    suffix = ""

    def call(self, module: Any, inputs: Any, states: Any) -> tuple[Any, tuple[Any, ...]]:
        """Step by step. A cell's states have no axis of layers."""
        if states is not None:
            states = tuple(state[0] for state in states)
        outputs = []
        for x in inputs:
            after = module(x, states if states is None or len(states) > 1 else states[0])
            states = after if isinstance(after, tuple) else (after,)
            outputs.append(states[0])
        return self.torch.stack(outputs), tuple(state[None] for state in states)


def array(values: Any) -> Array:
    """A tensor's values as float64, exactly."""
    return np.asarray(values.double().numpy(), dtype=np.float64)
