"""How many parameters each cell needs."""

from __future__ import annotations

from matplotlib.figure import Figure

from docs.pictures.chart import axes_of, marked
from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from rnnspec.reference.network import BLOCKS, Network
from rnnspec.reference.unroll import count

INPUTS = 128
UNITS = tuple(range(16, 513, 16))
CELLS = ("lstm", "gru", "rnn")


def counts(cell: str) -> list[int]:
    """The numbers that a layer of each size needs as weights, with one bias vector a block."""
    return [count(Network(cell, INPUTS, units, biases="input")) for units in UNITS]


def picture() -> Picture:
    """Parameters against units."""
    last = ", ".join(f"the {cell.upper()} has {counts(cell)[-1]:,}" for cell in CELLS)
    alternative = (
        f"Parameters of one layer against its units H, from {UNITS[0]} to {UNITS[-1]}, for "
        f"{INPUTS} inputs and one bias vector a block. All grow with the square of H. At "
        f"{UNITS[-1]} units {last}: "
        f"{' to '.join(str(len(BLOCKS[cell])) for cell in CELLS)}, as they have blocks."
    )
    return Picture("parameters", "Parameters of an LSTM, a GRU and an RNN", alternative, drawn)


def drawn(theme: Theme) -> Figure:
    """Three curves, each labelled at its end."""
    figure, (axes,) = axes_of(theme, 430, 280)
    styles = ((theme.first, (1, 0)), (theme.second, (5, 2)), (theme.third, (1.5, 1.5)))
    for cell, (colour, dashes) in zip(CELLS, styles, strict=True):
        millions = [each / 1e6 for each in counts(cell)]
        axes.plot(UNITS, millions, color=colour, dashes=dashes)
        blocks = len(BLOCKS[cell])
        name = f"{cell.upper()}: {blocks} block{'s' if blocks > 1 else ''}"
        marked(axes, UNITS[-1] + 8, millions[-1], name, colour)
    axes.set_xlim(0, 720)
    axes.set_ylim(0)
    axes.set_xticks([0, 128, 256, 384, 512])
    axes.spines["bottom"].set_bounds(0, 512)
    axes.set_xlabel(f"units H ({INPUTS} inputs)", x=256 / 720)
    axes.set_title("Parameters of a layer, in millions")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0, 1.25])
    axes.hlines(axes.get_yticks(), 0, UNITS[-1], color=theme.faint, linewidth=0.6, zorder=0)
    return figure
