"""PyTorch answers the vectors that it offers, and all hold."""

from __future__ import annotations

from collections import Counter

import pytest

from rnnspec.adapters.torch_ import TorchCell, TorchLayer
from rnnspec.answers import Said, judge
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.precision import RELATIVE
from rnnspec.vector_plan import plan
from tests.mutants.vectors import answered

pytest.importorskip("torch", reason="the answers are PyTorch's")


@pytest.mark.parametrize(("layer", "least"), [(TorchLayer(), 250), (TorchCell(), 150)])
def test_all_that_it_offers_hold(layer: Implementation, least: int) -> None:
    said: Counter[Said] = Counter()
    with layer.session():
        for vector in plan():
            if vector.network.cell in layer.conventions and layer.offers(vector.network) is None:
                level = RELATIVE if vector.case is None else layer.levels.get(vector.case.dtype)
                found = judge(vector, answered(layer, vector), level or RELATIVE)
                assert found.said in (Said.HELD, Said.REFUSED), (vector.id, found.reason)
                said[found.said] += 1
    assert said[Said.HELD] >= least
