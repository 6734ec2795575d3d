"""Keras 3.15.1 on JAX: a GRU without biases cannot be called in float16 or bfloat16. Keras alone.

    KERAS_BACKEND=jax python keras_jax_gru_without_bias.py

In place of the bias that is not there stand zeros of float32, so that the state comes out wider
than it went in, which a scan refuses: TypeError. With a bias, with a mask, with
``use_cudnn=False`` or ``unroll=True``, and in float32, it works.
"""

import keras
import numpy as np

for use_bias in (True, False):
    layer = keras.layers.GRU(1, use_bias=use_bias, recurrent_initializer="zeros", dtype="float16")
    try:
        print(f"use_bias={use_bias}:", layer(np.ones((1, 1, 1), "float16")).dtype)
    except TypeError as error:
        print(f"use_bias={use_bias}: TypeError: {str(error).splitlines()[0]}")
