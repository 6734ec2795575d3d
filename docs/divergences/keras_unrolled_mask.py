"""Keras 3.15.1: unrolled layers that go backwards, with a mask. Keras alone.

    KERAS_BACKEND=tensorflow python keras_unrolled_mask.py     (or torch, or jax)

Both lines should be [[0.762, 0.762], [0, 0], [0, 0]]: one valid step in both directions, then
zeros. Unrolled, TensorFlow gives 0 for the valid step of the second direction, PyTorch raises
AttributeError, and JAX puts numbers past the end.
"""

import keras
import numpy as np

inputs = keras.ops.convert_to_tensor(np.ones((1, 3, 1), "float32"))
mask = keras.ops.convert_to_tensor(np.array([[True, False, False]]))
for unroll in (False, True):
    layer = keras.layers.Bidirectional(
        keras.layers.SimpleRNN(
            1,
            return_sequences=True,
            unroll=unroll,
            use_bias=False,
            kernel_initializer="ones",
            recurrent_initializer="ones",
        )
    )
    outputs = layer(inputs, mask=mask)
    print(f"unroll={unroll}:", keras.ops.convert_to_numpy(outputs).round(3).tolist())
