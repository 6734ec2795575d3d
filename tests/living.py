"""What the tests of live layers share: a layer is run, and held against the weights read from it.

That is independent of how they are read: the reference computes from the weights, the layer from
what it holds itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import rnnspec
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.carrying import Held
from rnnspec.reference.case import Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level
from rnnspec.reference.unroll import unroll
from rnnspec.spec.trial import Comparison

Numbers = Callable[[Any], Sequence[npt.NDArray[Any]]]
Run = Callable[[Any, Array], Mapping[str, Array]]


def worst(held: Held, layer: Any, run: Run, level: Level = RELATIVE, steps: int = 4) -> float:
    """How much of the allowed error a layer uses that is called without states: every part of
    ``run(layer, inputs)``, of inputs ``(T, B, I)``, is compared with the equations.
    """
    random, rounded = np.random.default_rng(5), PRECISIONS[held.dtype].round
    inputs = rounded(random.uniform(-1, 1, (steps, 3, held.network.inputs)))
    rounded_weights = {at: rounded(w) for at, w in held.weights.items()}
    case = Case(held.network, rounded_weights, inputs, dtype=held.dtype)
    allowed = unroll(case, Bounds.of(held.dtype, level)).parts()
    shares = []
    for name, part in run(layer, inputs).items():
        bound = allowed[name].settled()
        assert part.shape == bound.shape, name
        shares.append(Comparison(name, case, part, bound.value, bound.error).ratio)
    assert shares
    return max(shares)


def carried(
    one: Any, other: Any, run: Run, numbers: Numbers, level: Level = RELATIVE
) -> tuple[Held, Any]:
    """Read a layer, hold it against the reference, and write its weights into another of the same
    kind: the numbers are then the same to the last bit, and so are their dtypes.
    """
    held = rnnspec.weights_of(one)
    assert worst(held, one, run, level) <= 1.0
    assert different(held) > 1.0, "the numbers decide what the layer computes"
    loaded = rnnspec.load_into(other, held)
    assert loaded.done == []
    for a, b in zip(numbers(one), numbers(loaded.layer), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()
    return held, loaded.layer


def different(held: Held) -> float:
    """The same with two blocks exchanged, or the signs of the matrix of the past."""
    blocks = held.network.blocks
    exchanged = dict(zip(blocks, (*blocks[1:], blocks[0]), strict=True))

    def run(_: Any, inputs: Array) -> Mapping[str, Array]:
        case = Case(held.network, held.weights, inputs, dtype=held.dtype)
        if len(blocks) > 1:
            return unroll(case.with_blocks(exchanged)).parts()
        return unroll(case.with_weights(turned)).parts()

    def turned(at: Place, array: Array) -> Array:
        return -array if at.part == "recurrent" else array

    return worst(held, None, run)
