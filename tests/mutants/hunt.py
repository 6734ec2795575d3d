"""How a mutant is hunted: one claim after another, until one finds it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict, search
from tests.mutants.catalogue import MUTANTS

FOUND = (Verdict.VIOLATED, Verdict.ERROR, Verdict.REFUSED)
LIKELY = {
    "batch": ("layer.batch",),
    "beyond": (
        *("beyond.projection", "beyond.peepholes", "beyond.coupled-gates", "beyond.clipped-sums"),
        *("beyond.clipped-cell", "beyond.dropout-off"),
    ),
    "bias": ("layer.options", "deep.stacked", "bi.two-passes"),
    "calls": ("layer.repeatable",),
    "count": ("compare.parameters", "deep.parameters", "bi.parameters"),
    "directions": ("bi.two-passes",),
    "dtype": ("layer.dtype",),
    "gradients": ("layer.gradients", "lstm.trained"),
    "gru": ("gru.step",),
    "layers": ("deep.stacked",),
    "lengths": ("layer.padding",),
    "lstm": ("lstm.cell-state", "lstm.hidden-state"),
    "numerics": ("layer.accuracy", "layer.nan"),
    "order": ("lstm.cell-state", "gru.step"),
    "size": ("rnn.step", "gru.step", "lstm.cell-state", "lstm.hidden-state", "deep.stacked"),
    "states": ("layer.initial-state", "layer.final-state"),
    "ways": ("layer.paths", "layer.layout"),
    "weights": ("layer.options", "deep.stacked", "bi.two-passes"),
}
"""The claims to begin with, by family: it only saves time. The order says nothing else."""


@dataclass
class Hunt:
    """What a hunt came to."""

    mutant: str
    seed: int
    claim: str = ""
    """The claim that found the mutant; empty where none did."""
    found: float = 0.0
    """Seconds until a case failed, or until all claims were tried."""
    shrunk: float = 0.0
    """Seconds that were then taken to make the case smaller."""
    units: int = 0
    steps: int = 0
    rows: int = 0
    weights: int = 0
    """Numbers in the weights that are not zero."""


def checked() -> list[Claim]:
    """The claims that are checked, in the order of the cards."""
    return [claim for claim in CLAIMS.values() if claim.kind != "finding"]


def claims_for(family: str) -> Iterator[Claim]:
    """All claims that are checked, those that speak of a family first."""
    likely = LIKELY.get(family, ())
    yield from (CLAIMS[label] for label in likely)
    yield from (claim for claim in checked() if claim.id not in likely)


def hunted(name: str, profile: str, seed: int) -> Hunt:
    """Hunt a mutant."""
    hunt, started = Hunt(name, seed), time.monotonic()
    for claim in claims_for(MUTANTS[name].family):

        def progress(outcome: Outcome) -> None:
            if outcome.verdict in FOUND and not hunt.found:
                hunt.found = time.monotonic() - started

        outcome = search(claim, MUTANTS[name].layer(), profile, seed, progress)
        if outcome.verdict in FOUND:
            measured(hunt, outcome)
            hunt.shrunk = time.monotonic() - started - hunt.found
            return hunt
    hunt.found = time.monotonic() - started
    return hunt


def measured(hunt: Hunt, outcome: Outcome) -> None:
    """Note which claim found it, and how large the counterexample is."""
    case = outcome.case
    assert case is not None
    hunt.claim = outcome.claim.id
    hunt.units, hunt.steps, hunt.rows = case.network.units, case.steps, case.rows
    hunt.weights = sum(int(np.count_nonzero(w)) for w in case.weights.values())
