"""OpenVINO 2026.4.1: a row of no steps ends in 0, whatever its initial state. OpenVINO alone.

    python row_of_no_steps.py

Its state goes through no step, so it ends in the initial one, 0.25. That Y is 0 is as it should be.
"""

import numpy as np
import openvino
import openvino.opset13 as ops

for kind, blocks in (("rnn", 1), ("lstm", 4), ("gru", 3)):
    x, state = ops.parameter([1, 1, 1], np.float32), ops.parameter([1, 1, 1], np.float32)
    states = [state, state] if kind == "lstm" else [state]
    lengths = ops.parameter([1], np.int32)
    weights = [ops.constant(np.ones((1, blocks, 1)[:n], "float32")) for n in (3, 3, 2)]
    operator = getattr(ops, f"{kind}_sequence")
    node = operator(x, *states, lengths, *weights, 1, direction="forward")
    model = openvino.Model([node.output(0), node.output(1)], [x, state, lengths])
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given = [np.ones((1, 1, 1), "float32"), np.full((1, 1, 1), 0.25, "float32")]
    y, final = compiled([*given, np.array([0], "int32")]).to_tuple()
    print(f"{kind}: Y {y.item()}, final state {final.item()}")
