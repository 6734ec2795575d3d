"""Keras 3.15.1: NaN in a step that is masked makes every gradient NaN. Keras alone.

    KERAS_BACKEND=tensorflow python keras_nan_padding.py     (or torch, or jax)

The output does not depend on the masked step, so its gradient with respect to that step is 0; with
respect to the weights it is what it is with 0 in the mask's place. It is NaN: the step is computed
and then not selected, and going back its NaN is multiplied by 0.
"""

import keras
import numpy as np

layer = keras.layers.SimpleRNN(1, return_sequences=True)
backend = keras.config.backend()
mask = np.array([[True, False]])
for padding in (0.0, np.nan):
    inputs = np.array([[[1.0], [padding]]], "float32")
    layer.build(inputs.shape)
    kernel = layer.trainable_variables[0]
    kernel.assign(np.ones((1, 1), "float32"))
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(tf.constant(inputs), mask=tf.constant(mask))[:, 0])
        gradient = tape.gradient(loss, kernel.value).numpy()
    elif backend == "torch":
        outputs = layer(keras.ops.convert_to_tensor(inputs), mask=keras.ops.convert_to_tensor(mask))
        outputs[:, 0].sum().backward()
        gradient = kernel.value.grad.cpu().numpy().copy()
        kernel.value.grad = None
    else:
        import jax

        others = [variable.value for variable in layer.trainable_variables[1:]]
        fixed = [variable.value for variable in layer.non_trainable_variables]

        def loss(value, others=others, fixed=fixed, inputs=inputs):
            """The first output, which is valid."""
            outputs, _ = layer.stateless_call([value, *others], fixed, inputs, mask=mask)
            return outputs[:, 0].sum()

        gradient = np.asarray(jax.grad(loss)(kernel.value))
    print(f"{padding} in the masked step: dL/dW = {gradient.ravel().tolist()}")
