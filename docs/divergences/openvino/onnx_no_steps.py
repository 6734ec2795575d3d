"""OpenVINO 2026.4.1: an operator of ONNX that is given no steps puts one out. OpenVINO, ONNX alone.

    python onnx_no_steps.py

X has no steps, so Y has none, and the final state is the initial one, 0.25. But Y has one, and the
final state is what stood in its memory, such as 0. Where T is a name, and not 0, Y has none.
"""

import numpy as np
import onnx
import openvino

for steps in ("0", "T"):
    model = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 14]>
        one (float[{steps}, 1, 1] X, float[1, 1, 1] h)
        => (float[{steps}, 1, 1, 1] Y, float[1, 1, 1] Y_h)
        <float[1, 1, 1] W = {{1.0}}, float[1, 1, 1] R = {{1.0}}>
        {{ Y, Y_h = RNN <hidden_size = 1> (X, W, R, , , h) }}
    """)
    read = openvino.Core().read_model(model.SerializeToString())
    compiled = openvino.compile_model(read, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given = [np.ones((0, 1, 1), "float32"), np.full((1, 1, 1), 0.25, "float32")]
    y, final = compiled(given).to_tuple()
    print(f"{steps} steps: Y of shape {y.shape}, final state {final.item()}")
