"""Wrong layers are found, each by a claim that speaks of what is wrong in it: a sample of them."""

from __future__ import annotations

from functools import cache

import pytest

from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict, search
from tests.mutants.__main__ import added, medians, page, rows, small
from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunt import FOUND, Hunt, checked, measured
from tests.mutants.plain import Plain
from tests.mutants.variant import Variant

SAMPLE = {
    "lstm.coupled": "lstm.forget-step",
    "lstm.no-second-tanh": "lstm.hidden-state",
    "lstm.peephole-forget": "lstm.cell-state",
    "lstm.constant-output": "lstm.output-gate",
    "lstm.shared-input": "lstm.elementwise",
    "order.lstm-cycle": "lstm.cell-state",
    "gru.update-inverted": "gru.update-gate",
    "gru.reset-always-before": "gru.step",
    "gru.no-reset-gate": "gru.reset-gate",
    "gru.not-convex": "gru.bounded",
    "rnn.relu-6": "rnn.step",
    "rnn.multiplies": "rnn.additive",
    "bias.one-of-two": "layer.options",
    "weights.directions-share": "bi.two-passes",
    "weights.recurrent-transposed": "layer.units",
    "states.all-or-none": "layer.initial-state",
    "states.backward-at-the-end": "layer.final-state",
    "time.no-memory": "layer.split",
    "batch.mixed": "layer.batch",
    "layers.dropout": "deep.stacked",
    "directions.not-turned": "bi.future-context",
    "lengths.one-is-all": "layer.padding",
    "lengths.multiplied-away": "layer.padding",
    "numerics.tanh-rational": "layer.accuracy",
    "numerics.nan-is-zero": "layer.nan",
    "dtype.returned-in-float32": "layer.dtype",
    "size.one-unit": "gru.update-gate",
    "calls.overwrites-weights": "layer.repeatable",
    "calls.one-buffer": "layer.repeatable",
    "ways.path-without-biases": "layer.paths",
    "ways.layout-strides-ignored": "layer.layout",
    "gradients.finals-detached": "layer.gradients",
    "gradients.gates-negative": "lstm.trained",
    "count.one-direction": "bi.parameters",
    "count.four-blocks-of-a-gru": "compare.parameters",
    "beyond.projection-not-recurrent": "beyond.projection",
    "beyond.peepholes-all-old": "beyond.peepholes",
    "beyond.coupled-the-other-way": "beyond.coupled-gates",
    "beyond.clip-above-only": "beyond.clipped-sums",
    "beyond.cell-clip-not-shown": "beyond.clipped-cell",
    "rnn.relu-leaks": "beyond.relu",
    "beyond.dropout-of-past": "beyond.dropout-off",
}
"""By claim; the whole catalogue against all claims takes longer."""


@cache
def hunt(name: str) -> Hunt:
    """A mutant of the sample, hunted by its claim."""
    found = Hunt(name, seed=0)
    outcome = search(CLAIMS[SAMPLE[name]], MUTANTS[name].layer(), "quick")
    if outcome.verdict in FOUND:
        measured(found, outcome)
    return found


@pytest.mark.parametrize("name", SAMPLE)
def test_a_mutant_is_found(name: str) -> None:
    assert hunt(name).claim == SAMPLE[name]


def test_counterexamples_can_be_read() -> None:
    """`python -m tests.mutants` measures the same over the whole catalogue."""
    hunts = [hunt(name) for name in SAMPLE]
    assert small(hunts), medians(hunts)


def test_a_catalogue_whose_counterexamples_are_large_does_not_pass() -> None:
    large = [Hunt("lstm.large", 0, "lstm.cell-state", units=3, steps=1, rows=1, weights=1)]
    assert not small(large)


def test_a_page_gets_the_rows_of_a_run_and_keeps_all_others() -> None:
    old = Hunt("lstm.coupled", 0, "lstm.cell-state", units=1)
    new = Hunt("beyond.clip-soft", 1, "beyond.clipped-sums", units=2)
    known = page([old, Hunt("beyond.clip-soft", 0)], "quick", [0])
    told = added(known, [new], "quick", [1], "beyond.*")
    assert [line for line in told.splitlines() if line.startswith("| `")] == [
        *(rows([old])["lstm.coupled"], rows([new])["beyond.clip-soft"])
    ]
    assert "1 of 2 found" in told
    assert "`beyond.*`, on " in told
    assert added(told, [new], "quick", [1], "beyond.*") == told


@pytest.mark.parametrize("label", [claim.id for claim in checked()])
def test_what_they_are_changes_of_is_not_accused(label: str) -> None:
    layer = Variant() if label.startswith("beyond.") else Plain()
    outcome = search(CLAIMS[label], layer, "quick", 1)
    assert outcome.verdict is Verdict.HOLDS, outcome.reason
    assert outcome.used < 1.0
