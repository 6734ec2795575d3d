"""Paddle 3.3.1: a layer without one of its biases ends the process, or is not made. Paddle alone.

    python no_bias.py LSTM 1 bias_ih_attr   (a kind, how many layers, which biases are False)

The first call is ended by SIGSEGV; of two layers without either bias, already the constructor
raises IndexError. The parameters of biases that are not there are made (as zeros that are not
trained), and counted, but have no name in ``param_names``: so the wrong ones are taken for the
weights (nn/layer/rnn.py, RNNBase), and the kernel reads more of them than it is given.
"""

import sys

import paddle

kind, layers, *biases = sys.argv[1:]
layer = getattr(paddle.nn, kind)(1, 1, int(layers), **dict.fromkeys(biases, False))
print(f"{kind} without {biases}:", layer(paddle.ones((1, 1, 1)))[0].item())
