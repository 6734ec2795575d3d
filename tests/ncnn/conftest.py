"""What the tests of ncnn share: its adapter, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.ncnn_ import Ncnn
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


@pytest.fixture
def adapter() -> Iterator[Ncnn]:
    """The adapter, in a session."""
    adapter = Ncnn()
    if find_spec("ncnn") is None:
        pytest.skip("the adapter speaks to ncnn, which is not installed")
    with adapter.session():
        yield adapter


def _drawn(network: Network, *, way: str = "", rows: int = 3) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS["float32"].round
    case = Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (4, rows, network.inputs))),
        dtype="float32",
        way=way,
    )
    states = {n: rounded(random.uniform(-1, 1, case.shape_of(n))) for n in network.states}
    return case.with_states(**states)


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, way, rows)``: a case with a number in every place."""
    return _drawn
