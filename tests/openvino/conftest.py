"""What the tests of OpenVINO share: each of its adapters, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from rnnspec.adapters.keras_ import KerasOpenvino
from rnnspec.adapters.onnx_openvino import OnnxOpenVino
from rnnspec.adapters.openvino_ import OpenVino
from rnnspec.reference.case import Case
from tests import drawing

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


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """What draws a case with a number in every place."""
    return drawing.drawn
