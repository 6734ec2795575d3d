"""Flax 0.12.8: a row of length 0 does not end in the state that it began with. Flax alone.

    python flax_row_of_length_0.py

``seq_lengths`` says that nothing of the row is valid, so its carry is the initial one. It is the
carry after all steps of padding: the last valid one is looked up at index length - 1, and of the
carries after each step that of index -1 is the last. ``linen.RNN`` has the same function.
"""

import jax
import jax.numpy as jnp
from flax import linen, nnx

inputs, begin = jnp.ones((2, 3, 1)), jnp.full((2, 4), 0.5)
options = {"initial_carry": begin, "seq_lengths": jnp.array([0, 3]), "return_carry": True}
layer = nnx.RNN(nnx.SimpleCell(1, 4, rngs=nnx.Rngs(0)))
carry, _ = layer(inputs, **options)
print("nnx, a row of length 0 that begins with 0.5 ends in", carry[0].tolist())
whole, _ = layer(inputs, initial_carry=begin, return_carry=True)
print("    as it does after all 3 steps:", bool((whole[0] == carry[0]).all()))

layer = linen.RNN(linen.SimpleCell(4))
variables = layer.init(jax.random.key(0), inputs)
carry, _ = layer.apply(variables, inputs, **options)
print("linen, a row of length 0 that begins with 0.5 ends in", carry[0].tolist())
