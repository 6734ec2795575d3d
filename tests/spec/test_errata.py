"""The smallest counterexamples of the errata are what the reference computes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.interventions import SATURATED


def one_unit(
    kind: str, weights: Mapping[str, float], x: float = 0.0, **states: float
) -> dict[str, float]:
    """One step of one unit: weights by ``block.part``, all others zero."""
    network = Network(kind, 1, 1)
    arrays = {
        at: np.full(shape, weights.get(f"{at.block}.{at.part}", 0.0))
        for at, shape in network.places()
    }
    given: dict[str, Array] = {name: np.full((1, 1, 1), value) for name, value in states.items()}
    answer: Answer = unroll(Case(network, arrays, np.full((1, 1, 1), x), given))
    return {name: float(part.item()) for name, part in answer.parts().items()}


def test_effects_add_up_before_the_squashing_only() -> None:
    weights = {"hidden.input": 1.0, "hidden.recurrent": 1.0}
    together = one_unit("rnn", weights, x=1.0, hidden=1.0)["hidden"]
    one_by_one = (
        one_unit("rnn", weights, x=1.0)["hidden"] + (one_unit("rnn", weights, hidden=1.0)["hidden"])
    )
    assert round(together, 3) == 0.964
    assert round(one_by_one, 3) == 1.523
    assert round(one_by_one - together, 3) == 0.559


@pytest.mark.parametrize(("hidden", "gate"), [(1.0, 1.0), (-1.0, 0.0)])
def test_a_gate_reads_the_past(hidden: float, gate: float) -> None:
    weights = {"input.recurrent": SATURATED, "candidate.input_bias": SATURATED}
    assert one_unit("lstm", weights, x=0.7, hidden=hidden)["cell"] == gate


def test_adding_can_take_away() -> None:
    weights = {f"{gate}.input_bias": SATURATED for gate in ("forget", "input")}
    weights["candidate.input_bias"] = -SATURATED
    assert one_unit("lstm", weights, cell=1.0)["cell"] == 0.0


def test_the_interval_of_the_forget_step_is_reversed_below_zero() -> None:
    forgotten = one_unit("lstm", {"input.input_bias": -SATURATED}, cell=-1.0)["cell"]
    assert forgotten == -0.5
    assert -1.0 < forgotten < 0.0


def test_a_sigmoid_reaches_one_by_rounding() -> None:
    weights = {"forget.input_bias": 18.0, "input.input_bias": -SATURATED}
    gate = one_unit("lstm", weights, cell=1.0)["cell"]
    assert gate < 1.0
    assert np.float32(gate) == np.float32(1.0)


def test_an_open_update_gate_keeps_the_past() -> None:
    weights = {"update.input_bias": SATURATED}
    assert one_unit("gru", weights, hidden=1.0)["hidden"] == 1.0
    swapped = {"update.input_bias": -SATURATED}
    assert one_unit("gru", swapped, hidden=1.0)["hidden"] == 0.0


def test_every_erratum_of_these_claims_stands_above() -> None:
    errata = {label: len(claim.errata) for label, claim in CLAIMS.items() if claim.errata}
    assert errata == {
        "rnn.additive": 1,
        "lstm.gated": 1,
        "lstm.input-gate": 1,
        "lstm.units": 1,  # of shapes: a projection, which no network here has
        "lstm.forget-step": 2,
        "gru.step": 1,
    }
