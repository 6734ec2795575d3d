"""Paddle 3.3.1: NaN past the end of a row makes its final state, and gradients, NaN. Paddle alone.

    python nan_padding.py

The row has one valid step, so nothing that is valid depends on the padding. The state is kept by a
product, ``new_state * mask + state * (1 - mask)`` (``_maybe_copy`` in nn/layer/rnn.py, and the same
in the layers' kernel), and NaN times 0 is NaN.
"""

import paddle

lengths = paddle.to_tensor([1])
layer = paddle.nn.SimpleRNN(1, 1)
looped = paddle.nn.RNN(paddle.nn.SimpleRNNCell(1, 1))
for called, cell in ((layer, layer[0].cell), (looped, looped.cell)):
    for padding in (0.0, float("nan")):
        outputs, final = called(paddle.to_tensor([[[1.0], [padding]]]), sequence_length=lengths)
        cell.weight_ih.clear_gradient()
        outputs[:, 0].sum().backward()  # of the one valid output
        shown = f"final state {final.item():.2f}, gradient {cell.weight_ih.grad.item():.2f}"
        print(f"{type(called).__name__}, {padding} in the padding: {shown}")
