"""What the tests of Keras share: the adapter on the backend that Keras is set to, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


@pytest.fixture(scope="session")
def unjudged() -> KerasLayer:
    """The adapter, outside of a session. Its stacks are kept for all tests."""
    try:
        import keras  # noqa: F401
    except ImportError as missing:  # Keras itself, or the backend that it is set to
        pytest.skip(f"the adapter speaks to Keras: {missing}")
    adapter = KerasLayer()
    assert adapter.obstacle() is None
    return adapter


@pytest.fixture
def adapter(unjudged: KerasLayer) -> Iterator[KerasLayer]:
    """The adapter, in a session."""
    with unjudged.session():
        yield unjudged


def _drawn(
    network: Network, dtype: str, *, steps: int = 4, rows: int = 3, lengths: bool = False
) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    state = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (steps, rows, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
        lengths=np.array([steps, 1, steps - 1])[:rows] if lengths else None,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, steps, rows, lengths)``: a case with a number in every place."""
    return _drawn


@pytest.fixture
def widest(adapter: KerasLayer) -> str:
    """The widest dtype that the backend computes in."""
    return next(iter(adapter.levels))
