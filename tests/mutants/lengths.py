"""Wrong lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array
from tests.mutants.flow import inside, returned, told
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain


def lengths(name: str, what: str, change: Callable[[Any, Case], Any], report: str = "") -> None:
    """Other lengths than those given."""
    told(
        name,
        what,
        lambda case: (
            case
            if case.lengths is None
            else case.changed(
                lengths=np.clip(change(case.lengths, case), 0, case.steps).astype(np.int64)
            )
        ),
        report,
    )


told(
    "lengths.ignored",
    "lengths are accepted and ignored",
    lambda case: (
        case.changed(lengths=None, inputs=np.nan_to_num(case.inputs))
        if case.lengths is not None
        else case
    ),
    report="apache/mxnet#19323",
)
lengths("lengths.one-more", "one padded step is taken", lambda ends, case: ends + 1)
lengths(
    "lengths.one-less",
    "the last valid step is left out",
    lambda ends, case: np.maximum(ends - 1, 1),
)
lengths(
    "lengths.of-row-0",
    "the first row's length is taken for all",
    lambda ends, case: np.full_like(ends, ends[0]),
)
lengths(
    "lengths.longest",
    "all rows are as long as the longest",
    lambda ends, case: np.full_like(ends, ends.max(initial=0)),
)
lengths(
    "lengths.shortest",
    "all rows are as short as the shortest",
    lambda ends, case: np.full_like(ends, ends.min(initial=case.steps)),
)
lengths(
    "lengths.sorted", "lengths are sorted, rows are not", lambda ends, case: np.sort(ends)[::-1]
)
lengths(
    "lengths.one-is-all",
    "a length of 1 is taken for no padding",
    lambda ends, case: np.where(ends == 1, case.steps, ends),
)


told(
    "lengths.read-as-zeros",
    "padding is set to zero, and then read as any step",
    lambda case: case.changed(lengths=None, inputs=np.where(inside(case), case.inputs, 0)),
    report="keras-team/keras#1300",
)


class _ThroughPadding(Plain):
    """Some of what is computed takes the padded steps, too, from zeros."""

    def through(
        self, below: Array, layer: int, direction: str, before: list[Array]
    ) -> tuple[Array, list[Array]]:
        """As if there were no lengths."""
        whole = self.case
        if whole.lengths is None:
            return super().passed(below, layer, direction, before)
        self.case = whole.changed(lengths=None)
        try:
            return super().passed(np.nan_to_num(below), layer, direction, before)
        finally:
            self.case = whole


class _Backward(_ThroughPadding):
    def passed(
        self, below: Array, layer: int, direction: str, before: list[Array]
    ) -> tuple[Array, list[Array]]:
        passed = self.through if direction == "backward" else super().passed
        return passed(below, layer, direction, before)


class _Finals(_ThroughPadding):
    def passed(
        self, below: Array, layer: int, direction: str, before: list[Array]
    ) -> tuple[Array, list[Array]]:
        outputs, _ = super().passed(below, layer, direction, before)
        return outputs, self.through(below, layer, direction, before)[1]


mutant(
    "lengths.backward-from-the-end",
    "the backward direction begins in the padding",
    report="onnx/onnx-tensorflow#342",
    base=_Backward,
)
mutant(
    "lengths.finals-past-the-end",
    "outputs stop at the end of a row, states go on",
    report="jax-ml/jax#15169",
    base=_Finals,
)


class _Multiplied(Plain):
    """The state past the end is multiplied by 0, and the one before it by 1."""

    def passed(
        self, below: Array, layer: int, direction: str, before: list[Array]
    ) -> tuple[Array, list[Array]]:
        if self.case.lengths is None:
            return super().passed(below, layer, direction, before)
        outputs = np.zeros((*below.shape[:2], self.case.network.units))
        now = before
        for t in self.order(self.case.steps, direction):
            after, valid = self.step(below[t], now, layer, direction, t), self.valid(self.case, t)
            now = [valid * a + (1 - valid) * s for a, s in zip(after, now, strict=True)]
            outputs[t] = np.where(valid, now[0], 0.0)
        return outputs, now


mutant(
    "lengths.multiplied-away",
    "padding is multiplied by 0, so NaN in it spreads",
    base=_Multiplied,
    report="keras-team/keras#449",
)
returned(
    "lengths.outputs-not-zero",
    "past the end stands what was computed there",
    lambda case, answer: replace(answer, outputs=answer.outputs + np.where(inside(case), 0, 1.0)),
    report="microsoft/onnxruntime#1193",
)
