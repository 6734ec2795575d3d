"""Keras 3.15.1 on OpenVINO 2026.4.1: in float16, a GRU that resets before has other weights.

    python keras_float16.py

Keras alone. What is kept is z * h, with z = sigmoid(0.25) = 0.562, so 0.281: in float32 it is, in
float16 it is not. The layer takes its recurrent kernel in columns. A slice of a variable is a view
of NumPy's, and of one in float16 OpenVINO takes the bits for whole numbers (float16_order.py): 0.5
becomes 14336. In implementation 1 all kernels are sliced so, of every LSTM and GRU.
"""

import os

os.environ["KERAS_BACKEND"] = "openvino"
import keras
import numpy as np

for dtype in ("float32", "float16"):
    layer = keras.layers.GRU(2, reset_after=False, use_bias=False, dtype=dtype)
    layer.build((1, 1, 1))
    recurrent = np.zeros((2, 6))
    recurrent[:, 1] = 0.0, 0.5  # the update gate of the second unit
    layer.set_weights([np.zeros((1, 6)), recurrent])
    state = keras.ops.convert_to_tensor(np.full((1, 2), 0.5, dtype))
    found = layer(np.zeros((1, 1, 1), dtype), initial_state=[state])
    print(f"{dtype}: {keras.ops.convert_to_numpy(found)[0, 1]:.3f}")
