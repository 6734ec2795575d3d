"""PyTorch 2.13.0: a compiled LSTM in float32 can't be trained on a CPU that oneDNN is for.

    python compile_lstm_backward.py

RNN and GRU can, and the LSTM in float64. In float32, where its inputs ask for no gradient, it
becomes oneDNN's layer, and AOTAutograd fails at the first call that asks for those of weights.
"""

import torch

torch._dynamo.config.allow_rnn = True
for kind, dtype in (
    ("RNN", "float32"),
    ("GRU", "float32"),
    ("LSTM", "float64"),
    ("LSTM", "float32"),
):
    layer = getattr(torch.nn, kind)(1, 1, dtype=getattr(torch, dtype))
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    try:
        outputs, _ = compiled(torch.ones(1, 1, 1, dtype=getattr(torch, dtype)))
        outputs.sum().backward()
        print(f"{kind}, {dtype}: gradient of a weight {layer.weight_ih_l0.grad[0].item():.3f}")
    except AssertionError as error:
        print(f"{kind}, {dtype}: AssertionError: {str(error)[:48]}")
