"""The judge compares as it should."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import scaled
from rnnspec.spec.search import Verdict, search
from rnnspec.spec.trial import (
    Comparison,
    Observed,
    Trial,
    WrongAnswer,
    exact_sum,
    printable,
    told,
    visible,
)


def simple(steps: int = 3, fill: float = 0.5) -> Case:
    network = Network("rnn", 1, 2)
    weights = {at: np.full(shape, fill) for at, shape in network.places()}
    return Case(network, weights, np.full((steps, 1, 1), fill))


def ratios(observed: list[float], expected: list[float], bound: list[float]) -> list[float]:
    a, b, c = (np.array(each) for each in (observed, expected, bound))
    return [float(ratio) for ratio in Comparison("it", simple(), a, b, c).ratios]


def test_a_ratio_is_the_share_of_the_bound() -> None:
    assert ratios([1.5, 1.0], [1.0, 1.0], [1.0, 0.25]) == [0.5, 0.0]


def test_where_no_error_is_allowed_any_is_a_violation() -> None:
    assert ratios([1.0, 1.0], [1.0, np.nextafter(1.0, 2.0)], [0.0, 0.0]) == [0.0, np.inf]


def test_minus_zero_is_zero_and_nan_is_nan() -> None:
    assert ratios([-0.0, np.nan, np.inf], [0.0, np.nan, np.inf], [0.0, 0.0, 0.0]) == [0.0] * 3


def test_infinity_or_nan_for_a_number_is_a_violation() -> None:
    assert ratios([np.inf, np.nan, 1.0], [1.0, 1.0, np.nan], [9.0, 9.0, 9.0]) == [np.inf] * 3


def test_an_infinite_bound_says_nothing() -> None:
    assert ratios([5.0, np.nan, np.inf], [1.0, 1.0, 1.0], [np.inf] * 3) == [0.0] * 3


def test_nothing_to_compare_uses_nothing() -> None:
    empty = np.zeros((0, 2))
    assert Comparison("it", simple(), empty, empty, empty).ratio == 0.0


def test_worst_is_where_most_was_used() -> None:
    observed: Array = np.array([[0.1, 0.2], [0.9, 0.3]])
    it = Comparison("it", simple(), observed, np.zeros((2, 2)), np.ones((2, 2)))
    assert it.worst == (1, 0)
    assert it.ratio == 0.9


class Changed(ReferenceLayer):
    """Answers what the reference does, with one part replaced."""

    def __init__(self, part: str, array: Array | None) -> None:
        self.part, self.array = part, array

    def run(self, case: Case) -> Answer:
        parts = super().run(case).parts()
        parts[self.part] = self.array
        return Answer(parts.pop("outputs"), {n: p for n, p in parts.items() if p is not None})


def test_what_is_one_by_the_equations_may_be_off_by_the_errors_of_both() -> None:
    case = simple().changed(dtype="float32", lengths=np.array([2]))
    trial = Trial(ReferenceLayer())
    one, other = trial.run(case), trial.run(case.copied())
    bound = unroll(case, Bounds.of("float32")).outputs.settled().error
    for share in (0.9, 1.1):
        off = np.where(np.arange(3)[:, None, None] < 2, 2 * share * bound, 1.0)
        moved = Observed(one.outputs + off, other.states, case)
        trial.alike("outputs", moved, other, "a little off")
        assert trial.comparisons[-1].ratio == pytest.approx(share, rel=1e-6)
        assert trial.comparisons[-1].against is other.case
    trial.alike("outputs", moved, other, "of the last step alone", (-1,))
    assert trial.comparisons[-1].ratio == 0.0  # past the end, anything may stand


@pytest.mark.parametrize(
    ("part", "array", "told"),
    [
        ("outputs", np.zeros((3, 1, 3)), r"outputs has shape \(3, 1, 3\): it must be \(3, 1, 2\)"),
        ("hidden", np.zeros((1, 2)), r"hidden has shape \(1, 2\): it must be \(1, 1, 2\)"),
        ("hidden", None, "the answer has no hidden"),
        ("gate", np.zeros((1, 1, 2)), "the answer has a state 'gate', which a [a-z]+ has not"),
        ("outputs", np.full((3, 1, 2), np.nan), "outputs holds NaN where a number belongs"),
    ],
)
def test_what_is_no_answer(part: str, array: Array | None, told: str) -> None:
    trial = Trial(Changed(part, array))
    with pytest.raises(WrongAnswer, match=told):
        trial.follows(simple(), "outputs", "hidden")


def test_each_step_is_judged_from_the_state_before_it() -> None:
    """A layer that starts from elsewhere is wrong at the first step, and right at all others."""
    case = simple(steps=4)
    elsewhere = case.with_states(hidden=np.full((1, 1, 2), 0.25))
    outputs = ReferenceLayer().run(elsewhere).outputs
    trial = Trial(Changed("outputs", outputs))
    trial.follows(case, "outputs")
    (comparison,) = trial.comparisons
    wrong = comparison.ratios.max(axis=(1, 2)) > 1.0
    assert wrong.tolist() == [True, False, False, False]


def test_between_allows_the_interval_and_its_slack() -> None:
    trial = Trial(ReferenceLayer())
    observed = np.array([-0.5, 0.0, 0.5, 1.0, 1.5])
    low, high, slack = np.zeros(5), np.ones(5), np.full(5, 0.25)
    trial.between("it", simple(), observed, low, high, slack)
    assert trial.comparisons[0].ratios.tolist() == [2.0, 0.0, 0.0, 0.0, 2.0]


def test_exactly_compares_numbers_and_how_many_there_are() -> None:
    trial = Trial(ReferenceLayer())
    trial.exactly("size", simple(), (3, 1), (3, 1))
    trial.exactly("size", simple(), (3, 1), (3, 2))
    trial.exactly("size", simple(), (3, 1), (3, 1, 1))
    assert [each.ratio for each in trial.comparisons] == [0.0, np.inf, np.inf]


def test_a_sum_is_rounded_once() -> None:
    terms = [np.array([x]) for x in (1e16, 1.0, 1.0, -1e16)]
    assert exact_sum(*terms).tolist() == [2.0]


@pytest.mark.parametrize("label", ["lstm.hidden-range", "lstm.hidden-state", "lstm.cell-state"])
def test_an_answer_that_is_all_nan_is_no_answer(label: str) -> None:
    class Nothing(ReferenceLayer):
        def run(self, case: Case) -> Answer:
            return scaled(super().run(case), lambda part: part * np.nan)

    outcome = search(CLAIMS[label], Nothing(), "quick")
    assert outcome.verdict is Verdict.ERROR
    assert "NaN where a number belongs" in outcome.reason


def test_a_state_that_is_missing_has_not_the_shape_of_one() -> None:
    class Short(ReferenceLayer):
        def run(self, case: Case) -> Answer:
            answer = super().run(case)
            return Answer(answer.outputs, {"cell": answer.states["cell"]})

    outcome = search(CLAIMS["lstm.units"], Short(), "quick")
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.reason.startswith("the shape of hidden")


class Reduced(ReferenceLayer):
    """Has a way that gives no outputs back, and answers there what it is told."""

    ways: Mapping[str, str] = {"states alone": "path"}

    def __init__(self, off: float = 0.0) -> None:
        self.off = off

    def run(self, case: Case) -> Answer:
        answer = super().run(case.changed(way=""))
        if not case.way:
            return answer
        return Answer(None, {name: state + self.off for name, state in answer.states.items()})


@pytest.mark.parametrize("off", [0.0, 0.5])
def test_a_way_without_outputs_is_judged_from_those_of_the_ordinary_one(off: float) -> None:
    """If its states are the same to the last bit; if not, from the input alone."""
    trial = Trial(Reduced(off))
    trial.follows(simple().changed(way="states alone"))
    assert [each.what for each in trial.comparisons] == ["hidden"]
    assert (trial.ratio <= 1) == (off == 0)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(None, {}), "the answer is empty"),
        ({"outputs": np.zeros((3, 1, 2))}, "it gave back a dict, where an Answer belongs"),
    ],
    ids=["empty", "a dict"],
)
def test_what_is_no_answer_at_all_is_told(answer: Answer, told: str) -> None:
    class Odd(ReferenceLayer):
        def run(self, case: Case) -> Answer:
            return answer

    with pytest.raises(WrongAnswer, match=f"^{told}$"):
        Trial(Odd()).run(simple().changed(way="another"))


def test_a_message_is_told_in_one_line_without_colours() -> None:
    message = "\x1b[1mno steps\x1b[0m\n\n  given\x00"
    assert told(ValueError(message)) == "ValueError: no steps given\\x00"


def test_a_long_message_is_told_in_part() -> None:
    assert told(ValueError("x" * 501)) == f"ValueError: {'x' * 500}"
    assert printable("a\tb\n" * 1000, 8) == "a b a b "


def test_what_is_visible_keeps_its_lines() -> None:
    assert visible("  a  b\n\x1b[31m\ud800\r\n") == "  a  b\n\\x1b[31m\\ud800\\r\n"
