"""Wrong gates and candidates of an LSTM."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnspec.reference.operations import Array
from tests.mutants.lstm import gates
from tests.mutants.mutant import mutant
from tests.mutants.plain import Blocks, Plain


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


def squashed(name: str, what: str, block: str, function: Any, report: str = "") -> None:
    """Another function than sigmoid or tanh in one block."""

    def lstm(self: Plain, of: Blocks, h: Array, c: Array) -> tuple[Array, Array]:
        f, i, o, g = gates(self, of)
        now = dict(zip(("forget", "input", "output", "candidate"), (f, i, o, g), strict=True))
        now[block] = self.round(function(self, of[block]))
        new = self.round(now["forget"] * c + now["input"] * now["candidate"])
        return self.round(now["output"] * self.tanh(new)), new

    mutant(f"lstm.{name}", what, report, lstm=lstm)


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
squashed(
    "output-of-tanh",
    "the output gate is a sigmoid of a tanh",
    "output",
    lambda s, x: s.sigmoid(s.tanh(x)),
    report="google/e3d_lstm#17",
)
