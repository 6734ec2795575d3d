"""What the tests of ONNX share: each of its adapters, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from rnnspec.adapters.onnx_ import OnnxReference
from rnnspec.adapters.onnx_runtime import OnnxRuntime
from rnnspec.reference.case import Case
from tests import drawing


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


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """What draws a case with a number in every place."""
    return drawing.drawn
