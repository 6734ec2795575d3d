"""What the tests of LiteRT share: its adapter, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from rnnspec.adapters.keras_litert import LiteRt
from rnnspec.reference.case import Case
from tests import drawing

ADAPTER = LiteRt()
"""One for all tests, so that what it converted is kept."""


@pytest.fixture
def adapter() -> Iterator[LiteRt]:
    """The adapter, in a session."""
    for module in ADAPTER.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter speaks to {module}, which is not installed")
    obstacle = ADAPTER.obstacle()
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with ADAPTER.session():
        yield ADAPTER


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """What draws a case with a number in every place."""
    return drawing.drawn
