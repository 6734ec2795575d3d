"""The smallest counterexamples of the errata are what the reference computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import count, unroll
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.claims.bidirectional import AMAZON, SENTENCES
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


def test_a_gru_can_have_as_many_parameters_as_an_lstm() -> None:
    gru, lstm = Network("gru", 1, 1, biases="both"), Network("lstm", 1, 1, biases="input")
    assert count(gru) == count(lstm) == 12
    like, projected = CLAIMS["compare.parameters"].errata
    assert like.smallest == "1 input and 1 unit: 12 parameters each"
    inputs, units, smaller = 1, 10, 1
    one = 4 * (units * inputs + units * smaller + 2 * units) + smaller * units
    assert one == 170
    assert count(Network("gru", inputs, units)) == 390
    assert "170 against the 390" in projected.smallest


def test_deep_networks_of_two_directions_have_more_than_twice_the_parameters() -> None:
    deep = Network("lstm", 1, 1, layers=2)
    assert (count(deep), count(replace(deep, direction="both"))) == (32, 72)
    assert "32 against 72" in CLAIMS["bi.parameters"].errata[0].smallest


def test_a_copy_can_lose_what_was_copied() -> None:
    h, n = np.float32(2.0**-30), np.float32(-1.0)
    assert n + (h - n) == 0.0 != h


def test_a_gru_stays_where_it_began() -> None:
    assert one_unit("gru", {"update.input_bias": SATURATED}, hidden=4.0)["hidden"] == 4.0


@pytest.mark.parametrize(("dtype", "largest"), [("float16", 2048.0), ("bfloat16", 256.0)])
def test_counting_ends_where_the_next_number_is_none(dtype: str, largest: float) -> None:
    rounded = PRECISIONS[dtype].round
    assert rounded(np.array(largest + 1)) == largest
    assert rounded(np.array(largest)) == largest != rounded(np.array(largest - 1))


def test_layers_without_weights_hold_nothing() -> None:
    network = Network("lstm", 1, 1, layers=2)
    weights = {at: np.zeros(shape) for at, shape in network.places()}
    assert not unroll(Case(network, weights, np.ones((3, 1, 1)))).outputs.any()


def _amazon(weights: Mapping[Place, Array], network: Network, words: Array) -> bool:
    """Whether the second direction tells the sentences apart."""
    one, two = (
        unroll(Case(network, weights, words[list(sentence)][:, None])).outputs[AMAZON, 0]
        for sentence in SENTENCES
    )
    return bool(np.any(one != two))


def test_not_every_network_of_two_directions_tells_the_sentences_apart() -> None:
    network = Network("rnn", 1, 1, direction="both", activation="relu", biases="none")
    weights = {at: np.full(shape, -1.0) for at, shape in network.places()}
    assert not _amazon(weights, network, np.arange(1.0, 6.0)[:, None])
    random, network = np.random.default_rng(0), replace(network, inputs=5, units=2)
    same = 0
    for _ in range(400):
        drawn = {at: random.normal(size=shape) for at, shape in network.places()}
        same += not _amazon(drawn, network, np.eye(5))
    assert 0.15 < same / 400 < 0.35


def test_in_a_window_of_one_step_both_directions_read_the_same() -> None:
    network = Network("rnn", 1, 1, direction="both")
    weights = {at: np.ones(shape) for at, shape in network.places()}
    forward, backward = unroll(Case(network, weights, np.ones((1, 1, 1)))).outputs[0, 0]
    assert forward == backward


def test_a_cell_state_is_shown_unclipped() -> None:
    network = Network("lstm", 1, 1, clip=1.0)
    weights = {at: np.zeros(shape) for at, shape in network.places()}
    case = Case(network, weights, np.zeros((1, 1, 1)), {"cell": np.full((1, 1, 1), 4.0)})
    answer = unroll(case)
    assert answer.states["cell"].item() == 2.0
    assert round(answer.outputs.item(), 3) == 0.482
    assert round(float(np.tanh(1.0)) / 2, 3) == 0.381


def test_every_erratum_stands_above() -> None:
    told = {label: len(claim.errata) for label, claim in CLAIMS.items() if claim.errata}
    assert told == {
        "rnn.additive": 1,
        "lstm.gated": 1,
        "lstm.input-gate": 1,
        "lstm.units": 1,  # of shapes: a projection, which no network here has
        "lstm.forget-step": 2,
        "gru.step": 1,
        "gru.update-gate": 1,
        "gru.bounded": 1,
        "lstm.counts": 1,
        "compare.parameters": 2,
        "compare.computation": 1,  # of times, which were measured elsewhere
        "deep.hierarchy": 1,
        "bi.amazon": 1,
        "apply.forecasting": 1,
        "bi.parameters": 1,
        "beyond.clipped-sums": 1,
    }
