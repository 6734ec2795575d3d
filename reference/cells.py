"""The equations of the recurrent cells. They stand here, and nowhere else.

A cell takes a *drive* (what the input contributes to every gate: ``W x + b``), the *recurrent*
map (what the past contributes: ``U h + b``) and the state it enters with; it gives the state it
leaves with, hidden state first. Arrays are ``(..., units)``; a drive holds the cell's blocks side
by side, ``(..., blocks * units)``, in the order of ``network.BLOCKS``.

Only NumPy ufuncs, operators and the named ``operations`` are used, so that the same lines can be
read as numbers, as bounds, or as formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit

from rnnspec.reference.network import Network
from rnnspec.reference.operations import either, split

sigmoid = expit
tanh = np.tanh


def relu(x: Any) -> Any:
    """The rectifier, ``max(x, 0)``."""
    return np.maximum(x, 0)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"tanh": tanh, "relu": relu}


def rnn(drive: Any, recurrent: Any, h: Any, *, activation: str = "tanh") -> tuple[Any]:
    """The simple unit: it adds the effects of input and past, and squashes (card 1; Elman 1990)."""
    return (ACTIVATIONS[activation](drive + recurrent(h)),)


def lstm(drive: Any, recurrent: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """Long short-term memory with a forget gate (cards 1 to 6; Gers et al. 2000, eq. 3 to 6)."""
    forget, input, candidate, output = split(drive + recurrent(h), 4)
    c = sigmoid(forget) * c + sigmoid(input) * tanh(candidate)
    h = sigmoid(output) * tanh(c)
    return h, c


UPDATES: tuple[Callable[[Any, Any, Any], Any], ...] = (
    lambda z, n, h: (1 - z) * n + z * h,
    lambda z, n, h: n + z * (h - n),
)
"""The two ways to write the update of a GRU; they differ in rounding only."""


def gru(drive: Any, recurrent: Any, h: Any, *, reset: str = "after") -> tuple[Any]:
    """The gated recurrent unit (card 7; Cho et al. 2014, eq. 5 to 8).

    ``reset`` says what the reset gate is applied to: the past *before* the recurrent product
    (the paper's first version), or its product *after* (its third version, and cuDNN).
    """
    reset_drive, update_drive, candidate_drive = split(drive, 3)
    r = sigmoid(reset_drive + recurrent(h, "reset"))
    z = sigmoid(update_drive + recurrent(h, "update"))
    past = r * recurrent(h, "candidate") if reset == "after" else recurrent(r * h, "candidate")
    n = tanh(candidate_drive + past)
    return (either(UPDATES, z, n, h),)


def step(network: Network) -> Callable[..., tuple[Any, ...]]:
    """The one step of a network's cell: ``step(drive, recurrent, *states) -> states``."""
    match network.cell:
        case "rnn":
            return lambda *given: rnn(*given, activation=network.activation)
        case "lstm":
            return lstm
        case _:
            return lambda *given: gru(*given, reset=network.reset)
