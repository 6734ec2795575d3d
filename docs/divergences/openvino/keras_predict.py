"""Keras 3.15.1 on OpenVINO 2026.4.1: predict keeps old weights, and rounds. Keras alone.

    KERAS_BACKEND=openvino python keras_predict.py

A model that has predicted once is compiled, with the weights that it had. Those set later are not
looked at, by predict and predict_on_batch; a call of the model has them. And on a CPU that
has bfloat16, predict computes a model of float32 in that: 3 digits agree with the call.
A model of bfloat16 predicts the right bits, as NumPy's float16, in which they are another number.
"""

import os

os.environ["KERAS_BACKEND"] = "openvino"
import keras
import numpy as np

x = np.full((1, 1, 1), 0.5, "float32")
for dtype in ("float32", "bfloat16"):
    model = keras.Sequential([keras.Input((1, 1), dtype=dtype), keras.layers.LSTM(1, dtype=dtype)])
    for value in (0.5, 0.25):
        model.set_weights([np.full(weight.shape, value) for weight in model.get_weights()])
        predicted = model.predict(x, verbose=0)
        called = keras.ops.convert_to_numpy(model(x))
        print(f"{dtype}, weights {value}: predict {predicted.item()} ({predicted.dtype}),", end=" ")
        print(f"call {called.item()}")
