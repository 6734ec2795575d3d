"""What the tests of JAX's libraries share: an adapter for each that is installed, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec

import pytest

from rnnspec.adapters.jax_ import JaxLayer
from rnnspec.adapters.jax_equinox import Equinox
from rnnspec.adapters.jax_flax_linen import FlaxLinen
from rnnspec.adapters.jax_flax_nnx import FlaxNnx
from rnnspec.adapters.jax_haiku import Haiku
from rnnspec.reference.case import Case
from tests import drawing

ADAPTERS: dict[str, type[JaxLayer]] = {
    kind.name: kind for kind in (FlaxNnx, FlaxLinen, Equinox, Haiku)
}


@cache
def _made(name: str) -> JaxLayer:
    """One for all tests, so that what it compiled is kept."""
    return ADAPTERS[name]()


def _installed(name: str) -> JaxLayer:
    adapter = _made(name)
    for module in adapter.requires:
        if find_spec(module) is None:
            pytest.skip(f"the adapter {name} speaks to {module}, which is not installed")
    return adapter


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Iterator[JaxLayer]:
    """Each of the adapters, in a session."""
    adapter = _installed(request.param)
    with adapter.session():
        yield adapter


@pytest.fixture(scope="session")
def installed() -> Callable[[str], JaxLayer]:
    """``installed(name)``: an adapter; skipped where its library is not installed."""
    return _installed


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """What draws a case with a number in every place."""
    return drawing.drawn
