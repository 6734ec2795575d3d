"""Wrong LSTMs."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnspec.reference.operations import Array
from tests.mutants.mutant import mutant
from tests.mutants.plain import Blocks, Plain


def gates(layer: Plain, of: Blocks) -> tuple[Array, Array, Array, Array]:
    """Forget, input, output and candidate, as they should be."""
    f, i, o = (layer.sigmoid(of[block]) for block in ("forget", "input", "output"))
    return f, i, o, layer.tanh(of["candidate"])


def stepped(name: str, what: str, cell: Any, hidden: Any = None, report: str = "") -> None:
    """A wrong cell state, or a wrong hidden state: functions of layer, f, i, o, g, h and c."""

    def lstm(self: Plain, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
        f, i, o, g = gates(self, of)
        new = f * c + i * g if cell is None else cell(self, f, i, o, g, h, c)
        new = self.round(new)
        out = o * self.tanh(new) if hidden is None else hidden(self, f, i, o, g, new, c)
        return self.round(out), new

    mutant(f"lstm.{name}", what, report, lstm=lstm)


stepped(
    "all-is-kept",
    "the old cell state is not forgotten: the LSTM of 1997",
    lambda s, f, i, o, g, h, c: c + i * g,
)
stepped("all-is-let-in", "the input gate is left out", lambda s, f, i, o, g, h, c: f * c + g)
stepped("coupled", "the input gate is 1 - forget", lambda s, f, i, o, g, h, c: f * c + (1 - f) * g)
stepped(
    "coupled-to-input",
    "the forget gate is 1 - input",
    lambda s, f, i, o, g, h, c: (1 - i) * c + i * g,
)
stepped(
    "forgets-what-it-keeps",
    "the forget gate is read as 1 - forget",
    lambda s, f, i, o, g, h, c: (1 - f) * c + i * g,
)
stepped(
    "lets-in-what-it-keeps-out",
    "the input gate is read as 1 - input",
    lambda s, f, i, o, g, h, c: f * c + (1 - i) * g,
)
stepped(
    "gates-exchanged", "forget and input gate exchanged", lambda s, f, i, o, g, h, c: i * c + f * g
)
stepped(
    "hidden-for-cell",
    "the forget gate keeps the hidden state",
    lambda s, f, i, o, g, h, c: f * h + i * g,
)
stepped("subtracts", "the candidate is taken away", lambda s, f, i, o, g, h, c: f * c - i * g)
stepped(
    "output-in-cell",
    "the output gate acts on the cell state, too",
    lambda s, f, i, o, g, h, c: o * (f * c + i * g),
)
stepped(
    "input-on-all", "the input gate acts on the sum", lambda s, f, i, o, g, h, c: i * (f * c + g)
)
stepped("no-candidate", "what is let in is the gate alone", lambda s, f, i, o, g, h, c: f * c + i)
stepped(
    "cell-squashed",
    "the cell state is squashed before it is kept",
    lambda s, f, i, o, g, h, c: np.tanh(f * c + i * g),
)
stepped(
    "cell-clipped",
    "the cell state is clipped at 3, as some runtimes can be told to",
    lambda s, f, i, o, g, h, c: np.clip(f * c + i * g, -3, 3),
)
stepped(
    "cell-forgotten-by-mean",
    "all units forget by the mean of the forget gates",
    lambda s, f, i, o, g, h, c: f.mean(-1, keepdims=True) * c + i * g,
)
stepped(
    "cell-turned",
    "a unit keeps the cell state of its neighbour",
    lambda s, f, i, o, g, h, c: f * np.roll(c, 1, -1) + i * g,
)
stepped(
    "no-output-gate", "the output gate is left out", None, lambda s, f, i, o, g, c, old: s.tanh(c)
)
stepped(
    "no-second-tanh",
    "the cell state is not squashed on its way out",
    None,
    lambda s, f, i, o, g, c, old: o * c,
)
stepped(
    "tanh-of-product",
    "squashed after the output gate",
    None,
    lambda s, f, i, o, g, c, old: s.tanh(o * c),
)
stepped(
    "old-cell-out",
    "the hidden state is of the old cell state",
    None,
    lambda s, f, i, o, g, c, old: o * s.tanh(old),
)
stepped(
    "sigmoid-out",
    "the cell state is squashed by a sigmoid",
    None,
    lambda s, f, i, o, g, c, old: o * s.sigmoid(c),
)
stepped(
    "shows-what-it-hides",
    "the output gate is read as 1 - output",
    None,
    lambda s, f, i, o, g, c, old: (1 - o) * s.tanh(c),
)
stepped(
    "forget-gate-out",
    "the forget gate opens the way out",
    None,
    lambda s, f, i, o, g, c, old: f * s.tanh(c),
)
stepped(
    "hidden-not-squashed-above-1",
    "the second tanh is a clip to [-1, 1]",
    None,
    lambda s, f, i, o, g, c, old: o * np.clip(c, -1, 1),
)


def summed(name: str, what: str, change: Any, report: str = "") -> None:
    """A wrong sum in a gate or in the candidate: a function of layer, sums, h and c."""

    def lstm(self: Plain, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
        return Plain.lstm(self, {**of, **change(self, of, h, c)}, h, c)

    mutant(f"lstm.{name}", what, report, lstm=lstm)


for gate in ("forget", "input", "output"):
    summed(
        f"peephole-{gate}",
        f"the {gate} gate sees the cell state",
        lambda s, of, h, c, gate=gate: {gate: of[gate] + 0.25 * c},
    )
    summed(
        f"offset-{gate}",
        f"1 is added in the {gate} gate, as some do for the forget gate",
        lambda s, of, h, c, gate=gate: {gate: of[gate] + 1.0},
    )
    summed(
        f"constant-{gate}",
        f"the {gate} gate reads nothing",
        lambda s, of, h, c, gate=gate: {gate: 0.0 * of[gate]},
    )
    summed(
        f"negative-{gate}",
        f"the sum of the {gate} gate has the wrong sign",
        lambda s, of, h, c, gate=gate: {gate: -of[gate]},
    )
    summed(
        f"shared-{gate}",
        f"one unit's {gate} gate decides for all",
        lambda s, of, h, c, gate=gate: {gate: np.repeat(of[gate][:, :1], h.shape[1], 1)},
    )


def squashed(name: str, what: str, block: str, function: Any) -> None:
    """Another function than sigmoid or tanh in one block."""

    def lstm(self: Plain, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
        f, i, o, g = gates(self, of)
        now = dict(zip(("forget", "input", "output", "candidate"), (f, i, o, g), strict=True))
        now[block] = self.round(function(self, of[block]))
        new = self.round(now["forget"] * c + now["input"] * now["candidate"])
        return self.round(now["output"] * self.tanh(new)), new

    mutant(f"lstm.{name}", what, lstm=lstm)


squashed("candidate-sigmoid", "the candidate is a sigmoid", "candidate", lambda s, x: s.sigmoid(x))
squashed("candidate-relu", "the candidate is a relu", "candidate", lambda s, x: np.maximum(x, 0))
squashed("candidate-plain", "the candidate is not squashed", "candidate", lambda s, x: x)
squashed("forget-tanh", "the forget gate is a tanh", "forget", lambda s, x: s.tanh(x))
squashed("input-tanh", "the input gate is a tanh", "input", lambda s, x: s.tanh(x))
squashed("output-tanh", "the output gate is a tanh", "output", lambda s, x: s.tanh(x))
squashed(
    "forget-hard", "the forget gate is a step", "forget", lambda s, x: np.where(x > 0, 1.0, 0.0)
)
squashed(
    "input-softmax",
    "the input gates share a sum of 1",
    "input",
    lambda s, x: (
        np.exp(x - x.max(-1, keepdims=True))
        / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)
    ),
)


def ordered(name: str, what: str, **places: str) -> None:
    """Parameters stand in the place of others: one family, all permutations of it."""
    mutant(
        f"order.{name}",
        what,
        told=lambda self, case: case.with_blocks(places) if case.network.cell == "lstm" else case,
    )


ordered(
    "lstm-forget-input",
    "input, forget, candidate, output read as forget, input, ...",
    forget="input",
    input="forget",
)
ordered(
    "lstm-candidate-output", "i, f, g, o read as i, f, o, g", candidate="output", output="candidate"
)
ordered("lstm-input-output", "input and output gate exchanged", input="output", output="input")
ordered(
    "lstm-cycle",
    "all four moved on by one",
    forget="input",
    input="candidate",
    candidate="output",
    output="forget",
)
ordered(
    "lstm-iofc",
    "i, o, f, c read as i, f, c, o",
    forget="output",
    candidate="forget",
    output="candidate",
)
