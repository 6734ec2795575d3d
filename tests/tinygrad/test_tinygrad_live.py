"""Cells of tinygrad that a program holds: read, and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.tinygrad_ import PARAMETERS, TinygradCell
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE
from tests.living import carried


@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_is_read_and_written(tinygrad: TinygradCell, bias: bool) -> None:
    from tinygrad.nn import LSTMCell

    def held(cell: Any) -> list[Any]:
        return [getattr(cell, name) for name in PARAMETERS if getattr(cell, name) is not None]

    def run(cell: Any, inputs: Array) -> Mapping[str, Array]:
        state, outputs = None, []
        for x in inputs:
            state = cell(tinygrad.tinygrad.Tensor(x.astype(np.float32)), state)
            outputs.append(state[0].numpy().astype(np.float64))
        return {"outputs": np.stack(outputs)}

    def numbers(cell: Any) -> list[Any]:
        return [np.array(each.numpy()) for each in held(cell)]

    one, other = LSTMCell(3, 5, bias=bias), LSTMCell(3, 5, bias=bias)
    before = held(other)
    _, layer = carried(one, other, run, numbers, ABSOLUTE)
    assert layer is other
    assert all(a is b for a, b in zip(before, held(other), strict=True))
