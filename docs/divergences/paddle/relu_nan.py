"""Paddle 3.3.1: a relu takes NaN for 0, in SimpleRNN and in SimpleRNNCell. Paddle alone.

    python relu_nan.py

The only input is NaN, and the output depends on it. By tanh it is NaN, by relu it is 0, as it is by
``paddle.nn.functional.relu``.
"""

import paddle

nan = float("nan")
for activation in ("tanh", "relu"):
    layer = paddle.nn.SimpleRNN(1, 1, activation=activation)
    print(f"SimpleRNN, {activation}:", layer(paddle.to_tensor([[[nan]]]))[0].item())
    cell = paddle.nn.SimpleRNNCell(1, 1, activation=activation)
    print(f"SimpleRNNCell, {activation}:", cell(paddle.to_tensor([[nan]]))[0].item())
print("paddle.nn.functional.relu:", paddle.nn.functional.relu(paddle.to_tensor([nan])).item())
