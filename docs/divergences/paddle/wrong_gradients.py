"""Paddle 3.3.1: gradients are wrong, of both directions with lengths and states. Paddle alone.

    python wrong_gradients.py

Of two steps one is valid, so backward the row goes from its initial state through one step. The
layer's own BiRNN, ``layer[0]``, of the same parameters, has the gradient that a difference has. The
layer's kernel gives 0, as if the state before that step were what stands past the end of the row.
"""

import paddle

paddle.set_default_dtype("float64")
x, lengths, half = paddle.ones([1, 2, 1]), paddle.to_tensor([1]), paddle.full([2, 1, 1], 0.5)
for kind in (paddle.nn.SimpleRNN, paddle.nn.LSTM, paddle.nn.GRU):
    paddle.seed(0)
    layer = kind(1, 1, direction="bidirect")
    weight = layer[0].cell_bw.weight_hh  # of the state before, in the backward direction
    states, each = (half, half[0]) if kind is not paddle.nn.LSTM else ((half,) * 2, (half[0],) * 2)
    calls = (("layer", layer, states), ("layer[0]", layer[0], (each, each)))
    for name, call, given in calls:
        before = call(x, given, lengths)[0][:, 0].sum()  # the one valid output
        before.backward()
        found, last = weight.grad[-1].item(), weight.numpy()
        weight.clear_gradient()
        weight.set_value(last + 1e-6 * (last == last[-1]))
        moved = call(x, given, lengths)[0][:, 0].sum()
        slope = (moved - before).item() / 1e-6
        print(f"{kind.__name__}, {name}: gradient {found:.4f}, by a difference {slope:.4f}")
