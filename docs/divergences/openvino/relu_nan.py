"""OpenVINO 2026.4.1: RNNSequence with relu gives 0 for NaN. OpenVINO alone.

    python relu_nan.py

The only input is NaN, and the output depends on it: with tanh it is NaN, with relu 0. That is so in
all three arithmetics, and whether the operator is taken whole or step by step (with lengths).
"""

import numpy as np
import openvino
import openvino.opset13 as ops

W, R, B = (ops.constant(np.ones((1, 1, 1)[:n], "float32")) for n in (3, 3, 2))
for activation in ("tanh", "relu"):
    for lengths in (ops.constant(np.array([1], "int32")), ops.parameter([1], np.int32)):
        x, state = ops.parameter([1, 1, 1], np.float32), ops.parameter([1, 1, 1], np.float32)
        rnn = ops.rnn_sequence(x, state, lengths, W, R, B, 1, "forward", [activation])
        given = [lengths] * (lengths.get_type_name() == "Parameter")
        model = openvino.Model([rnn.output(0)], [x, state, *given])
        compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        arrays = [np.full((1, 1, 1), np.nan, "float32"), np.zeros((1, 1, 1), "float32")]
        y = compiled([*arrays, np.array([1], "int32")][: 2 + len(given)])[0]
        print(f"{activation}{', with lengths' * len(given)}: {y.item()}")
