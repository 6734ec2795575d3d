"""ONNX Runtime 1.32.0: after no steps, the final state is 0 and not the initial one. ONNX alone.

    python runtime_no_steps.py

The first row has no steps (sequence_lens), so nothing has changed the 0.5 that it began with. What
its state is then, the operators' text does not say (https://github.com/onnx/onnx/issues/1674); by
the equations, and in Keras, it is the initial one.
"""

import numpy as np
import onnx
import onnxruntime

TEXT = """
    <ir_version: 8, opset_import: ["": 14]>
    one (float[1, 2, 1] X, float[1, N, 1] W, float[1, N, 1] R, int32[2] lengths, float[1, 2, 1] h)
    => (float[1, 2, 1] Y_h) {{ , Y_h = {} <hidden_size = 1> (X, W, R, , lengths, h) }}
"""
for kind, blocks in (("RNN", 1), ("LSTM", 4), ("GRU", 3)):
    model = onnx.parser.parse_model(TEXT.format(kind)).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    given = dict.fromkeys(("W", "R"), np.ones((1, blocks, 1), "float32"))
    given |= {"X": np.ones((1, 2, 1), "float32"), "lengths": np.array([0, 1], "int32")}
    (final,) = session.run(None, given | {"h": np.full((1, 2, 1), 0.5, "float32")})
    print(f"{kind}: final state of the row of no steps {final[0, 0, 0]}")
