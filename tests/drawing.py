"""What the tests of adapters share: a case with a number in every place."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


def drawn(
    network: Network,
    dtype: str = "float32",
    *,
    steps: int = 4,
    rows: int = 3,
    lengths: bool = False,
    way: str = "",
    seed: int = 7,
) -> Case:
    """All numbers lie between -1 and 1, and are those of the dtype. With lengths, at most three
    rows: of all steps, of one, and of all but one.
    """
    random, rounded = np.random.default_rng(seed), PRECISIONS[dtype].round
    case = Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (steps, rows, network.inputs))),
        dtype=dtype,
        lengths=np.array([steps, 1, steps - 1])[:rows] if lengths else None,
        way=way,
    )
    states = {n: rounded(random.uniform(-1, 1, case.shape_of(n))) for n in network.states}
    return case.with_states(**states)
