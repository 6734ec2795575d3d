"""Weights by place, and as Keras's layers hold them: a list for every layer, by direction.

In it stand a kernel, a recurrent kernel, and a bias where there is one, for each direction. Two
bias vectors are the rows of one bias.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnspec.reference.case import Weights
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array


def listed(network: Network, weights: Weights, conventions: Conventions) -> list[list[Array]]:
    """Every layer's list."""
    return [
        [
            array
            for direction in network.directions
            for array in arrays(pack(network, weights, conventions, layer, direction))
        ]
        for layer in range(network.layers)
    ]


def placed(
    network: Network, lists: Sequence[Sequence[Array]], conventions: Conventions
) -> dict[Place, Array]:
    """Gradients by place, from such lists: a constant that is added to a weight has none."""
    found: dict[Place, Array] = {}
    for layer, of in enumerate(lists):
        size = len(of) // len(network.directions)
        for k, direction in enumerate(network.directions):
            own = packed(of[k * size : (k + 1) * size], network.biases == "both")
            found |= unpack(network, own, conventions.of_gradients, layer, direction)
    return found


def packed(held: Sequence[Array], both: bool) -> Packed:
    """One direction's arrays, with two biases or not."""
    kernel, recurrent, *bias = held
    first, second = (*(bias[0] if both else bias), None, None)[:2]
    return Packed(kernel, recurrent, first, second)


def arrays(packed: Packed) -> Iterator[Array]:
    """The inverse."""
    yield packed.input
    yield packed.recurrent
    if packed.input_bias is not None and packed.recurrent_bias is not None:
        yield np.stack([packed.input_bias, packed.recurrent_bias])
    elif packed.input_bias is not None:
        yield packed.input_bias
