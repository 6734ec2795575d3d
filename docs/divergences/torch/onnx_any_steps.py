"""PyTorch 2.13.0, onnxscript 0.7.2: a model that says any number of steps, and has two of them.

    python onnx_any_steps.py

With Dim.AUTO, PyTorch finds out whether the axis of steps can be left open. It can't: an RNN is
exported step by step. The model's input has an open axis all the same, and of three steps the model
puts out two, and the state after the second. Relu, and weights of 1: the state counts the steps.
"""

import io
import warnings

import onnxruntime
import torch

warnings.simplefilter("ignore")
layer = torch.nn.RNN(1, 1, bias=False, nonlinearity="relu").eval()
for weight in layer.parameters():
    torch.nn.init.ones_(weight)
two, three = torch.ones(2, 1, 1), torch.ones(3, 1, 1)
file = io.BytesIO()
steps = ({0: torch.export.Dim.AUTO},)
torch.onnx.export(layer, (two,), file, dynamo=True, dynamic_shapes=steps, verbose=False)
session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
print("shape of the model's input:", session.get_inputs()[0].shape)
outputs, final = session.run(None, {"input": three.numpy()})
print(f"of three steps: {len(outputs)} outputs, final state {final.item()}")
print(f"PyTorch: {len(layer(three)[0])} outputs, final state {layer(three)[1].item()}")
