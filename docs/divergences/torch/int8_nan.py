"""PyTorch 2.13.0: NaN in an input of an int8 layer is swallowed, or an error that does not name it.

    python int8_nan.py

The range that integers are spread over is found by comparisons, in which NaN is lost unless it is
the very first number of the call. Then, and with an infinity, there is no range, and no answer.
"""

import torch

torch.manual_seed(0)
layer = torch.nn.Sequential(torch.nn.LSTM(1, 1))
layer = torch.ao.quantization.quantize_dynamic(layer, {torch.nn.LSTM}, dtype=torch.qint8)[0]
for number, row in ((1.0, 0), (float("nan"), 1), (float("nan"), 0), (float("inf"), 1)):
    inputs = torch.ones(2, 2, 1)
    inputs[0, row] = number
    try:
        outputs, _ = layer(inputs)
        print(f"{number} in row {row}: last outputs {outputs[-1].flatten().tolist()}")
    except RuntimeError as error:
        print(f"{number} in row {row}: RuntimeError: {str(error).splitlines()[0]}")
