"""Verdicts, seeds, and what is said where nothing can be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import InvalidCase, Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE, Level
from rnnspec.reference.unroll import unroll
from rnnspec.runner import Runner, exit_status
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Contrast
from rnnspec.spec.search import Verdict, judge, search


class Recorder(ReferenceLayer):
    """The reference, keeping every case that it is given."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def run(self, case: Case) -> Answer:
        self.seen.append(encode_case(case))
        return super().run(case)


def test_one_seed_gives_the_same_cases_and_another_gives_others() -> None:
    runs = []
    for seed in (0, 0, 1):
        layer = Recorder()
        search(CLAIMS["lstm.cell-state"], layer, "quick", seed)
        runs.append(layer.seen)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_numbers_are_exact_in_the_dtype_and_not_zero_by_chance() -> None:
    layer = Recorder()
    search(CLAIMS["gru.step"], layer, "quick", 3)
    dtypes = set()
    for data in layer.seen:
        assert isinstance(data, dict)
        dtypes.add(data["dtype"])
        rounded = PRECISIONS[data["dtype"]].round
        for array in data["weights"].values():
            numbers = np.array(array["numbers"])
            assert np.array_equal(rounded(numbers), numbers)
            assert numbers.all() or not numbers.any()
    assert dtypes == set(PRECISIONS)


def test_an_example_on_which_the_contrast_passes_is_not_informative() -> None:
    network = Network("lstm", 1, 1)
    nothing = {at: np.zeros(shape) for at, shape in network.places()}
    case = Case(network, nothing, np.zeros((1, 1, 1)))
    assert not CLAIMS["lstm.cell-state"].informs(ReferenceLayer(), case)
    telling = case.with_weights(
        lambda at, w: w + (1.0 if at.block in ("forget", "candidate") else 0.0)
    ).with_states(cell=np.ones((1, 1, 1)))
    assert CLAIMS["lstm.cell-state"].informs(ReferenceLayer(), telling)


def test_what_is_compared_with_nothing_known_is_not_counted() -> None:
    network = Network("rnn", 1, 3, biases="none", activation="relu")
    weights = {at: np.full(shape, 1.0) for at, shape in network.places()}
    case = Case(network, weights, np.ones((2, 1, 1)), dtype="float16")
    assert judge(CLAIMS["rnn.step"], ReferenceLayer(), case).elements == 2 * 3 + 3
    beyond = case.changed(inputs=np.array([1.0, 65504.0]).reshape(2, 1, 1))
    assert judge(CLAIMS["rnn.step"], ReferenceLayer(), beyond).elements == 3


class Raising(ReferenceLayer):
    """Fails at a number of units."""

    def __init__(self, error: Exception, units: int = 2) -> None:
        self.error, self.units = error, units

    def run(self, case: Case) -> Answer:
        if case.network.units >= self.units:
            raise self.error
        return super().run(case)


@pytest.mark.parametrize(
    ("error", "verdict", "status"),
    [
        (Refused("no such size"), Verdict.REFUSED, 1),
        (NotImplementedError("no such size"), Verdict.REFUSED, 1),
        (RuntimeError("out of luck"), Verdict.ERROR, 3),
        (ZeroDivisionError("out of luck"), Verdict.ERROR, 3),
    ],
)
def test_what_an_implementation_raises(error: Exception, verdict: Verdict, status: int) -> None:
    outcome = search(CLAIMS["lstm.hidden-state"], Raising(error), "quick")
    assert outcome.verdict is verdict
    assert outcome.reason == f"{type(error).__name__}: {error}"
    assert outcome.case is not None
    assert outcome.case.network.units == 2  # the smallest that does it
    assert exit_status([outcome.verdict]) == status


def test_the_share_of_a_bound_is_told_by_dtype() -> None:
    outcome = search(CLAIMS["rnn.step"], ReferenceLayer(), "quick")
    assert outcome.shares.keys() == outcome.dtypes.keys() == ReferenceLayer.levels.keys()
    assert max(outcome.shares.values()) == outcome.used > 0.0
    assert len({*outcome.shares.values()}) > 1


def test_a_violation_wins_over_an_error() -> None:
    assert exit_status([Verdict.HOLDS, Verdict.ERROR, Verdict.VIOLATED]) == 1
    assert exit_status([Verdict.HOLDS, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE]) == 0
    assert exit_status([Verdict.INCONCLUSIVE], strict=True) == 1


class OnlyLstm(ReferenceLayer):
    """Offers no other cell, no bias, and has nothing to count."""

    name = "only-lstm"
    conventions: Mapping[str, Conventions] = {
        "lstm": Conventions(("forget", "input", "candidate", "output"), biases=("none",))
    }

    def count(self, network: Network) -> int | None:
        return None


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("gru.step", "only-lstm offers no GRU"),
        ("lstm.three-gates", "it takes its weights as inputs"),
        ("lstm.forget-gate", "only-lstm: it offers only biases 'none' where the claim speaks of"),
    ],
)
def test_not_applicable_has_its_reason(label: str, reason: str) -> None:
    outcome = search(CLAIMS[label], OnlyLstm(), "quick")
    assert outcome.verdict is Verdict.NOT_APPLICABLE
    assert outcome.reason.startswith(reason)


def test_too_few_informative_examples_are_inconclusive() -> None:
    class Fixed(ReferenceLayer):
        """Declares a sigmoid so poor that nothing can be told apart."""

        levels: Mapping[str, Level] = {"float32": Level("hopeless", 0.0, 2.0**24)}

    outcome = search(CLAIMS["lstm.cell-state"], Fixed(), "quick")
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert outcome.reason == "in float32 0 of 20 informative examples needed"
    assert outcome.examples >= 20


class Rough(np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
    """Numbers whose tanh and sigmoid are off by up to a thousandth."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(x) for x in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        if ufunc in (np.tanh, expit):
            result = result + 1e-3 * np.sin(1e3 * plain[0])
        return result.view(Rough)


class Poor(ReferenceLayer):
    """Approximates tanh and sigmoid, in float32 only."""

    levels: Mapping[str, Level] = {"float64": RELATIVE, "float32": ABSOLUTE}

    def run(self, case: Case) -> Answer:
        if case.dtype == "float64":
            return super().run(case)
        parts = unroll(case, RoughReading()).parts()
        rounded = {n: PRECISIONS["float32"].round(np.asarray(p)) for n, p in parts.items()}
        return Answer(rounded.pop("outputs"), rounded)


class RoughReading:
    """Reads the equations with rough numbers."""

    linked = False

    def given(self, array: Array, name: object = None) -> Rough:
        return array.view(Rough)

    seen = given


def test_a_poor_sigmoid_is_reported_once() -> None:
    runner = Runner(Poor(), "quick", seed=2)
    for label in ("rnn.step", "lstm.hidden-state", "gru.step", "lstm.forget-step"):
        step = runner.outcome(CLAIMS[label])
        assert step.verdict is Verdict.HOLDS, step.reason
        assert step.measured == ("float32",)
    assert runner.outcome(CLAIMS["layer.accuracy"]).verdict is Verdict.VIOLATED
    assert runner.implementation.levels["float64"] is RELATIVE
    measured = runner.implementation.levels["float32"]
    assert measured.absolute * 2.0**-24 > 0.9e-3


@pytest.mark.parametrize(
    ("label", "change", "told"),
    [
        ("gru.step", {}, "gru.step speaks of networks with cell gru, not 'lstm'"),
        ("lstm.gated", {}, "lstm.gated speaks of exactly 1 step"),
        ("lstm.elementwise", {"steps": 1}, "lstm.elementwise speaks of at least 2 units"),
        ("lstm.own-parameters", {"steps": 1}, "lstm.own-parameters needs case.aim.block, one of"),
    ],
)
def test_a_case_that_is_none_of_a_claims(label: str, change: dict[str, int], told: str) -> None:
    network = Network("lstm", 2, 1)
    weights = {at: np.ones(shape) for at, shape in network.places()}
    case = Case(network, weights, np.ones((change.get("steps", 3), 1, 2)))
    with pytest.raises(InvalidCase, match=told):
        judge(CLAIMS[label], ReferenceLayer(), case)


def test_what_does_not_say_what_it_offers_is_broken() -> None:
    class Dumb(ReferenceLayer):
        levels: Mapping[str, Level] = {}

    outcome = search(CLAIMS["gru.step"], Dumb(), "quick")
    assert outcome.verdict is Verdict.ADAPTER_BROKEN
    assert outcome.reason.endswith("does not say what it offers: ValueError: it declares no dtype")


def test_a_case_in_which_nothing_can_be_judged_says_so() -> None:
    network = Network("gru", 1, 1)
    weights = {at: np.ones(shape) for at, shape in network.places()}
    case = Case(network, weights, np.full((1, 1, 1), np.nan))
    outcome = judge(CLAIMS["gru.step"], ReferenceLayer(), case)
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert outcome.reason == "nothing in it can be judged"


def test_what_is_aimed_at_in_vain_is_told() -> None:
    """A contrast that no infinity shows leaves it open whether infinities are checked at all."""
    claim = CLAIMS["layer.nan"]
    deaf = Contrast(
        "NaN counts as 0",
        case=lambda case: case.changed(inputs=np.where(np.isnan(case.inputs), 0.0, case.inputs)),
    )
    outcome = search(replace(claim, contrast=deaf), ReferenceLayer(), "quick")
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert outcome.aims["spoiler nan"] > 0
    assert outcome.aims["spoiler inf"] == outcome.aims["spoiler -inf"] == 0
    assert "spoiler inf" in outcome.reason
    assert "spoiler nan" not in outcome.reason
    assert search(claim, ReferenceLayer(), "quick").verdict is Verdict.HOLDS


def test_what_is_aimed_at_is_found_in_other_sizes_of_a_palette() -> None:
    """Only in float16 does the palette give this network six units; what is shown of none of them
    there is looked for in float64, where it would have two.
    """

    class Sized(ReferenceLayer):
        palette: Sequence[Mapping[str, int]] = ({"units": 2}, {"units": 6})
        levels: Mapping[str, Level] = {"float64": RELATIVE, "float16": RELATIVE}
        conventions: Mapping[str, Conventions] = {
            "lstm": Conventions(("input", "forget", "candidate", "output"), biases=("input",))
        }

    outcome = search(CLAIMS["lstm.elementwise"], Sized(), "quick", 3)
    assert outcome.verdict is Verdict.HOLDS, outcome.reason
    assert outcome.aims["unit 4"] > 0
