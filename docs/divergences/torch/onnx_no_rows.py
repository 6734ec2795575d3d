"""PyTorch 2.13.0: the legacy exporter to ONNX ends the process of a call without rows. torch alone.

    python onnx_no_rows.py float16

A layer that runs in both directions is called with no rows, which PyTorch itself answers with empty
outputs; exported, the process is ended by SIGFPE (a division by zero).
"""

import io
import sys

import torch

dtype = getattr(torch, sys.argv[1])
layer = torch.nn.RNN(2, 3, bidirectional=True, dtype=dtype).eval().requires_grad_(False)
inputs = torch.zeros(4, 0, 2, dtype=dtype)
print("called: outputs of shape", tuple(layer(inputs)[0].shape), flush=True)
torch.onnx.export(layer, (inputs,), file := io.BytesIO(), dynamo=False)
print(f"exported: {len(file.getvalue())} bytes")
