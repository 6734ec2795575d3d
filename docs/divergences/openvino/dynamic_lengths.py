"""OpenVINO 2026.4.1: where a shape is dynamic, sequence_lengths is ignored. OpenVINO alone.

    python dynamic_lengths.py

The row has one valid step of three, so its final state is tanh(0.5) = 0.462, and what follows in Y
is 0. So it is for X of the shape [1, 3, 1]. For [-1, 3, 1], [1, -1, 1] and [-1, -1, 1] all steps
are taken, by all three operators, where the weights are constants: the plugin for CPUs then takes
its own kernel, which knows of no lengths, and where shapes are dynamic it does not look for them.
"""

import numpy as np
import openvino
import openvino.opset13 as ops

W, R, B = (ops.constant(np.full((1, 1, 1)[:n], w, "float32")) for n, w in ((3, 1), (3, 0), (2, 0)))
x = np.array([0.5, -1.0, -1.0], "float32").reshape(1, 3, 1)
for shape in ([1, 3, 1], [-1, 3, 1], [1, -1, 1], [-1, -1, 1]):
    given = ops.parameter(shape, np.float32)
    state, lengths = (
        ops.parameter([shape[0], 1, 1], np.float32),
        ops.parameter([shape[0]], np.int32),
    )
    rnn = ops.rnn_sequence(given, state, lengths, W, R, B, 1, "forward")
    model = openvino.Model([rnn.output(0), rnn.output(1)], [given, state, lengths])
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    y, final = compiled([x, np.zeros((1, 1, 1), "float32"), np.array([1], "int32")]).to_tuple()
    print(f"X of {shape}: Y {y.ravel().round(3).tolist()}, final state {final.item():.3f}")
