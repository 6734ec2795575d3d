"""Rows of a batch that are not independent, or not all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Answer, Case
from tests.mutants.flow import finals, returned, told
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain
from tests.mutants.steps import stepped

stepped(
    "batch.mixed",
    "rows share the mean of their states",
    lambda self, t, s: np.repeat(s.mean(0, keepdims=True), len(s), 0) if len(s) else s,
)
stepped(
    "batch.rows-exchanged",
    "two rows exchange their states at every step",
    lambda self, t, s: s[::-1],
)


told(
    "batch.first-row-everywhere",
    "every row reads the first one's inputs",
    lambda case: case.changed(inputs=np.repeat(case.inputs[:, :1], case.rows, 1)),
)
told(
    "batch.time-taken-for-rows",
    "where there are as many steps as rows, they are exchanged",
    lambda case: (
        case.changed(inputs=case.inputs.swapaxes(0, 1)) if case.steps == case.rows else case
    ),
)
returned(
    "batch.last-row-of-odd",
    "of 3 or 5 rows, the last output is the first row's",
    lambda case, answer: (
        replace(answer, outputs=np.concatenate([answer.outputs[:, :-1], answer.outputs[:, :1]], 1))
        if case.rows in (3, 5)
        else answer
    ),
)
returned(
    "batch.from-4",
    "from 4 rows on, the last one's output is zero",
    lambda case, answer: (
        replace(
            answer,
            outputs=np.where((np.arange(case.rows) == case.rows - 1)[:, None], 0, answer.outputs),
        )
        if case.rows >= 4
        else answer
    ),
)
returned(
    "batch.normalised",
    "rows are moved by their mean",
    lambda case, answer: replace(
        answer,
        outputs=answer.outputs - 0.01 * answer.outputs.sum(1, keepdims=True) / max(case.rows, 1),
    ),
)
returned(
    "batch.states-turned",
    "final states come back with their rows turned round",
    lambda case, answer: finals(answer, lambda name, s: s[:, ::-1]),
)


class _OneSequence(Plain):
    """The rows are read as one long sequence: each goes on from the end of the one before it."""

    def unrolled(self, case: Case) -> Answer:
        answers: list[Answer] = []
        for row in range(case.rows):
            one = slice(row, row + 1)
            states = {name: state[:, one] for name, state in case.states.items()}
            alone = case.changed(
                inputs=case.inputs[:, one],
                states=answers[-1].states if answers else states,
                lengths=None if case.lengths is None else case.lengths[one],
            )
            answers.append(super().unrolled(alone))
        if not answers:
            return super().unrolled(case)
        states = {n: np.concatenate([a.states[n] for a in answers], 1) for n in case.network.states}
        return Answer(np.concatenate([a.outputs for a in answers], 1), states)


mutant(
    "batch.one-sequence",
    "each row goes on from the final states of the row before it",
    report="onnx/keras-onnx#123",
    base=_OneSequence,
)
