"""OpenVINO 2026.4.1: what reads ONNX ignores LSTM's peepholes and input_forget. OpenVINO and ONNX.

    python onnx_ignored.py

All weights are 0, so each gate is 1/2. The input is 0, and the cell state before 0.5, so it becomes
0.25. With a peephole of 2 the forget gate is sigmoid(2 * 0.5) = 0.731, and it becomes 0.366. With
input_forget the forget gate is what the input gate leaves: with a bias of 1 there that is 0.269,
and the cell state becomes 0.134. Both give 0.25.
"""

import numpy as np
import onnx
import openvino

for what, attribute, bias, peephole in (
    ("peepholes", "", 0.0, 2.0),
    ("input_forget", ", input_forget = 1", 1.0, 0.0),
):
    model = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 14]>
        one (float[1, 1, 1] X, float[1, 1, 1] h, float[1, 1, 1] c) => (float[1, 1, 1] Y_c)
        <float[1, 4, 1] W = {{0, 0, 0, 0}}, float[1, 8] B = {{{bias}, 0, 0, 0, 0, 0, 0, 0}},
         float[1, 3] P = {{0, 0, {peephole}}}>
        {{ , , Y_c = LSTM <hidden_size = 1{attribute}> (X, W, W, B, , h, c, P) }}
    """)
    read = openvino.Core().read_model(model.SerializeToString())
    compiled = openvino.compile_model(read, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    zero = np.zeros((1, 1, 1), "float32")
    print(f"{what}: cell state {compiled([zero, zero, zero + 0.5])[0].item():.3f}")
