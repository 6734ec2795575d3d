"""A stack is judged layer by layer, by runs of its first layers alone; gradients, by the tape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.spec.trial import Enough, NotOffered, Trial, WrongAnswer


@pytest.fixture(params=["forward", "both"])
def case(request: pytest.FixtureRequest) -> Case:
    """Three layers of a GRU, with lengths."""
    network = Network("gru", 2, 3, layers=3, direction=request.param)
    random = np.random.default_rng(1)
    round_ = np.float32

    def drawn(*shape: int) -> Array:
        return random.uniform(-1, 1, shape).astype(round_).astype(np.float64)

    weights = {at: drawn(*shape) for at, shape in network.places()}
    states = {"hidden": drawn(3 * len(network.directions), 2, 3)}
    return Case(network, weights, drawn(4, 2, 2), states, np.array([4, 2]), "float32")


class WrongInTheMiddle(ReferenceLayer):
    """The second of three layers is off by a part in ten thousand, when it is run alone, too."""

    def run(self, case: Case) -> Answer:
        return super().run(
            case.with_weights(lambda at, w: w * (1 + 2.0**-10) if at.layer == 1 else w)
        )


class OtherwiseWhenAlone(ReferenceLayer):
    """Fewer layers than three round otherwise: right, and no anchor for the three."""

    def run(self, case: Case) -> Answer:
        answer = super().run(case)
        if case.network.layers == 3:
            return answer
        up = 1 + 2.0**-23
        states = {name: state * up for name, state in answer.states.items()}
        return Answer(answer.outputs * up, states)


def test_every_layer_of_a_stack_is_seen(case: Case) -> None:
    trial = Trial(ReferenceLayer())
    trial.follows(case)
    assert trial.ratio < 1.0
    assert {each.case.network.layers for each in trial.comparisons} == {1, 2, 3}
    bounds = [np.max(each.bound[np.isfinite(each.bound)]) for each in trial.comparisons]
    assert max(bounds) < 3000 * 2.0**-24  # each layer by its own anchors


def test_what_errs_below_the_top_is_found(case: Case) -> None:
    trial = Trial(WrongInTheMiddle())
    trial.follows(case)
    worst = trial.worst
    assert worst is not None
    assert worst.ratio > 1.0


def test_runs_that_are_not_the_same_are_no_anchors_and_accuse_nobody(case: Case) -> None:
    anchored, free = Trial(ReferenceLayer()), Trial(OtherwiseWhenAlone())
    for trial in (anchored, free):
        trial.follows(case)
        assert trial.ratio < 1.0
    tops = [
        [each for each in trial.comparisons if each.case.network.layers == 3]
        for trial in (anchored, free)
    ]
    one, other = (max(float(np.max(e.bound[np.isfinite(e.bound)])) for e in top) for top in tops)
    assert other > 2 * one


def test_a_trial_that_has_seen_enough_stops(case: Case) -> None:
    with pytest.raises(Enough):
        Trial(WrongInTheMiddle(), enough=1.0).follows(case)


class Descending(ReferenceLayer):
    """Gives back other gradients than the reference's."""

    def __init__(self, change: Mapping[str, object] | None) -> None:
        self.change = change

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        found = super().gradients(case, cotangents)
        return None if self.change is None or found is None else replace(found, **self.change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"states": {}}, "there is no gradient of initial hidden"),
        ({"inputs": np.zeros((1, 1, 1))}, r"the gradient of inputs has shape \(1, 1, 1\)"),
        ({"states": {"cell": np.zeros(1)}}, "there is a gradient of initial cell, which is not"),
    ],
)
def test_gradients_that_are_none(case: Case, change: dict[str, object], told: str) -> None:
    ones = {"outputs": np.ones(case.output_shape)}
    with pytest.raises(WrongAnswer, match=told):
        Trial(Descending(change)).follows_back(case, ones)
    with pytest.raises(NotOffered, match="reference has no backward pass"):
        Trial(Descending(None)).follows_back(case, ones)
