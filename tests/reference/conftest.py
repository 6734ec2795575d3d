"""What the tests of the reference share: cases with numbers in every place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network


def _drawn(
    network: Network,
    steps: int,
    rows: int,
    seed: int,
    scale: float = 1.0,
    lengths: list[int] | None = None,
) -> Case:
    """A case with every weight, input and initial state drawn; ``scale`` is that of the weights.

    All digits of the numbers are used, so that nothing is exact by accident.
    """
    random = np.random.default_rng(seed)
    states = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: random.uniform(-scale, scale, shape) for at, shape in network.places()},
        random.uniform(-1, 1, (steps, rows, network.inputs)),
        {name: random.uniform(-1, 1, states) for name in network.states},
        None if lengths is None else np.array(lengths, dtype=np.int64),
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """Draw a case: ``drawn(network, steps, rows, seed, scale=..., lengths=...)``."""
    return _drawn
