"""Wrong cell states and hidden states of an LSTM."""

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
    "gates-exchanged",
    "forget and input gate exchanged",
    lambda s, f, i, o, g, h, c: i * c + f * g,
    report="NX-AI/xlstm#98",
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
    report="Element-Research/rnn#13",
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
stepped(
    "adds-candidate",
    "input gate and candidate are added, not multiplied",
    lambda s, f, i, o, g, h, c: f * c + (i + g),
    report="MartinuzziFrancesco/torchrecurrent#22",
)
stepped(
    "offset-past-sigmoid",
    "1 is added to the forget gate after its sigmoid",
    lambda s, f, i, o, g, h, c: (f + 1.0) * c + i * g,
    report="apache/tvm#3410",
)
stepped(
    "peephole-past-sigmoid",
    "the output gate sees the cell state after its sigmoid",
    None,
    lambda s, f, i, o, g, c, old: (o + 0.25 * c) * s.tanh(c),
    report="Lasagne/Lasagne#448",
)
stepped(
    "candidate-out",
    "the candidate goes out, and not the cell state",
    None,
    lambda s, f, i, o, g, c, old: o * s.tanh(g),
    report="MartinuzziFrancesco/RecurrentLayers.jl#155",
)
stepped(
    "cell-out",
    "the cell state stands in the place of the hidden state",
    None,
    lambda s, f, i, o, g, c, old: c,
    report="microsoft/nni#2839",
)
