"""What the tests of torch layers share: the search, and what its counterexample must be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rnnspec.reference.implementation import Implementation
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict, search


def _tried(label: str, layer: Implementation, profile: str = "quick", seed: int = 0) -> Outcome:
    with layer.session():
        return search(CLAIMS[label], layer, profile, seed)


def _found(
    label: str, layer: Implementation, limit: tuple[int, int, int, int], profile: str = "quick"
) -> None:
    outcome = _tried(label, layer, profile)
    assert outcome.verdict is Verdict.VIOLATED, outcome.reason
    assert outcome.comparison is not None
    case = outcome.case
    assert case is not None
    weights = sum(int(np.count_nonzero(w)) for w in case.weights.values())
    size = (case.network.units, case.steps, case.rows, weights)
    assert all(have <= most for have, most in zip(size, limit, strict=True)), size


@pytest.fixture(scope="session")
def tried() -> Callable[..., Outcome]:
    """Search: ``tried(label, layer, profile, seed)``, quick and seed 0 unless told."""
    return _tried


@pytest.fixture(scope="session")
def found() -> Callable[..., None]:
    """``found(label, layer, limit, profile)``: the claim must be violated, and the case shrunk to
    at most so many units, steps, rows, and non-zero numbers among the weights.
    """
    return _found
