"""onnx 1.23.2: its ReferenceEvaluator ignores sequence_lens. onnx alone.

    python reference_lengths.py

The row has one valid step, so its final state is tanh(0.5) = 0.462, whatever stands in the step
behind it. It is made of all three steps: what `_run` of each operator takes as sequence_lens is
never read (onnx/reference/ops/op_rnn.py, op_lstm.py, op_gru.py).
"""

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

model = onnx.parser.parse_model("""
    <ir_version: 8, opset_import: ["": 14]>
    one (float[3, 1, 1] X, float[1, 1, 1] W, float[1, 1, 1] R, int32[1] lengths)
    => (float[1, 1, 1] Y_h) { , Y_h = RNN <hidden_size = 1> (X, W, R, , lengths) }
""")
given = {"W": np.ones((1, 1, 1), "float32"), "R": np.zeros((1, 1, 1), "float32")}
given["lengths"] = np.array([1], "int32")
for padding in (0.0, -1.0):
    given["X"] = np.array([0.5, padding, padding], "float32").reshape(3, 1, 1)
    (final,) = ReferenceEvaluator(model).run(None, given)
    print(f"{padding} past the end: final state {final.item():.3f}")
