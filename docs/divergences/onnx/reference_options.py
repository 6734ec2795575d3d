"""onnx 1.23.2: its ReferenceEvaluator ignores input_forget and clip. onnx alone.

    python reference_options.py

All weights are 0 but those of the input gate, whose sum is 1. With input_forget the forget gate is
1 - sigmoid(1) = 0.269, and so is what is left of a cell state of 1; it stays 0.5, as sigmoid(0) is.
The candidate's sum is 2: clipped to 1, tanh of it is 0.762, and half of that is added; it is 0.482.
`_step` of op_lstm.py, op_gru.py and op_rnn.py (onnx/reference/ops) has no use for either attribute.
"""

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator


def cell_state(attribute: str, sums: list[float], initial: float) -> float:
    """The final cell state after one step, of one unit."""
    model = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 14]>
        one (float[1,1,1] X, float[1,4,1] W, float[1,4,1] R, float[1,1,1] h, float[1,1,1] c)
        => (float[1,1,1] Y_c) {{
            , , Y_c = LSTM <hidden_size = 1, {attribute}> (X, W, R, , , h, c)
        }}
    """)
    arrays = {"X": [[[1]]], "W": np.reshape(sums, (1, 4, 1)), "R": np.zeros((1, 4, 1))}
    arrays |= {"h": [[[0]]], "c": [[[initial]]]}
    feeds = {name: np.array(array, "float32") for name, array in arrays.items()}
    return float(ReferenceEvaluator(model).run(None, feeds)[0].item())


# the sums of input gate, output gate, forget gate and candidate
print(f"input_forget: {cell_state('input_forget = 1', [1, 0, 0, 0], 1.0):.3f}, and should be 0.269")
print(f"clip to 1: {cell_state('clip = 1.0', [0, 0, 0, 2], 0.0):.3f}, and should be 0.381")
