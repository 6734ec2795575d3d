"""Sums and cell states that are clipped wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.beyond import beyond, passing
from tests.mutants.flow import finals
from tests.mutants.plain import Blocks, Plain
from tests.mutants.variant import Variant, within

CANDIDATES = ("candidate", "hidden")


def sums(
    name: str, what: str, clipped: Callable[[Array, float, str], Array], report: str = ""
) -> None:
    """Sums are clipped in another way: of the sum, the limit and the block."""

    def seen(self: Variant, total: Array, block: str) -> Array:
        limit = self.case.network.clip
        return self.round(clipped(total, limit, block)) if limit else total

    beyond(f"clip-{name}", what, "clip", report=report, clipped=seen)


sums(
    "ignored", "a limit of sums is accepted and ignored", lambda x, m, block: x, "sonos/tract#2751"
)
sums("above-only", "sums are clipped above only", lambda x, m, block: np.minimum(x, m))
sums("below-only", "sums are clipped below only", lambda x, m, block: np.maximum(x, -m))
sums("soft", "sums go to the limit gradually", lambda x, m, block: m * np.tanh(x / m))
sums("wraps", "a sum beyond the limit is zero", lambda x, m, block: np.where(np.abs(x) > m, 0.0, x))
sums(
    "of-gates-alone",
    "the sum of the candidate is not clipped",
    lambda x, m, block: x if block in CANDIDATES else np.clip(x, -m, m),
)
sums(
    "of-candidates-alone",
    "the sums of the gates are not clipped",
    lambda x, m, block: np.clip(x, -m, m) if block in CANDIDATES else x,
)


def as_it_is(self: Variant, total: Array, block: str) -> Array:
    return total


def apart(self: Variant, drive: Array, past: Array, block: str) -> Array:
    limit = self.case.network.clip
    return Plain.added(self, within(drive, limit), within(past, limit), block)


beyond(
    "clip-of-parts",
    "input and past are clipped each, and their sum is not",
    "clip",
    added=apart,
    clipped=as_it_is,
)
beyond(
    "clip-of-values",
    "gates and candidate are clipped, and not what they see",
    "clip",
    clipped=as_it_is,
    sigmoid=lambda self, x: within(Plain.sigmoid(self, x), self.case.network.clip),
    tanh=lambda self, x: within(Plain.tanh(self, x), self.case.network.clip),
)
beyond(
    "clip-of-cell-states",
    "the limit of sums clips the cell state",
    "clip",
    report="tracel-ai/burn#4106",
    clipped=as_it_is,
    kept=lambda self, whole: within(whole, self.case.network.clip),
)


def peeped_late(self: Variant, total: Array, block: str, c: Array) -> Array:
    weight = self.weight(Place(*self.at[:2], block, "peephole"))
    total = self.clipped(total, block)
    return total if weight is None else self.peeped(total, weight, c)


beyond(
    "clip-before-peepholes",
    "sums are clipped before peepholes add to them",
    *("clip", "peepholes"),
    seen=peeped_late,
)
passing("clip-slope", "the way back goes on where a sum is clipped", "clip")


# ---- cell states


def cell(name: str, what: str, kept: Callable[[Array, float], Array]) -> None:
    """The new cell state is clipped in another way."""

    def clipped(self: Variant, whole: Array) -> Array:
        limit = self.case.network.cell_clip
        return self.round(kept(whole, limit)) if limit else whole

    beyond(f"cell-clip-{name}", what, "cell_clip", kept=clipped)


cell("ignored", "a limit of the cell state is accepted and ignored", lambda c, m: c)
cell("above-only", "cell states are clipped above only", lambda c, m: np.minimum(c, m))
cell("squashes", "cell states are squashed to the limit", lambda c, m: m * np.tanh(c / m))


def shown_only(self: Variant, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
    step = self.computed(of, c)
    return self.projected(self.shown(step.output, step.cell)), step.whole


def not_shown(self: Variant, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
    step = self.computed(of, c)
    return self.projected(self.shown(step.output, step.whole)), step.cell


beyond(
    "cell-clip-shown-only",
    "the cell state is clipped where it is shown, and carried whole",
    "cell_clip",
    lstm=shown_only,
)
beyond(
    "cell-clip-not-shown",
    "the cell state is clipped where it is carried, and shown whole",
    "cell_clip",
    lstm=not_shown,
)


def before_new(self: Variant, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
    old = within(self.round(forget * c), self.case.network.cell_clip)
    return self.round(old + self.round(input * candidate))


def of_new(self: Variant, forget: Array, c: Array, input: Array, candidate: Array) -> Array:
    new = within(self.round(input * candidate), self.case.network.cell_clip)
    return self.round(self.round(forget * c) + new)


beyond(
    "cell-clip-before-new",
    "what is kept is clipped before anything is added",
    "cell_clip",
    remembered=before_new,
    kept=lambda self, whole: whole,
)
beyond(
    "cell-clip-of-new",
    "what is let in is clipped, and not what becomes of it",
    "cell_clip",
    remembered=of_new,
    kept=lambda self, whole: whole,
)


def at_the_end(self: Variant, case: Case, answer: Answer) -> Answer:
    limit = case.network.cell_clip
    return finals(answer, lambda name, state: within(state, limit) if name == "cell" else state)


beyond(
    "cell-clip-at-the-end",
    "the cell state that is returned is clipped, and no other",
    "cell_clip",
    kept=lambda self, whole: whole,
    returned=at_the_end,
)
passing(
    "cell-clip-slope",
    "the way back goes on where a cell state is clipped",
    "cell_clip",
    "allenai/allennlp#862",
)
