"""ncnn 1.0.20261020, on x86: an LSTM of four units or more swallows NaN. ncnn alone.

    python lstm_nan.py

The only input is NaN, and every unit depends on it. Three units are NaN; of four, which are done at
once (`sigmoid_sse` and `tanh_sse` in lstm_x86.cpp), a NaN counts as a very small number: the gates
are 0, and so is the output.
"""

import ncnn
import numpy as np

for units in (3, 4):
    size = 4 * units
    net = ncnn.Net()
    net.load_param_mem(f"7767517\n2 2\nInput x 0 1 x\nLSTM lstm 1 1 x y 0={units} 1={size}\n")
    # each array has a tag of four bytes in front: those of the input, the biases, those of the past
    parts = (np.ones(size), np.zeros(size), np.zeros(size * units))
    net.load_model_mem(b"".join(bytes(4) + part.astype("float32").tobytes() for part in parts))
    given = np.full((1, 1), np.nan, dtype="float32")
    extractor = net.create_extractor()
    extractor.input("x", ncnn.Mat(given))
    print(f"LSTM of {units} units, NaN: {np.array(extractor.extract('y')[1]).tolist()}")
