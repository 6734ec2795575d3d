"""Keras 3.15.1: two layers with ``stateful=True`` that cannot be used. Keras alone.

    KERAS_BACKEND=tensorflow python keras_stateful.py     (or torch, or jax)

``Bidirectional`` that returns its state raises TypeError when it is called; ``reset_states`` of
``RNN`` with several cells raises AttributeError. Either works where one of its two is left out.
"""

import keras
import numpy as np

inputs = keras.ops.convert_to_tensor(np.ones((1, 2, 1), "float32"))
for stateful in (False, True):
    half = keras.layers.GRU(1, stateful=stateful, return_state=True)
    layer = keras.layers.Bidirectional(half)
    layer.build(inputs.shape)
    try:
        print(f"Bidirectional, stateful={stateful}: {len(layer(inputs))} tensors")
    except TypeError as error:
        print(f"Bidirectional, stateful={stateful}: TypeError: {error}")

for cells in (1, 2):
    stack = [keras.layers.GRUCell(1) for _ in range(cells)]
    layer = keras.layers.RNN(stack if cells > 1 else stack[0], stateful=True)
    layer.build(inputs.shape)
    try:
        layer.reset_states()
        print(f"RNN, {cells} cells: reset")
    except AttributeError as error:
        print(f"RNN, {cells} cells: AttributeError: {error}")
