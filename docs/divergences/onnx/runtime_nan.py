"""ONNX Runtime 1.32.0: LSTM and GRU with biases, and RNN with Relu, swallow NaN. ONNX alone.

    python runtime_nan.py

The only input is NaN, and every output depends on it. RNN with Tanh gives NaN. With B, LSTM gives
tanh(1) = 0.76 and GRU the state before, 0, as if NaN were the largest number; without it, NaN.
"""

import numpy as np
import onnx
import onnxruntime

TEXT = """
    <ir_version: 8, opset_import: ["": 14]>
    one (float[1, 1, 1] X, float[1, N, 1] W, float[1, N, 1] R, float[1, M] B)
    => (float[1, 1, 1] Y_h) {{ , Y_h = {} <hidden_size = 1{}> (X, W, R{}) }}
"""
given = {"X": np.full((1, 1, 1), np.nan, "float32")}
for kind, options, blocks in (
    ("RNN", ', activations = ["Tanh"]', 1),
    ("RNN", ', activations = ["Relu"]', 1),
    ("LSTM", "", 4),
    ("GRU", "", 3),
):
    given |= dict.fromkeys(("W", "R"), np.ones((1, blocks, 1), "float32"))
    given["B"] = np.zeros((1, 2 * blocks), "float32")
    for biases in ("", ", B"):
        model = onnx.parser.parse_model(TEXT.format(kind, options, biases)).SerializeToString()
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        print(f"{kind} of X, W, R{biases}{options}:", session.run(None, given)[0].item())
