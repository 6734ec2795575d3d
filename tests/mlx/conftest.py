"""What the tests of MLX share: the adapter, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.mlx_ import MlxLayer
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


@pytest.fixture
def mlx() -> Iterator[MlxLayer]:
    """The adapter, in a session; skipped where it can't be used."""
    if find_spec("mlx") is None:
        pytest.skip("the adapter speaks to mlx, which is not installed")
    adapter = MlxLayer()
    obstacle = adapter.obstacle()
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with adapter.session():
        yield adapter


def _drawn(network: Network, dtype: str = "float32", *, way: str = "", steps: int = 4) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    state = (1, 3, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (steps, 3, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
        way=way,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, way, steps)``: a case with a number in every place."""
    return _drawn
