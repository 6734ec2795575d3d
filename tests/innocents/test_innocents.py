"""Correct layers are not accused: every innocent before some claims; the whole takes longer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network, Place
from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.claims.layer_gradients import cotangent
from rnnspec.spec.search import Verdict, search
from rnnspec.spec.trial import Trial
from tests.innocents.accuracy import measured
from tests.innocents.catalogue import INNOCENTS
from tests.innocents.functions import FORMULAS
from tests.innocents.fused import fused
from tests.innocents.page import added, page, summary
from tests.innocents.rounding import rounding
from tests.innocents.trying import CHECKED, totals, tried

SAMPLE = {
    "beyond": ("beyond.peepholes", "beyond.coupled-gates"),
    "flow": ("layer.padding", "bi.two-passes", "beyond.dropout-off"),
    "formats": ("layer.dtype", "layer.final-state", "beyond.clipped-cell"),
    "functions": ("layer.accuracy", "lstm.gated", "lstm.input-gate"),
    "fused": ("lstm.cell-state", "layer.gradients", "beyond.peepholes"),
    "gradients": ("layer.gradients", "lstm.trained", "beyond.projection"),
    "gru": ("gru.step", "gru.reset-gate", "layer.accuracy", "beyond.clipped-sums"),
    "products": ("gru.step", "layer.gradients", "beyond.relu"),
    "sums": ("rnn.step", "layer.gradients", "beyond.projection"),
}
"""By family, claims that what is different matters to."""


@pytest.mark.parametrize("name", INNOCENTS)
def test_an_innocent_is_not_accused(name: str) -> None:
    for label in SAMPLE[name.split(".")[0]]:
        outcome = search(CLAIMS[label], INNOCENTS[name].layer(), "quick", 1)
        assert outcome.verdict is Verdict.HOLDS, (label, outcome.reason)
        assert 0 < outcome.used <= 1
        assert outcome.elements > outcome.informative


@pytest.mark.parametrize("part", ["cell", "outputs"])
def test_what_a_gate_leaves_is_as_accurate_as_the_gate(part: str) -> None:
    """Coupled gates, forward and back: 1 - i is off by what i is off, wide open as it may be."""
    network = Network("lstm", 1, 1, biases="input", coupled=True)
    weights = {at: np.zeros(shape) for at, shape in network.places()}
    case = Case(network, weights, np.zeros((1, 1, 1))).with_states(cell=np.full((1, 1, 1), 0.5))
    opens = Place(0, "forward", "input", "input_bias")
    trial = Trial(INNOCENTS["functions.poor"].layer())
    for bias in np.arange(1.0, 9.0):
        opened = case.changed(weights={**weights, opens: np.array([bias])})
        trial.follows_back(opened, cotangent(opened, part))
    assert 0.5 < trial.ratio <= 1.0


def test_what_leaks_as_it_may_is_not_asked_to_count() -> None:
    outcome = search(CLAIMS["lstm.counts"], INNOCENTS["functions.never-one"].layer(), "quick", 1)
    assert outcome.verdict is Verdict.NOT_APPLICABLE
    assert outcome.reason.endswith(" at most: nothing counts with that")

    class Leaking(ReferenceLayer):
        """Its sigmoid ends at 0.9, which no level allows."""

        def run(self, case: Case) -> Answer:
            return super().run(case.with_weights(lambda at, w: np.clip(w, -2.2, 2.2)))

    leaking = search(CLAIMS["lstm.counts"], Leaking(), "quick", 1)
    assert leaking.verdict is Verdict.VIOLATED


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_meets_the_level_that_is_declared_and_no_stricter_one(
    name: str, dtype: str
) -> None:
    declared = FORMULAS[name].levels
    assert measured(FORMULAS[name], dtype).level() is (declared and declared[dtype])


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_a_fused_multiply_add_rounds_once(dtype: str) -> None:
    precision, random = PRECISIONS[dtype], np.random.default_rng(0)
    a, b, c = precision.round(random.uniform(-1, 1, (3, 2000)))
    c[::2] = -precision.round(a * b)[::2]  # all that is left is what the product lost
    a[-2:], b[-2:] = 1.0 + 2.0 * precision.unit, 1.5  # in the middle of two numbers, but for
    c[-2:] = precision.round(np.array([2.0**-90, -(2.0**-90)]))  # what a float64 has no digit for
    exact = [
        Fraction(x) * Fraction(y) + Fraction(z)
        for x, y, z in zip(a.tolist(), b.tolist(), c.tolist(), strict=True)
    ]
    found = fused(a, b, c, precision)
    assert np.array_equal(found, precision.round(found))
    below, above = (precision.round(found * (1 + s * precision.unit)) for s in (-1.5, 1.5))
    for number, near, *others in zip(exact, found, below, above, strict=True):
        assert all(abs(Fraction(near) - number) <= abs(Fraction(o) - number) for o in others)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_two_ways_to_round_are_one(dtype: str) -> None:
    precision, random = PRECISIONS[dtype], np.random.default_rng(0)
    numbers = np.ldexp(random.uniform(-1, 1, 20000), random.integers(-160, 140, 20000))
    with np.errstate(over="ignore"):
        assert np.array_equal(rounding(precision)(numbers), precision.round(numbers))


def test_a_run_is_told_with_all_that_is_missing_in_it() -> None:
    claims = ["lstm.three-gates", "rnn.step"]
    lines = [tried("sums.in-order", dtype, "quick", 0, claims) for dtype in ("float64", "float16")]
    found = totals(lines)
    assert found["examples"] >= found["informative"] >= 2 * (5 + 1)
    assert found["verdicts"] == {"holds": 4}
    assert len(found["missing"]) == 4 * len(CHECKED) - 4
    assert "rnn.step in float32" in found["missing"]
    assert "0 accused" in summary(found)
    told = page(lines, "quick", 0)
    more = added(told, lines[:1], "quick", 1, "rnn.*")
    heads = [line for line in more.splitlines() if line.startswith("## ")]
    assert heads == ["## The claims `rnn.*`", "## Which formula meets which level"]
    assert "3 claims in 4 dtypes: 1 of 12 informative" in more
    assert added(more, lines[:1], "quick", 1, "rnn.*") == more
    assert f"| `sums.in-order` | {INNOCENTS['sums.in-order'].what} | {lines[0].used:.2f} |" in told
