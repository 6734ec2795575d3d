"""Thinc 9.1.1: the LSTM of Ops leaves out all rows but one, and all gradients. Thinc alone.

    python base_operations.py

NumpyOps, on the CPU, has an LSTM of its own; CupyOps, on the GPU, has this one. Of rows that are
alike the first has outputs, and the others 0; and every gradient is 0.
"""

import numpy as np
from thinc.api import NumpyOps, Ops

weights = np.linspace(-0.8, 0.7, 16, dtype="f")
begin = np.zeros((1, 1, 1), "f")  # layers, directions, units
inputs = np.array([[0.3], [0.3], [0.3], [0.5], [0.5], [0.5]], "f")  # three rows, step by step
rows = np.array([3, 3], "i")  # of every step
for kind in (NumpyOps, Ops):
    outputs, held = kind().lstm_forward_training(weights, begin, begin, inputs, rows)
    print(f"{kind.__name__}: outputs of three equal rows {outputs.reshape(2, 3).tolist()}")
outputs, held = Ops().lstm_forward_training(weights, begin, begin, inputs, rows)
dx, dw = Ops().backprop_lstm(np.ones_like(outputs), rows, weights, held)
print("Ops: the largest gradient is", max(abs(dx).max(), abs(dw).max()))
