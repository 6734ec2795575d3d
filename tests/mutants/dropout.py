"""Layers that drop out at inference, or scale as if they had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.beyond import beyond
from tests.mutants.variant import Variant


def dropping(name: str, what: str, report: str = "", **parts: Any) -> None:
    """A layer with dropout."""
    beyond(f"dropout-{name}", what, report=report, ways=Variant.ways, **parts)


def told(name: str, what: str, change: Callable[[Case], Case], report: str = "") -> None:
    """It makes something else of a case that it is called with for inference."""

    def changed(self: Variant, case: Case) -> Case:
        return change(case) if self.ways.get(case.way) == "inference" else case

    dropping(name, what, report, told=changed)


def weights(
    name: str, what: str, change: Callable[[Place, Array], Array], report: str = ""
) -> None:
    """The same, of the weights."""
    told(name, what, lambda case: case.with_weights(change), report)


def but_first(array: Array) -> Array:
    """What reads the first of all inputs, or units, does not."""
    return np.concatenate([0 * array[..., :1], array[..., 1:]], axis=-1)


def but_some(array: Array) -> Array:
    """Every other number is gone."""
    return np.where(np.arange(array.size).reshape(array.shape) % 2, array, 0.0)


told(
    "of-inputs",
    "the first input is dropped at inference",
    lambda case: case.changed(inputs=but_first(case.inputs)),
)
told(
    "scales-inputs",
    "inputs count half at inference",
    lambda case: case.changed(inputs=0.5 * case.inputs),
)
weights(
    "of-past",
    "the first unit of the past is dropped at inference",
    lambda at, w: but_first(w) if at.part == "recurrent" else w,
    "tflearn/tflearn#192",
)
weights(
    "of-weights-stays",
    "recurrent weights that were dropped in training do not come back",
    lambda at, w: but_some(w) if at.part == "recurrent" else w,
    "keitakurita/Better_LSTM_PyTorch#7",
)
weights(
    "scales-past",
    "the past counts half at inference",
    lambda at, w: 0.5 * w if at.part == "recurrent" else w,
)
weights(
    "between-layers",
    "what a layer reads of the one below is dropped in part at inference",
    lambda at, w: but_first(w) if at.part == "input" and at.layer else w,
    "srvk/eesen#41",
)


def half(self: Variant, case: Case, answer: Answer) -> Answer:
    told = self.ways.get(case.way) == "inference"
    return replace(answer, outputs=0.5 * answer.outputs) if told else answer


dropping("scales-outputs", "outputs count half at inference", returned=half)
