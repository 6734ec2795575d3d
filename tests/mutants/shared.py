"""Wrong equations that layer and reference share, as where one was written after the other.

What compares a layer with the reference cannot see them. The claims that need no reference do, and
so they guard the reference itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from rnnspec.reference import cells, unroll
from rnnspec.reference.case import Case
from rnnspec.reference.cells import tanh
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.operations import either, sigmoid, split

Wrong = Callable[..., Any]


def cell_state(wrong: Wrong) -> dict[str, Any]:
    """Another cell state: a function of f, i, g, o and c."""
    return {"rnnspec.reference.cells.cell_state": wrong}


def hidden_state(wrong: Wrong) -> dict[str, Any]:
    """Another hidden state of an LSTM: a function of f, i, g, o and c."""
    return {"rnnspec.reference.cells.hidden_state": wrong}


def updates(*wrong: Wrong) -> dict[str, Any]:
    """Another update of a GRU: functions of z, n and h."""
    return {"rnnspec.reference.cells.UPDATES": wrong}


def _gates_blind(drive: Any, recurrent: Any, h: Any) -> tuple[Any, ...]:
    forget, input, candidate, output = split(drive, 4)
    candidate = candidate + recurrent(h, "candidate")
    return sigmoid(forget), sigmoid(input), tanh(candidate), sigmoid(output)


def _one_gate(drive: Any, recurrent: Any, h: Any) -> tuple[Any, ...]:
    forget, _, candidate, output = split(drive + recurrent(h), 4)
    return sigmoid(forget), sigmoid(forget), tanh(candidate), sigmoid(output)


def _never_reset(
    drive: Any, recurrent: Any, h: Any, *, reset: str = "after", clip: cells.Change = cells.itself
) -> tuple[Any]:
    _, update, candidate = split(drive, 3)
    z = sigmoid(clip(update + recurrent(h, "update")))
    n = tanh(clip(candidate + recurrent(h, "candidate")))
    return (either(cells.UPDATES, z, n, h),)


def _multiplies(
    drive: Any,
    recurrent: Any,
    h: Any,
    *,
    activation: str = "tanh",
    clip: cells.Change = cells.itself,
) -> tuple[Any]:
    return (cells.ACTIVATIONS[activation](clip(drive * recurrent(h))),)


def _longer(case: Case) -> Any:
    if case.lengths is None:
        return None
    return np.arange(case.steps)[:, None, None] < case.lengths[:, None] + 1


def _unbiased(self: unroll.Affine, x: Any, block: str | None = None) -> Any:
    return x @ (self.whole[0] if block is None else self.matrices[block])


SHARED: dict[str, dict[str, Any]] = {
    "cell.forget-and-input-exchanged": cell_state(lambda f, i, g, o, c: i * c + f * g),
    "cell.coupled": cell_state(lambda f, i, g, o, c: f * c + (1 - f) * g),
    "cell.nothing-forgotten": cell_state(lambda f, i, g, o, c: c + i * g),
    "cell.all-let-in": cell_state(lambda f, i, g, o, c: f * c + g),
    "cell.output-gate-inside": cell_state(lambda f, i, g, o, c: f * c + o * g),
    "cell.squashed": cell_state(lambda f, i, g, o, c: tanh(f * c + i * g)),
    "hidden.no-output-gate": hidden_state(lambda f, i, g, o, c: tanh(c)),
    "hidden.not-squashed": hidden_state(lambda f, i, g, o, c: o * c),
    "hidden.gate-squashed-too": hidden_state(lambda f, i, g, o, c: tanh(o * c)),
    "gates.do-not-read-the-past": {"rnnspec.reference.cells.gates": _gates_blind},
    "gates.input-is-forget": {"rnnspec.reference.cells.gates": _one_gate},
    "update.inverted": updates(lambda z, n, h: z * n + (1 - z) * h),
    "update.not-convex": updates(lambda z, n, h: n + z * h),
    "reset.left-out": {"rnnspec.reference.cells.gru": _never_reset},
    "unit.multiplies": {"rnnspec.reference.cells.rnn": _multiplies},
    "unroll.not-turned": {
        "rnnspec.reference.unroll._Way.order": property(lambda way: range(way.case.steps))
    },
    "unroll.one-padded-step": {"rnnspec.reference.unroll.valid_steps": _longer},
    "unroll.biases-ignored": {"rnnspec.reference.unroll.Affine.__call__": _unbiased},
}
"""By name: what is put in the place of what."""


@contextmanager
def sharing(name: str) -> Iterator[ReferenceLayer]:
    """The reference as a layer, wrong in the same way as the reference that judges it."""
    with ExitStack() as stack:
        for place, wrong in SHARED[name].items():
            stack.enter_context(patch(place, wrong))
        yield ReferenceLayer()
