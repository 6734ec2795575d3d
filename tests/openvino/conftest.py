"""What the tests of OpenVINO share: each of its adapters, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.keras_ import KerasOpenvino
from rnnspec.adapters.onnx_openvino import OnnxOpenVino
from rnnspec.adapters.openvino_ import OpenVino
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS

Adapter = OpenVino | OnnxOpenVino | KerasOpenvino


MADE: dict[str, Adapter] = {kind.name: kind() for kind in (OpenVino, OnnxOpenVino, KerasOpenvino)}
"""One of each for all tests, so that what it compiled is kept."""


def _session(name: str) -> Iterator[Adapter]:
    adapter = MADE[name]
    for module in adapter.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter speaks to {module}, which is not installed")
    obstacle = adapter.obstacle() if isinstance(adapter, KerasOpenvino) else None
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with adapter.session():
        yield adapter


@pytest.fixture(params=MADE)
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    """Each of the adapters, in a session."""
    yield from _session(request.param)


@pytest.fixture
def native() -> Iterator[Adapter]:
    """The one of its own operators, in a session."""
    yield from _session("openvino")


@pytest.fixture
def onnx() -> Iterator[Adapter]:
    """The one of the operators of ONNX, in a session."""
    yield from _session("openvino-onnx")


@pytest.fixture
def keras() -> Iterator[Adapter]:
    """The one of Keras's layers, in a session."""
    yield from _session("keras-openvino")


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
