"""Answers, held to the equations."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll


def follows(adapter: Implementation, case: Case) -> Answer:
    """The answer, which must be within the bounds of the equations, and of numbers of the dtype."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    one = case.network.layers == 1 and answer.outputs is not None
    expected = unroll(case, read, anchors={0: answer.outputs} if one else None).parts()
    assert answer.parts()
    for name, part in answer.parts().items():
        off = np.abs(part - expected[name].value)
        if name == "outputs" and case.lengths is not None:
            off[np.arange(case.steps)[:, None] >= case.lengths] = 0.0
        assert part.shape == expected[name].shape
        assert np.array_equal(PRECISIONS[case.dtype].round(part), part)
        assert np.all(off <= expected[name].error), (str(case), name)
    return answer
