"""What the tests of ONNX share: each of its adapters, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.onnx_ import OnnxReference
from rnnspec.adapters.onnx_runtime import OnnxRuntime
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


def _session(adapter: OnnxReference) -> Iterator[OnnxReference]:
    for module in adapter.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter speaks to {module}, which is not installed")
    with adapter.session():
        yield adapter


@pytest.fixture
def reference() -> Iterator[OnnxReference]:
    """onnx's evaluator, in a session."""
    yield from _session(OnnxReference())


@pytest.fixture
def runtime() -> Iterator[OnnxReference]:
    """ONNX Runtime, in a session."""
    yield from _session(OnnxRuntime())


def _drawn(network: Network, dtype: str, *, way: str = "", lengths: bool = False) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    state = (network.layers * len(network.directions), 3, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (4, 3, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
        lengths=np.array([4, 1, 3]) if lengths else None,
        way=way,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, way, lengths)``: a case with a number in every place."""
    return _drawn
