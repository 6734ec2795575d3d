"""OpenVINO 2026.4.1: a model for no rows ends the process; no steps leave memory as it was.

    python no_rows.py 0 1         (or 1 0)

OpenVINO alone. Of a batch of no rows, compile_model ends the process by SIGFPE. Of no steps, where
shapes are dynamic, the final state is whatever stood in its memory (the initial one, 0.25, by the
operator's equations); where they are not, compile_model raises RuntimeError.
"""

import sys

import numpy as np
import openvino
import openvino.opset13 as ops

steps, rows = int(sys.argv[1]), int(sys.argv[2])
W, R, B = (ops.constant(np.ones((1, 1, 1)[:n], "float32")) for n in (3, 3, 2))
for shape in ([-1, -1, 1], [rows, steps, 1]):
    x, state = ops.parameter(shape, np.float32), ops.parameter([shape[0], 1, 1], np.float32)
    lengths = ops.parameter([shape[0]], np.int32)
    rnn = ops.rnn_sequence(x, state, lengths, W, R, B, 1, "forward")
    model = openvino.Model([rnn.output(0), rnn.output(1)], [x, state, lengths])
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given = [np.ones((rows, steps, 1), "float32"), np.full((rows, 1, 1), 0.25, "float32")]
    y, final = compiled([*given, np.full(rows, steps, "int32")]).to_tuple()
    print(f"X of {shape}: Y of shape {y.shape}, final state {final.ravel().tolist()}", flush=True)
