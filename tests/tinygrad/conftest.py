"""What the tests of tinygrad share: the adapter, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.tinygrad_ import TinygradCell
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


@cache
def _made() -> TinygradCell:
    """One for all tests, so that what it compiled is kept."""
    return TinygradCell()


@pytest.fixture
def tinygrad() -> Iterator[TinygradCell]:
    """The adapter, in a session; skipped where it can't be used."""
    if find_spec("tinygrad") is None:
        pytest.skip("the adapter speaks to tinygrad, which is not installed")
    adapter = _made()
    obstacle = adapter.obstacle()
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with adapter.session():
        yield adapter


def _drawn(biases: str = "both", dtype: str = "float32", *, way: str = "", seed: int = 7) -> Case:
    random, rounded = np.random.default_rng(seed), PRECISIONS[dtype].round
    network = Network("lstm", 3, 2, biases=biases)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (2, 3, 3))),
        {name: rounded(random.uniform(-1, 1, (1, 3, 2))) for name in network.states},
        dtype=dtype,
        way=way,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(biases, dtype, way, seed)``: a case with a number in every place."""
    return _drawn
