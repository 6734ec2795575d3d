"""Flax 0.12.8: NaN past the end of a row makes every gradient NaN. Flax alone.

    python flax_nan_padding.py

The output that is valid does not depend on the padding, so its gradient with respect to the
weights is what it is with 0 in the padding's place. It is NaN: all steps are computed, whatever
``seq_lengths`` says, and going back the NaN of a step past the end is multiplied by 0.
"""

import jax
import jax.numpy as jnp
from flax import linen, nnx

lengths = jnp.array([1])
cell = nnx.RNN(nnx.SimpleCell(1, 1, rngs=nnx.Rngs(0)))
layer = linen.RNN(linen.SimpleCell(1))
variables = layer.init(jax.random.key(0), jnp.ones((1, 2, 1)))
for padding in (0.0, jnp.nan):
    inputs = jnp.array([[[1.0], [padding]]])

    def valid(outputs):
        """The first output, the only one that is valid."""
        return outputs[:, 0].sum()

    found = nnx.grad(lambda of, x=inputs: valid(of(x, seq_lengths=lengths)))(cell)
    gradient = found["cell"]["dense_i"]["kernel"].get_value()
    print(f"nnx, {padding} in the padding: dL/dW = {gradient.ravel().tolist()}")
    found = jax.grad(lambda v, x=inputs: valid(layer.apply(v, x, seq_lengths=lengths)))(variables)
    gradient = found["params"]["cell"]["i"]["kernel"]
    print(f"linen, {padding} in the padding: dL/dW = {gradient.ravel().tolist()}")
