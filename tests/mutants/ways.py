"""Other ways to a layer that are not the same layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from tests.mutants.mutant import mutant
from tests.mutants.weights import bias


def way(name: str, what: str, kind: str, change: Callable[[Case], Case], report: str = "") -> None:
    """Another way to the layer, which makes something else of a case."""

    def told(self: Any, case: Case) -> Case:
        return change(case) if self.ways.get(case.way) == kind else case

    mutant(name, what, report, told=told)


way(
    "ways.path-without-states",
    "another path starts from zeros",
    "path",
    lambda case: case.changed(states={}),
)
way(
    "ways.path-without-lengths",
    "another path ignores lengths",
    "path",
    lambda case: case.changed(lengths=None, inputs=np.nan_to_num(case.inputs)),
)
way(
    "ways.path-without-biases",
    "another path has no biases",
    "path",
    lambda case: case.with_weights(lambda at, w: 0 * w if bias(at) else w),
)
way(
    "ways.layout-mistaken",
    "batch first is read as time first where that fits",
    "layout",
    lambda case: (
        case.changed(inputs=case.inputs.swapaxes(0, 1)) if case.rows == case.steps else case
    ),
    report="openvinotoolkit/openvino#37819",
)
way(
    "ways.layout-strides-ignored",
    "memory is read in its order, whatever the strides",
    "layout",
    lambda case: case.changed(inputs=case.inputs.swapaxes(0, 1).reshape(case.inputs.shape)),
)
way(
    "ways.layout-row-0",
    "with another layout, lengths are those of the first row",
    "layout",
    lambda case: (
        case
        if case.lengths is None
        else case.changed(lengths=np.full_like(case.lengths, case.lengths[0]))
    ),
)


def turned_over(self: Any, case: Case, answer: Answer) -> Answer:
    """Batch first on the way in, time first on the way out."""
    if self.ways.get(case.way) != "layout" or case.rows != case.steps:
        return answer
    return replace(answer, outputs=answer.outputs.swapaxes(0, 1))


mutant(
    "ways.layout-not-given-back",
    "with batch first, outputs come back time first where that fits",
    report="pytorch/pytorch#80306",
    returned=turned_over,
)
