"""Keras: recurrent layers with a dense one on top, trained by its own loop on any backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnspec.adapters.keras_layers import STATELESS, Layers
from rnnspec.adapters.keras_weights import listed, placed
from rnnspec.reference.case import Weights
from rnnspec.reference.operations import Array
from rnnspec.reference.training import Examples, Training

if TYPE_CHECKING:
    from rnnspec.adapters.keras_ import KerasLayer

DTYPE = "float32"
LOSSES = {"classes": "SparseCategoricalCrossentropy", "numbers": "MeanSquaredError"}


class KerasTrained:
    """The model, and how it learned."""

    def __init__(self, adapter: KerasLayer, training: Training, examples: Examples) -> None:
        keras, network = adapter.keras, training.network
        self.network, self.conventions = network, adapter.conventions[network.cell]
        weights, readout = training.start()
        self.array = adapter.backend.array
        self.layers = Layers(keras, network, DTYPE, STATELESS).built
        self.model = keras.Sequential(
            [
                keras.Input((None, network.inputs)),
                *self.layers,
                keras.layers.Dense(training.outputs, kernel_initializer="zeros"),
            ]
        )
        for layer, held in zip(
            self.layers, listed(network, weights, self.conventions), strict=True
        ):
            layer.set_weights(held)
        self.model.layers[-1].set_weights([readout.T, np.zeros(training.outputs)])
        options = {"from_logits": True} if training.loss == "classes" else {}
        loss = getattr(keras.losses, LOSSES[training.loss])
        self.model.compile(
            keras.optimizers.Adam(training.rate, global_clipnorm=training.clip, epsilon=1e-8),
            loss(reduction="mean_with_sample_weight", **options),
        )
        self.losses = self._learned(training, examples)

    def _learned(self, training: Training, examples: Examples) -> list[float]:
        losses = []
        for rows in training.batches(examples):
            batch = examples.chosen(rows)
            given = (batch.inputs.astype(DTYPE), batch.targets, batch.counts.astype(DTYPE))
            self.model.reset_metrics()
            loss = self.model.train_on_batch(*(each.swapaxes(0, 1) for each in given))
            losses.append(float(loss))
        return losses

    def weights(self) -> Weights:
        """The layers' variables, by our places."""
        held = [[self.array(variable.value) for variable in layer.weights] for layer in self.layers]
        return placed(self.network, held, self.conventions)

    def said(self, inputs: Array) -> Array:
        """What the dense layer says."""
        said = self.model(inputs.astype(DTYPE).swapaxes(0, 1), training=False)
        return self.array(said).swapaxes(0, 1)
