"""OpenVINO 2026.4.1: what reads ONNX ignores layout = 1. OpenVINO and ONNX alone.

    python onnx_layout.py

X has two rows of three steps, rows first, so Y has the shape (rows, steps, directions, units) =
(2, 3, 1, 1), and the final states of both rows are tanh(0.5) = 0.462. It is read as three rows of
two steps. With initial states, which fit no such X, the model is refused.
"""

import numpy as np
import onnx
import openvino

model = onnx.parser.parse_model("""
    <ir_version: 8, opset_import: ["": 14]>
    one (float[2, 3, 1] X, float[1, 1, 1] W, float[1, 1, 1] R)
    => (float[2, 3, 1, 1] Y, float[2, 1, 1] Y_h)
    { Y, Y_h = RNN <hidden_size = 1, layout = 1> (X, W, R) }
""")
compiled = openvino.compile_model(openvino.Core().read_model(model.SerializeToString()), "CPU")
one = np.ones((1, 1, 1), "float32")
y, final = compiled([np.full((2, 3, 1), 0.5, "float32"), one, 0 * one]).to_tuple()
print(f"Y of shape {y.shape}, final state of shape {final.shape}")
