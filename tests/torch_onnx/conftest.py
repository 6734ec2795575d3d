"""What the tests of PyTorch's exporters share: each of their adapters, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.torch_onnx import Exported, TorchOnnx
from rnnspec.adapters.torch_onnx_legacy import TorchOnnxLegacy
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS


def _session(adapter: Exported) -> Iterator[Exported]:
    for module in adapter.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter speaks to {module}, which is not installed")
    with adapter.session():
        yield adapter


@pytest.fixture(scope="session")
def exporter() -> Iterator[Exported]:
    """The exporter of today, in a session: what is exported is kept for all tests."""
    yield from _session(TorchOnnx())


@pytest.fixture(scope="session")
def legacy() -> Iterator[Exported]:
    """The one before."""
    yield from _session(TorchOnnxLegacy())


def _drawn(
    network: Network, dtype: str = "float32", *, way: str = "", rows: int = 3, lengths: bool = False
) -> Case:
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    state = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (3, rows, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
        lengths=np.array([3, 1, 2])[:rows] if lengths else None,
        way=way,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, way, rows, lengths)``: a case with a number in every place."""
    return _drawn
