"""PyTorch 2.13.0: in an int8 layer the weights of one gate change what another gate computes.

    python int8_gates.py

The matrices of all gates are rounded to integers together, by the largest weight of any: the output
gate has nothing to do with the cell state, and yet its weights move it. With weights a thousand
times as large as those of the other gates, these are zero.
"""

import torch

torch.manual_seed(0)
inputs = torch.randn(1, 1, 4)
layer = torch.nn.LSTM(4, 4).requires_grad_(False)
for factor in (1, 10, 1000):
    layer.weight_ih_l0[12:] *= factor  # of the output gate
    whole = torch.nn.Sequential(layer)
    whole = torch.ao.quantization.quantize_dynamic(whole, {torch.nn.LSTM}, dtype=torch.qint8)
    _, (_, cell) = whole[0](inputs)
    _, (_, right) = layer(inputs)
    print(f"output gate times {factor}: cell {cell.flatten().tolist()}")
    print(f"  in float32 {right.flatten().tolist()}")
    layer.weight_ih_l0[12:] /= factor
