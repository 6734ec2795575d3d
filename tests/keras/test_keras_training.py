"""Keras's layers, trained."""

from __future__ import annotations

import pytest

from rnnspec.adapters.keras_ import KerasLayer
from tests.studies.trained import learns, repeats


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_network_learns(cell: str) -> None:
    learns(_here(), cell)


def test_a_seed_learns_the_same() -> None:
    repeats(_here())


def _here() -> KerasLayer:
    """Keras on the backend that it is set to."""
    pytest.importorskip("keras", reason="Keras does the training")
    adapter = KerasLayer()
    assert adapter.obstacle() is None
    return adapter
