"""Wrong states, initial and final."""

from __future__ import annotations

import numpy as np

from tests.mutants.flow import finals, returned, states, told

told(
    "states.ignored",
    "initial states are accepted and ignored",
    lambda case: case.changed(states={}),
    report="neulab/xnmt#223",
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
    report="onnx/onnx-tensorflow#408",
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
    report="apple/coremltools#263",
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
    report="microsoft/nni#2842",
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
    report="yalesong/pvse#13",
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
    report="allenai/allennlp#1713",
)
told(
    "states.of-layer-0",
    "every layer starts from the states of the first",
    lambda case: states(
        case,
        lambda name, s: np.tile(s[: len(case.network.directions)], (case.network.layers, 1, 1)),
    ),
    report="pclucas14/GansFallingShort#2",
)
returned(
    "states.viewed",
    "final states are laid out by row, and read by layer",
    lambda case, answer: finals(answer, lambda name, s: s.swapaxes(0, 1).reshape(s.shape)),
    report="timbmg/Sentence-VAE#15",
)
