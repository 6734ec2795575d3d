"""PyTorch: ``torch.nn.RNN``, ``LSTM``, ``GRU``, and the cells of each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from rnnspec.adapters import torch_live, torch_script, torch_training
from rnnspec.adapters.torch_naming import PACKED, TorchNaming, ending
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.live import View, kind
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level
from rnnspec.reference.training import Examples, Trained, Training

DROPOUT = "dropout"
"""The way of a module that drops out between its layers, in training."""
OPTIONS: dict[str, dict[str, Any]] = {
    "batch first": {"batch_first": True},
    DROPOUT: {"dropout": 0.5},
}
"""What a module is made with for some ways. Of one layer dropout has nothing to drop, and warns."""

LAYERS: dict[str, Any] = {
    "directions": ("forward", "both"),
    "layers": 8,
    "past_end": {"forward": "zero", "both": "zero"},
}
"""What the conventions of the three layers have in common."""


class TorchLayer(Implementation):
    """The layers: a whole sequence in one call, deep and in both directions."""

    name = "torch"
    requires: str | tuple[str, ...] = "torch"
    extra: str | None = "torch"
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), activations=("tanh", "relu"), **LAYERS),
        "lstm": Conventions(
            ("input", "forget", "candidate", "output"), extras=("projection",), **LAYERS
        ),
        "gru": Conventions(("reset", "update", "candidate"), **LAYERS),
    }
    ways: Mapping[str, str] = {
        "packed": "path",
        "with gradients": "path",
        "batch first": "layout",
        "strided": "layout",
        "row by row": "layout",
        DROPOUT: "inference",
    }
    modules: Mapping[str, str] = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
    naming = TorchNaming()

    @cached_property
    def torch(self) -> Any:
        """The framework, imported when it is first needed."""
        import torch

        return torch

    def versions(self) -> dict[str, str]:
        """PyTorch's own version."""
        return {"torch": str(self.torch.__version__)}

    @contextmanager
    def session(self) -> Iterator[None]:
        """One thread: on two cores, two of them can make a tiny call a thousand times slower."""
        threads = self.torch.get_num_threads()
        self.torch.set_num_threads(1)
        try:
            with self.torch.no_grad(), warnings.catch_warnings():
                # that another kernel is taken says nothing of the numbers
                warnings.filterwarnings("ignore", "LSTM with projections is not supported with one")
                yield
        finally:
            self.torch.set_num_threads(threads)

    def run(self, case: Case) -> Answer:
        """Load the weights into a module of the case's sizes, and call it."""
        module = self.loaded(case)
        with self.torch.set_grad_enabled(case.way == "with gradients"):
            module.requires_grad_(case.way == "with gradients")
            parts = self.forward(
                module, case, self.tensor(case.inputs, case.dtype), self.given(case)
            )
        return answer(parts)

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """Call it with autograd, and go back from the cotangents."""
        module = self.loaded(case)
        with self.torch.enable_grad():
            weights = dict(module.requires_grad_(True).named_parameters())
            inputs = self.tensor(case.inputs, case.dtype).requires_grad_(True)
            given = {name: s.requires_grad_(True) for name, s in self.given(case).items()}
            parts = self.forward(module, case, inputs, given)
            leaves = [inputs, *given.values(), *weights.values()]
            found = self.torch.autograd.grad(
                [parts[name] for name in cotangents],
                leaves,
                [self.tensor(g, case.dtype) for g in cotangents.values()],
                allow_unused=True,
                materialize_grads=True,
            )
        own, *others = (array(each) for each in found)
        states = dict(zip(given, others[: len(given)], strict=True))
        packed = dict(zip(weights, others[len(given) :], strict=True))
        return Gradients(answer(parts), own, states, self.unpacked(case.network, packed))

    def given(self, case: Case) -> dict[str, Any]:
        """The initial states that are given, as tensors."""
        return {name: self.tensor(state, case.dtype) for name, state in case.states.items()}

    def forward(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Every part of the answer, as tensors, in the way that the case asks for."""
        if case.way == "row by row":
            return self._row_by_row(module, case, inputs, given)
        if case.way == "strided":
            inputs = inputs.transpose(0, 2).contiguous().transpose(0, 2)
        if case.way == "batch first":
            inputs = inputs.transpose(0, 1)
        packing = case.lengths is not None or case.way == "packed"
        first, sequences = case.way == "batch first", self.torch.nn.utils.rnn
        if packing:
            lengths = [case.steps] * case.rows if case.lengths is None else case.lengths.tolist()
            inputs = sequences.pack_padded_sequence(
                inputs, lengths, batch_first=first, enforce_sorted=False
            )
        outputs, states = self.called(module, case, inputs, given)
        if packing:
            outputs, _ = sequences.pad_packed_sequence(
                outputs, batch_first=first, total_length=case.steps
            )
        if case.way == "batch first":
            outputs = outputs.transpose(0, 1)
        return {"outputs": outputs, **states}

    def called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """One call: no states are passed where none are given."""
        names, states = case.network.states, self.completed(case, given)
        outputs, finals = module(inputs, states[0] if states and len(names) == 1 else states)
        finals = finals if isinstance(finals, tuple) else (finals,)
        return outputs, dict(zip(names, finals, strict=True))

    def completed(self, case: Case, given: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """All states where some are given, zeros in place of the others; None where none is."""
        if not given:
            return None
        one = next(iter(given.values()))
        zeros = {
            name: one.new_zeros((*one.shape[:-1], case.network.size(name)))
            for name in case.network.states
        }
        return tuple({**zeros, **given}.values())

    def _row_by_row(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Each row as a call without an axis of rows, cut to its length."""
        rows = []
        for row in range(case.rows):
            end = case.steps if case.lengths is None else int(case.lengths[row])
            own = {name: state[:, row] for name, state in given.items()}
            outputs, states = self.called(module, case, inputs[:end, row], own)
            padding = (0, 0, 0, case.steps - end)
            rows.append({"outputs": self.torch.nn.functional.pad(outputs, padding), **states})
        return {name: self.torch.stack([row[name] for row in rows], 1) for name in rows[0]}

    def loaded(self, case: Case) -> Any:
        """A module with the weights of the case."""
        options = (
            OPTIONS.get(case.way, {}) if case.network.layers > 1 or case.way != DROPOUT else {}
        )
        module = self.built(case.network, case.dtype, **options).eval()
        for name, values in self.named(case).items():
            getattr(module, name).copy_(self.tensor(values, case.dtype))
        return module

    def named(self, case: Case) -> dict[str, Array]:
        """The weights of a case, by the names of a module's parameters."""
        network, how = case.network, self.conventions[case.network.cell]
        return {
            theirs + suffix: ours
            for layer, direction, suffix in self.suffixes(network)
            for theirs, ours in zip(
                PACKED,
                vars(pack(network, case.weights, how, layer, direction)).values(),
                strict=False,
            )
            if ours is not None
        }

    def unpacked(self, network: Network, found: Mapping[str, Array]) -> dict[Place, Array]:
        """Gradients of a module's parameters, by our places."""
        how = self.conventions[network.cell].of_gradients
        weights: dict[Place, Array] = {}
        for layer, direction, suffix in self.suffixes(network):
            packed = Packed(*(found.get(name + suffix) for name in PACKED))  # type: ignore[arg-type]
            weights |= unpack(network, packed, how, layer, direction)
        return weights

    def suffixes(self, network: Network) -> Iterator[tuple[int, str, str]]:
        """What the names of a layer's and direction's parameters end in."""
        for layer in range(network.layers):
            for direction in network.directions:
                yield layer, direction, ending(layer, direction)

    def built(self, network: Network, dtype: str, **more: Any) -> Any:
        """A module of a network's sizes, gradients not yet asked for."""
        options = {**self.options(network), **more}
        kind = getattr(self.torch.nn, self.modules[network.cell])
        dtype = getattr(self.torch, dtype)
        return kind(network.inputs, network.units, dtype=dtype, **options).requires_grad_(False)

    def options(self, network: Network) -> dict[str, Any]:
        """What a module is made with beside its sizes, as far as it is not PyTorch's default."""
        wanted: dict[str, tuple[Any, Any]] = {
            "num_layers": (network.layers, 1),
            "nonlinearity": (network.activation, "tanh"),
            "bias": (network.biases != "none", True),
            "bidirectional": (network.direction == "both", False),
            "proj_size": (network.projection, 0),
        }
        return {name: value for name, (value, usual) in wanted.items() if value != usual}

    def script(self, case: Case, cotangents: Mapping[str, Array] | None = None) -> str | None:
        """The case in PyTorch's own words."""
        kind, options = self.modules[case.network.cell], self.options(case.network)
        return torch_script.script(case, kind, options, self.named(case), cotangents)

    def leaves(self, case: Case) -> dict[str, Array]:
        """The ``grad`` of tensors and parameters."""
        single = self.modules[case.network.cell].endswith("Cell")
        given = {f"initial_{n}.grad": s[0] if single else s for n, s in case.states.items()}
        named = {f"layer.{name}.grad": values for name, values in self.named(case).items()}
        return {"inputs.grad": case.inputs, **given, **named}

    def counting(self, network: Network) -> str | None:
        """The elements of a module's parameters."""
        return torch_script.counting(network, self.modules[network.cell], self.options(network))

    def train(self, training: Training, examples: Examples) -> Trained:
        """Train a module with a readout."""
        with self.session():
            return torch_training.TorchTrained(self, training, examples)

    def holds(self, layer: Any) -> bool:
        """Whether it is a module of these kinds."""
        return kind(layer, "torch.nn", self.modules.values()) is not None

    def viewed(self, layer: Any) -> View:
        """Its parameters."""
        name = kind(layer, "torch.nn", self.modules.values())
        network = torch_live.network(
            next(c for c, own in self.modules.items() if own == name), layer
        )
        suffixes = [suffix for _, _, suffix in self.suffixes(network)]
        return torch_live.viewed(self.torch, layer, network, PACKED, suffixes)

    def count(self, network: Network) -> int | None:
        """The elements of the module's parameters."""
        return sum(int(p.numel()) for p in self.built(network, "float32").parameters())

    def tensor(self, values: Array, dtype: str) -> Any:
        """A tensor of a dtype; the values are exact in it. In float64 it is the very array that was
        passed, so that a layer which works in it is found out.
        """
        held = np.require(values, requirements=("C", "W"))
        return self.torch.from_numpy(held).to(getattr(self.torch, dtype))


class TorchCell(TorchLayer):
    """The cells: one step a call, with the states carried from call to call."""

    name = "torch-cell"
    conventions: Mapping[str, Conventions] = {
        cell: replace(how, directions=("forward",), layers=1, past_end={}, extras=())
        for cell, how in TorchLayer.conventions.items()
    }
    ways: Mapping[str, str] = {"with gradients": "path", "row by row": "layout"}
    modules: Mapping[str, str] = {"rnn": "RNNCell", "lstm": "LSTMCell", "gru": "GRUCell"}

    def called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Step by step. A cell's states have no axis of layers."""
        names, complete = case.network.states, self.completed(case, given)
        states: Any = None if complete is None else tuple(state[0] for state in complete)
        outputs = []
        for x in inputs:
            after = module(x, states[0] if states and len(names) == 1 else states)
            states = after if isinstance(after, tuple) else (after,)
            outputs.append(states[0])
        if not outputs or states is None:
            raise Refused(f"{self.name} is called once a step: without steps it gives no states")
        finals = {name: state[None] for name, state in zip(names, states, strict=True)}
        return self.torch.stack(outputs), finals

    def suffixes(self, network: Network) -> Iterator[tuple[int, str, str]]:
        """A cell's parameters have plain names."""
        yield 0, "forward", ""


def answer(parts: Mapping[str, Any]) -> Answer:
    """Tensors by part, as an answer."""
    states = {name: array(part) for name, part in parts.items() if name != "outputs"}
    return Answer(array(parts["outputs"]), states)


def array(values: Any) -> Array:
    """A tensor's values as float64, exactly."""
    return np.asarray(values.detach().double().numpy(), dtype=np.float64)
