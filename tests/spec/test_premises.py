"""What a claim sets up is what it says it is, also where that is hard to do."""

from __future__ import annotations

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict, judge


@pytest.mark.parametrize(("label", "layers"), [("gru.update-gate", 1), ("deep.hierarchy", 2)])
def test_a_candidate_is_saturated_whatever_its_bias_is_multiplied_with(
    label: str, layers: int
) -> None:
    network = Network("gru", 1, 1, layers, biases="recurrent")
    shut = {"reset": -8.0}  # all but closed, more or less by the input

    def weights(block: str, part: str, shape: tuple[int, ...]) -> np.ndarray:
        return np.full(shape, shut.get(block, 1.0) if part == "recurrent_bias" else 1.0)

    drawn = {at: weights(at.block, at.part, shape) for at, shape in network.places()}
    case = Case(network, drawn, np.ones((2, 1, 1)), {"hidden": np.ones((layers, 1, 1))})
    outcome = judge(CLAIMS[label], ReferenceLayer(), case)
    assert outcome.verdict is Verdict.HOLDS, outcome.reason
