"""ncnn 1.0.20261020: a Mat of an array that is not contiguous holds other numbers. ncnn alone.

    python strided_array.py

The array is taken as it lies in memory, and its strides are not looked at: no copy is made, and
nothing is said.
"""

import ncnn
import numpy as np

inputs = np.array([[1, 2, 3], [4, 5, 6]], dtype="float32")
for name, array in (("contiguous", inputs), ("by columns", np.asfortranarray(inputs))):
    print(f"{name}: the array is {array.tolist()}, its Mat {np.array(ncnn.Mat(array)).tolist()}")
