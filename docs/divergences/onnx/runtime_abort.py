"""ONNX Runtime 1.32.0: a GRU of no steps, a GRU or LSTM of no rows, end the process. ONNX alone.

    python runtime_abort.py GRU 0 1         (or GRU 1 0, or LSTM 1 0)

The process is ended by SIGABRT ("terminate called without an active exception"), where RNN returns
empty outputs, and an LSTM of no steps, too.
"""

import sys

import numpy as np
import onnx
import onnxruntime

kind, steps, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
model = onnx.parser.parse_model(f"""
    <ir_version: 8, opset_import: ["": 14]>
    one (float[T, B, 1] X, float[1, N, 1] W, float[1, N, 1] R)
    => (float[T, 1, B, 1] Y) {{ Y = {kind} <hidden_size = 1> (X, W, R) }}
""")
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
weights = np.ones((1, {"RNN": 1, "LSTM": 4, "GRU": 3}[kind], 1), "float32")
given = {"X": np.ones((steps, rows, 1), "float32"), "W": weights, "R": weights}
print(f"{kind}, {steps} steps, {rows} rows: outputs of shape", session.run(None, given)[0].shape)
