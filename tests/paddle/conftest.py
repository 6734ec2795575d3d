"""What the tests of Paddle share: its adapters, each in a session, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.paddle_ import PaddleLayer
from rnnspec.adapters.paddle_cell import PaddleCell
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


@pytest.fixture(params=[PaddleLayer, PaddleCell], ids=lambda kind: kind.name)
def adapter(request: pytest.FixtureRequest) -> Iterator[PaddleLayer]:
    """Layers, and cells."""
    yield from _session(request.param())


@pytest.fixture
def layers() -> Iterator[PaddleLayer]:
    """The layers alone."""
    yield from _session(PaddleLayer())


def _session(adapter: PaddleLayer) -> Iterator[PaddleLayer]:
    if find_spec("paddle") is None:
        pytest.skip("the adapter speaks to PaddlePaddle, which is not installed")
    with adapter.session():
        before = adapter.paddle.get_default_dtype()
        yield adapter
        adapter.paddle.set_default_dtype(before)  # scripts are whole programs, and set it


def _drawn(network: Network, dtype: str, *, way: str = "", lengths: bool = False) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    case = Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (4, 3, network.inputs))),
        dtype=dtype,
        lengths=np.array([4, 1, 3]) if lengths else None,
        way=way,
    )
    states = {n: rounded(random.uniform(-1, 1, case.shape_of(n))) for n in network.states}
    return case.with_states(**states)


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, way, lengths)``: a case with a number in every place."""
    return _drawn
