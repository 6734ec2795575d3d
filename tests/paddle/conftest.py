"""What the tests of Paddle share: its adapters, each in a session, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from rnnspec.adapters.paddle_ import PaddleLayer
from rnnspec.adapters.paddle_cell import PaddleCell
from rnnspec.reference.case import Case
from tests import drawing


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


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """What draws a case with a number in every place."""
    return drawing.drawn
