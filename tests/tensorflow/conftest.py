"""What the tests of TensorFlow share: the adapters that can be used here, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.keras_legacy import TfKeras
from rnnspec.adapters.tf_raw import TfRaw, TfRawHalf
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS

Adapter = TfKeras | TfRaw
ADAPTERS: dict[str, type[Adapter]] = {kind.name: kind for kind in (TfKeras, TfRaw, TfRawHalf)}


@cache
def _made(name: str) -> Adapter:
    """One for all tests, so that what it traced is kept."""
    return ADAPTERS[name]()


def _installed(name: str) -> Adapter:
    adapter = _made(name)
    for module in adapter.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter {name} speaks to {module}, which is not installed")
    return adapter


@pytest.fixture
def raw() -> TfRaw:
    """The operators, in float32."""
    adapter = _installed("tf-raw")
    assert isinstance(adapter, TfRaw)
    return adapter


@pytest.fixture
def half() -> TfRaw:
    """The operator that has float16."""
    adapter = _installed("tf-raw-half")
    assert isinstance(adapter, TfRaw)
    return adapter


@pytest.fixture
def legacy() -> Iterator[TfKeras]:
    """The layers of tf_keras, in a session."""
    adapter = _installed("tf-keras")
    assert isinstance(adapter, TfKeras)
    with adapter.session():
        yield adapter


def _drawn(network: Network, dtype: str, *, steps: int = 3, lengths: bool = False) -> Case:
    random, rounded, rows = np.random.default_rng(7), PRECISIONS[dtype].round, 2
    state = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (steps, rows, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
        lengths=np.array([steps, steps - 1]) if lengths else None,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, steps, lengths)``: a case with a number in every place."""
    return _drawn
