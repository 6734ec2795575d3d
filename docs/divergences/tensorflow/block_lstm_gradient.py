"""TensorFlow 2.21.0: a gradient of ``BlockLSTMV2`` is of another gate order. TensorFlow alone.

    python block_lstm_gradient.py

With all weights, states and biases 0, the candidate is 0: nothing depends on the input gate, and
everything on the candidate. A tape says dL/d(forget) = 0.25 and dL/d(candidate) = 0; by
differences, and by ``BlockLSTMGradV2`` called by hand, it is the other way round. A tape calls
``BlockLSTMGrad``, of ``BlockLSTM``, whose gates are in the order i g f o; here it is i f g o.
"""

import numpy as np
import tensorflow as tf

zero, row = tf.zeros([1]), tf.zeros([1, 1])
held = {"seq_len_max": tf.constant(1, tf.int64), "x": tf.ones([1, 1, 1]), "w": tf.zeros([2, 4])}
held |= {"cs_prev": row, "h_prev": row, "wci": zero, "wcf": zero, "wco": zero}
b = tf.zeros([4])
with tf.GradientTape() as tape:
    tape.watch(b)
    outputs = tf.raw_ops.BlockLSTMV2(**held, b=b)
    loss = tf.reduce_sum(outputs.h)
print("i f g o, by a tape:         ", tape.gradient(loss, b).numpy())
seeds = {"cs_grad": tf.zeros([1, 1, 1]), "h_grad": tf.ones([1, 1, 1]), "use_peephole": False}
found = tf.raw_ops.BlockLSTMGradV2(**held, b=b, **outputs._asdict(), **seeds)
print("i f g o, by BlockLSTMGradV2:", found.b_grad.numpy())
each = 0.01 * np.eye(4, dtype="float32")
ends = [[tf.raw_ops.BlockLSTMV2(**held, b=b + s * e).h for e in each] for s in (1, -1)]
print("i f g o, by differences:    ", (np.subtract(*ends) / 0.02).ravel().round(3))
