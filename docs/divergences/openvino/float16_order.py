"""OpenVINO 2026.4.1: an array of float16 in Fortran's order becomes other numbers. OpenVINO alone.

    python float16_order.py

A transposed array is one. opset.constant takes its bits for whole numbers: 1.0 is 15360. Of other
dtypes, and by openvino.Tensor, it is right. What that does to Keras, keras_float16.py shows.
"""

import numpy as np
import openvino.opset13 as ops

for dtype in ("float32", "float16"):
    array = np.array([[0.0, 1.0], [2.0, 3.0]], dtype).T
    print(f"{dtype}: {array.tolist()} becomes {ops.constant(array).data.tolist()}")
