"""What the tests of Thinc share: the adapter, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.thinc_ import ThincLayer
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


@pytest.fixture
def thinc() -> Iterator[ThincLayer]:
    """The adapter, in a session; skipped where Thinc is not installed."""
    if find_spec("thinc") is None:
        pytest.skip("the adapter speaks to thinc, which is not installed")
    adapter = ThincLayer()
    with adapter.session():
        yield adapter


def _drawn(network: Network, *, way: str = "", lengths: bool = False, alike: bool = False) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS["float32"].round
    state = (network.layers * len(network.directions), 1 if alike else 3, network.units)
    states = {name: rounded(random.uniform(-1, 1, state)) for name in network.states}
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (4, 3, network.inputs))),
        {name: np.repeat(each, 3 // each.shape[1], axis=1) for name, each in states.items()},
        dtype="float32",
        lengths=np.array([1, 4, 3]) if lengths else None,
        way=way,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, way, lengths, alike)``: a case with a number in every place; all rows begin
    alike, if that is asked for.
    """
    return _drawn
