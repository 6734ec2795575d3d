"""The equations of the recurrent cells. They stand here, and nowhere else.

A cell takes a *drive* (what the input contributes to every gate: ``W x + b``), the *recurrent*
map (what the past contributes: ``U h + b``) and the state it enters with. Arrays are
``(..., units)``; a drive holds the cell's blocks side by side, ``(..., blocks * units)``, in the
order of ``network.BLOCKS``. A step has up to three parts: what input and hidden state decide, the
cell state that follows, and the new hidden state. So where hidden states are known, the first and
the last part can be read for all steps at once.

Only NumPy ufuncs, operators and the named ``operations`` are used, so that the same lines can be
read as numbers, as bounds, or as formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from rnnspec.reference.network import Network
from rnnspec.reference.operations import clipped, either, product, sigmoid, split

tanh = np.tanh
Change = Callable[[Any], Any]


def itself(x: Any) -> Any:
    """What is as it is."""
    return x


def relu(x: Any) -> Any:
    """The rectifier, ``max(x, 0)``."""
    return np.maximum(x, 0)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"tanh": tanh, "relu": relu}


def rnn(
    drive: Any, recurrent: Any, h: Any, *, activation: str = "tanh", clip: Change = itself
) -> tuple[Any]:
    """The simple unit: it adds the effects of input and past, and squashes (card 1; Elman 1990)."""
    return (ACTIVATIONS[activation](clip(drive + recurrent(h))),)


def gates(drive: Any, recurrent: Any, h: Any) -> tuple[Any, Any, Any, Any]:
    """An LSTM's gates and candidate (cards 1 to 4; Gers et al. 2000, eq. 3 to 5)."""
    forget, input, candidate, output = split(drive + recurrent(h), 4)
    return sigmoid(forget), sigmoid(input), tanh(candidate), sigmoid(output)


def cell_state(f: Any, i: Any, g: Any, o: Any, c: Any) -> Any:
    """What an LSTM keeps, and what it adds (card 5; Gers et al. 2000, eq. 6)."""
    return f * c + i * g


def hidden_state(f: Any, i: Any, g: Any, o: Any, c: Any) -> Any:
    """What an LSTM shows of its new cell state (card 6; Gers et al. 2000, eq. 6)."""
    return o * tanh(c)


UPDATES: tuple[Callable[[Any, Any, Any], Any], ...] = (
    lambda z, n, h: (1 - z) * n + z * h,
    lambda z, n, h: n + z * (h - n),
)
"""The two ways to write the update of a GRU; they differ in rounding only."""


def gru(
    drive: Any, recurrent: Any, h: Any, *, reset: str = "after", clip: Change = itself
) -> tuple[Any]:
    """The gated recurrent unit (card 7; Cho et al. 2014, eq. 5 to 8).

    ``reset`` says what the reset gate is applied to: the past *before* the recurrent product
    (the paper's first version), or its product *after* (its third version, and cuDNN).
    """
    reset_drive, update_drive, candidate_drive = split(drive, 3)
    r = sigmoid(clip(reset_drive + recurrent(h, "reset")))
    z = sigmoid(clip(update_drive + recurrent(h, "update")))
    past = r * recurrent(h, "candidate") if reset == "after" else recurrent(r * h, "candidate")
    n = tanh(clip(candidate_drive + past))
    return (either(UPDATES, z, n, h),)


class Cell(NamedTuple):
    """The parts of a step."""

    decided: Callable[..., tuple[Any, ...]]
    """``decided(drive, recurrent, h)``: what follows from the input and the hidden state."""
    carried: Callable[..., Any] | None
    """``carried(*decided, c)``: the new cell state, where there is one."""
    hidden: Callable[..., Any]
    """``hidden(*decided)`` or, with the new cell state, ``hidden(*decided, c)``."""

    def step(self, drive: Any, recurrent: Any, h: Any, *cells: Any) -> tuple[Any, ...]:
        """All of a step: the states that it leaves, hidden state first."""
        decided = self.decided(drive, recurrent, h)
        if self.carried is not None:
            cells = (self.carried(*decided, *cells),)
        return self.hidden(*decided, *cells), *cells


REST: tuple[Callable[[Any], Any], ...] = (
    lambda x: 1 - sigmoid(x),
    lambda x: sigmoid(-x),
)
"""The two ways to write what a gate leaves."""


def variant(network: Network, held: Callable[[str, str], Any]) -> Cell:
    """The LSTM beyond the cards; ``held(block, part)`` are the weights that it has more of.

    Peepholes (Gers et al. 2002, eq. 1 to 6: the output gate sees the new cell state); coupled gates
    (Greff et al. 2017, appendix: CIFG); a projected hidden state (Sak et al. 2014, eq. 1 to 7).
    Sums are clipped with what the peepholes add to them (ONNX), the cell state before it is shown.
    """
    clip, cell_clip = clip_to(network.clip), clip_to(network.cell_clip)

    def seen(sums: Any, block: str, c: Any) -> Any:
        return clip(sums + held(block, "peephole") * c if network.peepholes else sums)

    def decided(drive: Any, recurrent: Any, h: Any) -> tuple[Any, ...]:
        return split(drive + recurrent(h), len(network.blocks))

    def carried(*given: Any) -> Any:
        *sums, c = given
        of = dict(zip(network.blocks, sums, strict=True))
        input = seen(of["input"], "input", c)
        f = either(REST, input) if network.coupled else sigmoid(seen(of["forget"], "forget", c))
        i, g = sigmoid(input), tanh(clip(of["candidate"]))
        return cell_clip(f * c + i * g)

    def hidden(*given: Any) -> Any:
        *_, output, c = given
        h = sigmoid(seen(output, "output", c)) * tanh(c)
        return product(h, held("hidden", "projection")) if network.projection else h

    return Cell(decided, carried, hidden)


def clip_to(limit: float) -> Change:
    """Clip to a limit; where it is 0, not at all."""
    return partial(clipped, limit=limit) if limit else itself


def cell(network: Network, held: Callable[[str, str], Any]) -> Cell:
    """The cell of a network, with the weights that it has beside its two affine maps."""
    match network.cell:
        case "rnn":
            clip = clip_to(network.clip)
            return Cell(partial(rnn, activation=network.activation, clip=clip), None, itself)
        case "lstm":
            plain = Cell(gates, cell_state, hidden_state)
            return variant(network, held) if network.extras else plain
        case _:
            clip = clip_to(network.clip)
            return Cell(partial(gru, reset=network.reset, clip=clip), None, itself)
