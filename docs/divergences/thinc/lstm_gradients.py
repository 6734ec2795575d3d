"""Thinc 9.1.1: what LSTM goes back with is not the gradient of what it computes. Thinc alone.

python lstm_gradients.py
"""

import numpy as np
from thinc.api import LSTM, use_ops

flat = np.linspace(-0.8, 0.7, 40, dtype="f")  # of two units: input, bias, recurrent, bias
parts = {"input": (0, 8), "first bias": (8, 16), "recurrent": (16, 32), "second bias": (32, 40)}


def called(moved, seed=1.0):
    """The sum of the outputs of three steps; its gradient times a seed, by inputs and weights."""
    layer = LSTM(nO=2, nI=1).initialize()
    layer.set_param("LSTM", flat + moved[3:])
    inputs = np.array([0.3, 0.5, -0.4], "f") + moved[:3]
    outputs, back = layer(layer.ops.list2padded([inputs.reshape(3, 1)]), is_train=True)
    total = outputs.data.sum()
    outputs.data[:] = seed
    return total, np.concatenate([back(outputs).data.ravel(), layer.get_grad("LSTM")])


np.set_printoptions(precision=2, suppress=True, linewidth=150)
with use_ops("numpy"):
    moves = np.float32(0.01) * np.eye(43, dtype="f")
    slopes = np.array([(called(m)[0] - called(-m)[0]) / 0.02 for m in moves])
    (_, none), (_, found) = called(0 * moves[0], seed=0.0), called(0 * moves[0])
    print("of the inputs:", found[:3], "by differences:", slopes[:3])
    for name, (begin, end) in parts.items():
        at = slice(begin + 3, end + 3)
        print(f"of {name} weights: from 0", none[at], "from 1", found[at])
        print("    without those from 0", (found - none)[at], "by differences:", slopes[at])
