"""What the tests of Keras share: the adapter on the backend that Keras is set to, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.reference.case import Case
from tests import drawing


@pytest.fixture(scope="session")
def unjudged() -> KerasLayer:
    """The adapter, outside of a session. Its stacks are kept for all tests."""
    try:
        import keras  # noqa: F401
    except ImportError as missing:  # Keras itself, or the backend that it is set to
        pytest.skip(f"the adapter speaks to Keras: {missing}")
    adapter = KerasLayer()
    assert adapter.obstacle() is None
    return adapter


@pytest.fixture
def adapter(unjudged: KerasLayer) -> Iterator[KerasLayer]:
    """The adapter, in a session."""
    with unjudged.session():
        yield unjudged


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """What draws a case with a number in every place."""
    return drawing.drawn


@pytest.fixture
def widest(adapter: KerasLayer) -> str:
    """The widest dtype that the backend computes in."""
    return next(iter(adapter.levels))
