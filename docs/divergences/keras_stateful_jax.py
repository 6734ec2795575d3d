"""Keras 3.15.1 on JAX: ``predict`` ignores ``stateful=True``. Keras alone.

    KERAS_BACKEND=jax python keras_stateful_jax.py

Two steps in two calls should end as two steps in one call do. By ``predict`` the second call
begins from zeros: what goes from call to call there, as by ``stateless_call``, is a layer's
``non_trainable_variables``, and its states are none of these. Called by itself, the layer is right,
and so is ``predict`` on TensorFlow and on PyTorch.
"""

import keras
import numpy as np

inputs = np.ones((1, 2, 1), "float32")
options = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
whole = keras.layers.SimpleRNN(1, **options)
layer = keras.layers.SimpleRNN(1, stateful=True, **options)
model = keras.Sequential([keras.Input(batch_shape=(1, 1, 1)), layer])
print("one call:          ", np.asarray(whole(inputs)))
layer(inputs[:, :1])
print("two calls:         ", np.asarray(layer(inputs[:, 1:])))
layer.reset_states()
model.predict(inputs[:, :1], verbose=0)
print("two calls, predict:", model.predict(inputs[:, 1:], verbose=0))
print("non-trainable variables:", [v.path for v in layer.non_trainable_variables])
