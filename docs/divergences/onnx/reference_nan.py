"""onnx 1.23.2, NumPy 2.4.6: NaN times a weight of 0 is 0, in two rows but not in one. onnx alone.

    python reference_nan.py

The first row is NaN, and so are its outputs, by IEEE 754. ReferenceEvaluator multiplies by np.dot,
which gives 0 there: it seems to take a matrix of 1 by 1 for a number, and to leave a product with 0
out. The operator @ gives NaN.
"""

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

model = onnx.parser.parse_model("""
    <ir_version: 8, opset_import: ["": 14]>
    one (float[1, B, 1] X, float[1, 1, 1] W, float[1, 1, 1] R)
    => (float[1, B, 1] Y_h) { , Y_h = RNN <hidden_size = 1> (X, W, R) }
""")
zero = np.zeros((1, 1, 1), "float32")
for row in ([np.nan], [np.nan, 0.0]):
    given = {"X": np.array(row, "float32").reshape(1, -1, 1), "W": zero, "R": zero}
    (final,) = ReferenceEvaluator(model).run(None, given)
    print(f"rows {row}: final state {final.ravel().tolist()}")
print("by @:", (np.array([[np.nan], [0.0]]) @ np.zeros((1, 1))).ravel().tolist())
