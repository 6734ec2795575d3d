"""Wrong states, steps, rows, layers, directions and lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.operations import Array
from rnnspec.spec.interventions import turned
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain


def told(name: str, what: str, change: Callable[[Case], Case], report: str = "") -> None:
    """The layer makes something else of what it is asked."""
    mutant(name, what, report, told=lambda self, case: change(case))


def returned(
    name: str, what: str, change: Callable[[Case, Answer], Answer], report: str = ""
) -> None:
    """The layer gives back something else than it found."""
    mutant(name, what, report, returned=lambda self, case, answer: change(case, answer))


def states(case: Case, change: Callable[[str, Array], Array]) -> Case:
    """A case with its given initial states changed."""
    return case.changed(states={name: change(name, s) for name, s in case.states.items()})


def finals(answer: Answer, change: Callable[[str, Array], Array]) -> Answer:
    """An answer with its final states changed."""
    return replace(answer, states={name: change(name, s) for name, s in answer.states.items()})


# ---- states

told(
    "states.ignored",
    "initial states are accepted and ignored",
    lambda case: case.changed(states={}),
)
told(
    "states.hidden-ignored",
    "the initial hidden state is ignored",
    lambda case: states(case, lambda name, s: 0 * s if name == "hidden" else s),
)
told(
    "states.cell-ignored",
    "the initial cell state is ignored",
    lambda case: states(case, lambda name, s: 0 * s if name == "cell" else s),
)
told(
    "states.exchanged",
    "hidden and cell state are exchanged on the way in",
    lambda case: case.changed(
        states={
            {"hidden": "cell", "cell": "hidden"}[name] if len(case.network.states) > 1 else name: s
            for name, s in case.states.items()
        }
    ),
)
told(
    "states.upper-ignored",
    "the initial states of upper layers are ignored",
    lambda case: states(
        case,
        lambda name, s: np.concatenate(
            [s[: len(case.network.directions)], 0 * s[len(case.network.directions) :]]
        ),
    ),
)
told(
    "states.backward-ignored",
    "the initial states of the second direction are ignored",
    lambda case: (
        states(case, lambda name, s: s * (1 - np.arange(len(s)) % 2)[:, None, None])
        if case.network.direction == "both"
        else case
    ),
)
told(
    "states.of-row-0",
    "every row starts from the state of the first",
    lambda case: states(case, lambda name, s: np.repeat(s[:, :1], s.shape[1], 1)),
)
told(
    "states.by-direction",
    "states are ordered by direction, then by layer",
    lambda case: states(
        case, lambda name, s: s[np.arange(len(s)).reshape(case.network.layers, -1).T.ravel()]
    ),
)
told(
    "states.ones-where-missing",
    "missing states are ones",
    lambda case: case.changed(
        states={
            name: case.states.get(name, np.ones(case.state_shape)) for name in case.network.states
        }
    ),
)
told(
    "states.ignored-with-lengths",
    "with lengths, initial states are ignored",
    lambda case: case if case.lengths is None else case.changed(states={}),
)
told(
    "states.all-or-none",
    "one missing state makes the other one be ignored",
    lambda case: case if len(case.states) == len(case.network.states) else case.changed(states={}),
)
returned(
    "states.final-is-initial",
    "the initial states come back",
    lambda case, answer: finals(answer, lambda name, s: case.state(name)),
)
returned(
    "states.final-zero",
    "final states are zero",
    lambda case, answer: finals(answer, lambda name, s: 0 * s),
)
returned(
    "states.final-exchanged",
    "hidden and cell state come back exchanged",
    lambda case, answer: finals(
        answer,
        lambda name, s: answer.states[
            {"hidden": "cell", "cell": "hidden"}[name] if len(answer.states) > 1 else name
        ],
    ),
)
returned(
    "states.cell-squashed",
    "the cell state comes back squashed",
    lambda case, answer: finals(answer, lambda name, s: np.tanh(s) if name == "cell" else s),
)
returned(
    "states.top-only",
    "every layer's state comes back as the top one's",
    lambda case, answer: finals(
        answer,
        lambda name, s: np.tile(s[-len(case.network.directions) :], (case.network.layers, 1, 1)),
    ),
)
returned(
    "states.one-step-early",
    "the final hidden state is that of the step before the last",
    lambda case, answer: finals(
        answer,
        lambda name, s: (
            answer.outputs[-2][None]
            if name == "hidden"
            and case.steps > 1
            and case.lengths is None
            and (case.network.layers, case.network.direction) == (1, "forward")
            else s
        ),
    ),
)
returned(
    "states.backward-at-the-end",
    "of the second direction, the output of the last step",
    lambda case, answer: finals(
        answer,
        lambda name, s: (
            np.concatenate([s[:-1], answer.outputs[-1:, :, case.network.units :]])
            if name == "hidden" and case.network.direction == "both"
            else s
        ),
    ),
)
returned(
    "states.padded-end",
    "with lengths, the hidden state is the output of the last step",
    lambda case, answer: finals(
        answer,
        lambda name, s: (
            answer.outputs[-1:]
            if name == "hidden"
            and case.lengths is not None
            and (case.network.layers, case.network.direction) == (1, "forward")
            else s
        ),
    ),
)

# ---- steps

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
stepped("time.no-memory", "every step starts from zeros", lambda self, t, s: 0 * s)
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
stepped(
    "batch.mixed",
    "rows share the mean of their states",
    lambda self, t, s: np.repeat(s.mean(0, keepdims=True), len(s), 0),
)
stepped(
    "batch.rows-exchanged",
    "two rows exchange their states at every step",
    lambda self, t, s: s[::-1],
)

# ---- rows

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
        answer, outputs=answer.outputs - 0.01 * answer.outputs.mean(1, keepdims=True)
    ),
)
returned(
    "batch.states-turned",
    "final states come back with their rows turned round",
    lambda case, answer: finals(answer, lambda name, s: s[:, ::-1]),
)

# ---- layers


def merged(name: str, what: str, change: Any, report: str = "") -> None:
    """What a layer passes on: a function of what is below, the whole, the layer and H."""

    def merge(self: Plain, below: Array, halves: Any, layer: int) -> Array:
        whole = Plain.merged(self, below, halves, layer)
        return np.asarray(change(below, whole, layer, self.case.network.units))

    mutant(name, what, report, merged=merge)


merged(
    "layers.residual",
    "where sizes agree, a layer adds its input to its output",
    lambda below, whole, layer, units: whole + below if below.shape == whole.shape else whole,
)
merged(
    "layers.dropout",
    "what a layer passes on is scaled by 0.9",
    lambda below, whole, layer, units: 0.9 * whole,
)
merged(
    "layers.squashed-between",
    "what a layer passes on is squashed once more",
    lambda below, whole, layer, units: np.tanh(whole),
)
merged(
    "layers.normalised",
    "what a layer passes on is normalised",
    lambda below, whole, layer, units: whole - whole.mean(-1, keepdims=True),
)
merged(
    "layers.skips",
    "where sizes agree, the second layer reads the input of the first",
    lambda below, whole, layer, units: (
        below if layer == 0 and below.shape == whole.shape else whole
    ),
)
merged(
    "directions.exchanged",
    "the second direction's half comes first",
    lambda below, whole, layer, units: (
        np.roll(whole, units, -1) if whole.shape[-1] > units else whole
    ),
)
merged(
    "directions.second-is-first",
    "the second half repeats the first",
    lambda below, whole, layer, units: np.tile(whole[..., :units], whole.shape[-1] // units),
)
merged(
    "directions.summed",
    "both halves hold the sum of the directions",
    lambda below, whole, layer, units: (
        np.tile(whole[..., :units] + whole[..., units:], 2) if whole.shape[-1] > units else whole
    ),
)
merged(
    "directions.interleaved",
    "units of the two directions alternate",
    lambda below, whole, layer, units: (
        whole.reshape(*whole.shape[:2], -1, units).swapaxes(2, 3).reshape(whole.shape)
    ),
)
merged(
    "directions.upper-reads-first",
    "the layer above reads the first direction alone",
    lambda below, whole, layer, units: np.where(np.arange(whole.shape[-1]) < units, whole, 0),
)

# ---- directions

mutant(
    "directions.not-turned",
    "the second direction reads from the beginning, too",
    order=lambda self, steps, direction: range(steps),
)
returned(
    "directions.not-turned-back",
    "what goes backwards comes out in the order of processing",
    lambda case, answer: (
        replace(
            answer,
            outputs=np.concatenate(
                [
                    answer.outputs[..., : case.network.units],
                    turned(answer.outputs, case)[..., case.network.units :],
                ],
                -1,
            ),
        )
        if case.network.direction == "both"
        else answer
    ),
)
returned(
    "directions.backward-not-turned-back",
    "a backward layer's outputs stand the wrong way",
    lambda case, answer: (
        replace(answer, outputs=turned(answer.outputs, case))
        if case.network.direction == "backward"
        else answer
    ),
)
told(
    "directions.backward-ignored",
    "a backward layer goes forward",
    lambda case: (
        case.changed(
            network=replace(case.network, direction="forward"),
            weights={at._replace(direction="forward"): w for at, w in case.weights.items()},
        )
        if case.network.direction == "backward"
        else case
    ),
)
told(
    "directions.states-exchanged",
    "each direction starts from the other's states",
    lambda case: (
        states(case, lambda name, s: s[np.arange(len(s)).reshape(-1, 2)[:, ::-1].ravel()])
        if case.network.direction == "both"
        else case
    ),
)

# ---- lengths


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


class _ThroughPadding(Plain):
    """The backward direction takes the padded steps, too, from zeros."""

    def passed(
        self, below: Array, layer: int, direction: str, before: list[Array]
    ) -> tuple[Array, list[Array]]:
        whole = self.case
        if direction == "backward" and whole.lengths is not None:
            self.case = whole.changed(lengths=None)
            below = np.nan_to_num(below)
        try:
            return super().passed(below, layer, direction, before)
        finally:
            self.case = whole


mutant(
    "lengths.backward-from-the-end",
    "the backward direction begins in the padding",
    base=_ThroughPadding,
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
    "lengths.multiplied-away", "padding is multiplied by 0, so NaN in it spreads", base=_Multiplied
)
returned(
    "lengths.outputs-not-zero",
    "past the end stands what was computed there",
    lambda case, answer: (
        replace(
            answer,
            outputs=answer.outputs
            + np.where(np.arange(case.steps)[:, None, None] < case.lengths[:, None], 0, 1.0),
        )
        if case.lengths is not None
        else answer
    ),
)
