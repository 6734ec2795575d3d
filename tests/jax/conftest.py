"""What the tests of JAX's libraries share: an adapter for each that is installed, and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from rnnspec.adapters.jax_ import JaxLayer
from rnnspec.adapters.jax_equinox import Equinox
from rnnspec.adapters.jax_flax_linen import FlaxLinen
from rnnspec.adapters.jax_flax_nnx import FlaxNnx
from rnnspec.adapters.jax_haiku import Haiku
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS

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


def _drawn(network: Network, dtype: str, *, lengths: bool = False, seed: int = 7) -> Case:
    random, rounded = np.random.default_rng(seed), PRECISIONS[dtype].round
    steps, rows = 4, 3
    state = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (steps, rows, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
        lengths=np.array([steps, 1, steps - 1]) if lengths else None,
    )


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    """``drawn(network, dtype, lengths, seed)``: a case with a number in every place."""
    return _drawn
