"""PyTorch 2.13.0: what an int8 layer makes of a row depends on other rows, and on later steps.

    python int8_range.py

Quantised dynamically, an LSTM or GRU rounds its inputs to integers by the range of all that one
call is given, and its hidden states by that of all rows. So a row of a batch is not what it is
alone, and the first output of a forward layer moves with the last input. What differs is no more
than half a step of the range; where another row is large, that is all of this one.
"""

import torch

torch.manual_seed(0)
layer = torch.nn.Sequential(torch.nn.LSTM(4, 4))
layer = torch.ao.quantization.quantize_dynamic(layer, {torch.nn.LSTM}, dtype=torch.qint8)[0]

inputs = torch.randn(3, 2, 4)
larger, later = inputs.clone(), inputs.clone()
larger[:, 1] *= 1000  # the other row
later[-1] *= 1000  # the last step
for name, changed in (("as it was", inputs), ("other row", larger), ("last step", later)):
    outputs, _ = layer(changed)
    print(f"{name}: first row, first step {outputs[0, 0].tolist()}")
alone, _ = layer(inputs[:, :1])
print(f"alone:     first row, first step {alone[0, 0].tolist()}")
