"""tf_keras 2.21.0: two things that go wrong with a mask. Code of tf_keras alone.

    python tf_keras_masks.py

NaN in a step that is masked makes the gradient of a valid output NaN, where 0 in its place does
not. And unrolled in both directions, the one valid step of the second direction gives 0, where
looped it gives 0.762: the mask is not turned with the outputs.
"""

import numpy as np
import tensorflow as tf
import tf_keras

ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones", "return_sequences": True}
layer = tf_keras.layers.SimpleRNN(1, **ones)
for padding in (0.0, np.nan):
    inputs = tf.constant([[[1.0], [padding]]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(inputs, mask=tf.constant([[True, False]]))[:, 0])
    gradient = tape.gradient(loss, layer.trainable_variables[0])
    print(f"{padding} in the masked step: dL/dW = {gradient.numpy().ravel().tolist()}")

mask = tf.constant([[True, False, False]])
for unroll in (False, True):
    half = tf_keras.layers.SimpleRNN(1, unroll=unroll, use_bias=False, **ones)
    outputs = tf_keras.layers.Bidirectional(half)(tf.ones([1, 3, 1]), mask=mask)
    print(f"unroll={unroll}:", outputs.numpy().round(3).tolist())
