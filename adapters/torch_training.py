"""PyTorch: a recurrent module with a linear readout, trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnspec.reference.case import Case, Weights
from rnnspec.reference.operations import Array
from rnnspec.reference.training import Examples, Training

if TYPE_CHECKING:
    from rnnspec.adapters.torch_ import TorchLayer

DTYPE = "float32"


class TorchTrained:
    """The module, its readout, and how they learned."""

    def __init__(self, adapter: TorchLayer, training: Training, examples: Examples) -> None:
        self.adapter, self.torch, self.network = adapter, adapter.torch, training.network
        weights, readout = training.start()
        held = {place: w.astype(DTYPE).astype(np.float64) for place, w in weights.items()}
        nothing = np.zeros((1, 1, training.network.inputs))
        case = Case(training.network, held, nothing, dtype=DTYPE)
        self.module = adapter.loaded(case).train().requires_grad_(True)
        self.readout = self.torch.nn.Linear(readout.shape[1], training.outputs)
        with self.torch.no_grad():
            self.readout.weight.copy_(self.torch.from_numpy(readout))
            self.readout.bias.zero_()
        self.losses = self._learned(training, examples)

    def _learned(self, training: Training, examples: Examples) -> list[float]:
        torch = self.torch
        parameters = [*self.module.parameters(), *self.readout.parameters()]
        adam = torch.optim.Adam(parameters, lr=training.rate)
        given = tuple(
            torch.from_numpy(np.ascontiguousarray(each))
            for each in (examples.inputs.astype(DTYPE), examples.targets, examples.counts)
        )
        losses = []
        with torch.enable_grad():
            for rows in training.batches(examples):
                chosen = torch.from_numpy(rows)
                inputs, targets, counts = (each[:, chosen] for each in given)
                loss = self._loss(training, self._said(inputs)[counts], targets[counts])
                adam.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(parameters, training.clip)
                adam.step()
                losses.append(float(loss.detach()))
        return losses

    def _loss(self, training: Training, said: Any, targets: Any) -> Any:
        functional = self.torch.nn.functional
        if training.loss == "classes":
            return functional.cross_entropy(said, targets)
        return functional.mse_loss(said, targets.to(said.dtype))

    def _said(self, inputs: Any) -> Any:
        outputs, _ = self.module(inputs)
        return self.readout(outputs)

    def weights(self) -> Weights:
        """The module's parameters, by our places."""
        named = {name: p.detach().double().numpy() for name, p in self.module.named_parameters()}
        return self.adapter.unpacked(self.network, named)

    def said(self, inputs: Array) -> Array:
        """What the readout says."""
        with self.torch.no_grad():
            said = self._said(self.torch.from_numpy(inputs.astype(DTYPE)))
        return np.asarray(said.double().numpy(), dtype=np.float64)
