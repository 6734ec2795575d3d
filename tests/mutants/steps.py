"""Wrong steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.operations import Array
from tests.mutants.flow import returned, told
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain

told(
    "time.late",
    "each step reads the input of the step before",
    lambda case: case.changed(inputs=np.roll(case.inputs, 1, 0)),
)
told(
    "time.last-step-repeated",
    "the last step reads the last input but one",
    lambda case: (
        case
        if case.steps < 2
        else case.changed(inputs=np.concatenate([case.inputs[:-1], case.inputs[-2:-1]]))
    ),
)
told(
    "time.turned",
    "the sequence is read from its end",
    lambda case: case.changed(inputs=case.inputs[::-1]),
)
told(
    "time.first-input-everywhere",
    "every step reads the first input",
    lambda case: case.changed(inputs=np.repeat(case.inputs[:1], case.steps, 0)),
)
returned(
    "time.outputs-late",
    "outputs are moved on by one step",
    lambda case, answer: replace(answer, outputs=np.roll(answer.outputs, 1, 0)),
)
returned(
    "time.last-output-everywhere",
    "the last output stands at every step",
    lambda case, answer: replace(
        answer,
        outputs=np.repeat(answer.outputs[-1:], case.steps, 0) if case.steps else answer.outputs,
    ),
    report="pytorch/pytorch#142303",
)
returned(
    "time.one-step-is-zero",
    "a sequence of one step gives zeros",
    lambda case, answer: replace(answer, outputs=0 * answer.outputs) if case.steps == 1 else answer,
)


def stepped(name: str, what: str, change: Any, report: str = "") -> None:
    """States are changed before a step: a function of the layer, the step and a state."""

    def step(
        self: Plain, x: Array, before: list[Array], layer: int, direction: str, t: int
    ) -> list[Array]:
        return Plain.step(self, x, [change(self, t, s) for s in before], layer, direction, t)

    mutant(name, what, report, step=step)


stepped(
    "time.reset-at-64", "the state is lost at step 64", lambda self, t, s: 0 * s if t == 64 else s
)
stepped("time.state-halved", "a state fades by 1 % at every step", lambda self, t, s: 0.99 * s)
stepped(
    "time.no-memory",
    "every step starts from zeros",
    lambda self, t, s: 0 * s,
    report="tracel-ai/burn#2701",
)
stepped(
    "time.odd-steps-forget",
    "every second step starts from zeros",
    lambda self, t, s: s if t % 2 == 0 else 0 * s,
)
stepped(
    "time.drifts-after-100",
    "from step 100 on, states are off by 1e-3",
    lambda self, t, s: s + 1e-3 * (t >= 100),
)
returned(
    "time.outputs-turned",
    "outputs stand in the opposite order",
    lambda case, answer: replace(answer, outputs=answer.outputs[::-1]),
    report="zhiyongc/GRU-D#5",
)


class _InPlace(Plain):
    """Units are computed one after the other, and written where the next one reads."""

    def step(
        self, x: Array, before: list[Array], layer: int, direction: str, t: int
    ) -> list[Array]:
        now = [state.copy() for state in before]
        for unit in range(self.case.network.units):
            after = super().step(x, now, layer, direction, t)
            for state, new in zip(now, after, strict=True):
                state[:, unit] = new[:, unit]
        return now


mutant(
    "time.updated-in-place",
    "a unit reads what the units before it are now, and not what they were",
    report="onnx/onnx-mlir#367",
    base=_InPlace,
)
