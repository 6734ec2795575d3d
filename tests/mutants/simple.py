"""Wrong simple units."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnspec.reference.operations import Array
from tests.mutants.mutant import mutant
from tests.mutants.plain import Plain


def unit(name: str, what: str, rnn: Any, report: str = "") -> None:
    """A wrong simple unit: a function of layer, drive and past."""
    mutant(f"rnn.{name}", what, report, rnn=lambda s, drive, past: s.round(rnn(s, drive, past)))


def right(s: Plain, total: Array) -> Array:
    """The activation that is asked for."""
    return np.maximum(total, 0) if s.case.network.activation == "relu" else s.tanh(total)


unit(
    "always-tanh",
    "relu is accepted and ignored",
    lambda s, d, p: s.tanh(d + p),
    report="onnx/tensorflow-onnx#2211",
)
unit("always-relu", "tanh is ignored", lambda s, d, p: np.maximum(d + p, 0))
unit("plain", "nothing squashes", lambda s, d, p: d + p)
unit("sigmoid", "squashed by a sigmoid", lambda s, d, p: s.sigmoid(d + p))
unit("relu-6", "relu is clipped at 6", lambda s, d, p: np.minimum(right(s, d + p), 6.0))
unit(
    "relu-leaks",
    "relu lets through 1 % of what is negative",
    lambda s, d, p: (
        np.maximum(d + p, 0.01 * (d + p)) if s.case.network.activation == "relu" else s.tanh(d + p)
    ),
)
unit("past-added-late", "the past is added after squashing", lambda s, d, p: right(s, d) + p)
unit("multiplies", "input and past are multiplied", lambda s, d, p: right(s, d * p))
unit("averages", "the mean of input and past", lambda s, d, p: right(s, (d + p) / 2))
unit("no-past", "the past is left out", lambda s, d, p: right(s, d))
unit("no-input", "the input is left out", lambda s, d, p: right(s, p))
unit(
    "hard-tanh",
    "tanh is a clip to [-1, 1]",
    lambda s, d, p: (
        np.maximum(d + p, 0) if s.case.network.activation == "relu" else np.clip(d + p, -1, 1)
    ),
)
