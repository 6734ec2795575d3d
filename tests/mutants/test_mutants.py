"""Wrong layers are found, each by a claim that speaks of what is wrong in it: a sample of them."""

from __future__ import annotations

import pytest

from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict, search
from tests.mutants.catalogue import MUTANTS
from tests.mutants.plain import Plain

FOUND = (Verdict.VIOLATED, Verdict.ERROR)
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
}
"""By claim; the whole catalogue against all claims takes longer."""


@pytest.mark.parametrize(("name", "label"), SAMPLE.items(), ids=SAMPLE)
def test_a_mutant_is_found(name: str, label: str) -> None:
    outcome = search(CLAIMS[label], MUTANTS[name].layer(), "quick")
    assert outcome.verdict in FOUND


@pytest.mark.parametrize(
    "label", [label for label, claim in CLAIMS.items() if claim.kind != "finding"]
)
def test_what_they_are_changes_of_is_not_accused(label: str) -> None:
    outcome = search(CLAIMS[label], Plain(), "quick", 1)
    assert outcome.verdict is Verdict.HOLDS, outcome.reason
    assert outcome.used < 1.0
