"""OpenVINO 2026.4.1: a model for no rows ends the process; no steps end in any state.

    python no_rows.py 0         (or 1)

OpenVINO alone. As it compiles a model for 0 rows, it ends the process by SIGFPE, and for no steps
it says no. Where shapes are dynamic, no rows are empty, and no steps end in what stood in the
memory of the final state, which should be the initial one, 0.25.
"""

import sys

import numpy as np
import openvino
import openvino.opset13 as ops

rows = int(sys.argv[1])
W, R, B = (ops.constant(np.ones((1, 1, 1)[:n], "float32")) for n in (3, 3, 2))
for shape in ([-1, -1, 1], [rows, 1 - rows, 1]):
    x, state = ops.parameter(shape, np.float32), ops.parameter([shape[0], 1, 1], np.float32)
    lengths = ops.broadcast(ops.gather(ops.shape_of(x), 1, 0), ops.gather(ops.shape_of(x), [0], 0))
    rnn = ops.rnn_sequence(x, state, lengths, W, R, B, 1, "forward")
    model = openvino.Model([rnn.output(0), rnn.output(1)], [x, state])
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given = [np.ones((rows, 1 - rows, 1), "float32"), np.full((rows, 1, 1), 0.25, "float32")]
    y, final = compiled(given).to_tuple()
    print(f"X of {shape}: Y of shape {y.shape}, final state {final.ravel().tolist()}", flush=True)
