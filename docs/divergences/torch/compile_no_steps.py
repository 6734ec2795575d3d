"""A compiled LSTM of no steps gives memory that nobody has written to. PyTorch 2.13.0 alone.

As it is, the module refuses a sequence of no steps (RuntimeError). Compiled, with the RNNs traced
(`allow_rnn`), in bfloat16, it returns states that are neither the initial ones, nor anything else.
"""

import torch

torch.set_num_threads(1)
torch._dynamo.config.allow_rnn = True
dtype = torch.bfloat16
layer = torch.nn.LSTM(2, 3, dtype=dtype).requires_grad_(False)
inputs = torch.zeros(0, 2, 2, dtype=dtype)
states = torch.ones(1, 2, 3, dtype=dtype), torch.ones(1, 2, 3, dtype=dtype)
try:
    layer(inputs, states)
except RuntimeError as error:
    print("as it is:", error)
compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
for _ in range(3):
    torch.full((1, 2, 3), 7.0, dtype=dtype)
    _, (hidden, cell) = compiled(inputs, states)
    print("compiled: hidden", hidden.flatten().tolist(), "and it must be all 1")
