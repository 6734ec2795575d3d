"""What the tests of LiteRT share: its adapter, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.keras_litert import LiteRt
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network

ADAPTER = LiteRt()
"""One for all tests, so that what it converted is kept."""


@pytest.fixture
def adapter() -> Iterator[LiteRt]:
    """The adapter, in a session."""
    for module in ADAPTER.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter speaks to {module}, which is not installed")
    obstacle = ADAPTER.obstacle()
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with ADAPTER.session():
        yield ADAPTER


def _drawn(network: Network, *, way: str = "", lengths: bool = False) -> Case:
    random = np.random.default_rng(7)

    def numbers(*shape: int) -> np.ndarray:
        return random.uniform(-1, 1, shape).astype(np.float32).astype(np.float64)

    return Case(
        network,
        {at: numbers(*shape) for at, shape in network.places()},
        numbers(4, 3, network.inputs),
        {
            name: numbers(network.layers * len(network.directions), 3, network.units)
            for name in network.states
        },
        dtype="float32",
        lengths=np.array([4, 1, 3]) if lengths else None,
        way=way,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, way, lengths)``: a case with a number in every place."""
    return _drawn
