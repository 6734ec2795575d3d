"""Paddle 3.3.1: a call of no steps, or with lengths of no rows, ends the process. Paddle alone.

    python empty_call.py LSTM steps         (or rows; or SimpleRNN, GRU)

By SIGSEGV or SIGFPE. Without lengths, a call of no rows gives empty outputs, or raises
PreconditionNotMet.
"""

import sys

import paddle

kind, without = sys.argv[1:]
layer = getattr(paddle.nn, kind)(1, 1)
if without == "steps":
    outputs, _ = layer(paddle.ones((1, 0, 1)))
else:
    outputs, _ = layer(paddle.ones((0, 1, 1)), None, paddle.zeros([0], "int64"))
print(f"{kind}, no {without}: outputs of shape {list(outputs.shape)}")
