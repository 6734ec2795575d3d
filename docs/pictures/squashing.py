"""The squashing functions, and the range of the forget step."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from docs.pictures.chart import axes_of, marked
from docs.pictures.picture import Picture
from docs.pictures.theme import Theme
from rnnspec.reference.cells import ACTIVATIONS, cell_state
from rnnspec.reference.operations import sigmoid

ARGUMENT = np.linspace(-6.0, 6.0, 121)
CELLS = (1.5, -1.0)
"""The cell states whose forget step is shown: of either sign, since the card forgets the second."""


def forget_step(c: float) -> np.ndarray:
    """What the equation of the cell state leaves of one, with the input gate closed."""
    f = sigmoid(ARGUMENT)
    closed = np.zeros_like(f)
    return np.asarray(cell_state(f, closed, closed, closed, np.full_like(f, c)))


def picture() -> Picture:
    """Sigmoid and tanh, and what the sigmoid does to a cell state."""
    ends = [f"{each[0]:.3f} to {each[-1]:.3f}" for each in map(forget_step, CELLS)]
    low, high = sigmoid(ARGUMENT)[[0, -1]]
    alternative = (
        f"Two charts over an argument from {ARGUMENT[0]:g} to {ARGUMENT[-1]:g}. Above, the sigmoid "
        f"rises from {low:.3f} to {high:.3f} and never reaches 0 or 1, with 1/2 at 0; tanh rises "
        "from near -1 to near 1, with 0 at 0. Below, the forget step, the sigmoid times the old "
        f"cell state: for a cell state of {CELLS[0]:g} it goes from {ends[0]}, for one of "
        f"{CELLS[1]:g} from {ends[1]}. It always lies between 0 and the old cell state."
    )
    return Picture("squashing", "Sigmoid, tanh and the forget step", alternative, drawn)


def drawn(theme: Theme) -> Figure:
    """Both charts, one above the other."""
    figure, (above, below) = axes_of(theme, 430, 420, rows=2)
    tanh = ACTIVATIONS["tanh"](ARGUMENT)
    above.plot(ARGUMENT, sigmoid(ARGUMENT), color=theme.first)
    above.plot(ARGUMENT, tanh, color=theme.second, dashes=(5, 2))
    marked(above, 2.4, 0.62, "sigmoid: 0 to 1", theme.first)
    marked(above, -1.2, -0.62, "tanh: −1 to 1", theme.second, "right")
    above.set_title("What the gates and the candidate are squashed by")
    above.set_yticks([-1, 0, 1])
    above.set_ylim(-1.15, 1.15)
    for c, colour, dashes, side in zip(
        CELLS, (theme.first, theme.second), ((1, 0), (5, 2)), (1, -1), strict=True
    ):
        below.fill_between(ARGUMENT, 0, c, color=colour, alpha=0.13, linewidth=0)
        below.axhline(c, color=colour, linewidth=1, dashes=(2, 2))
        below.plot(ARGUMENT, forget_step(c), color=colour, dashes=dashes)
        sign = "−" if c < 0 else ""
        marked(below, -5.9, c - side * 0.26, f"old cell state {sign}{abs(c):g}", colour)
    below.set_title("The forget step, $f_t \\cdot c_{t-1}$, lies between 0 and $c_{t-1}$")
    below.set_ylim(-1.3, 1.8)
    below.set_yticks([-1, 0, 1])
    below.set_xlabel("what the gate sums up, before the sigmoid")
    for axes in (above, below):
        axes.axhline(0, color=theme.ink, linewidth=0.8)
        axes.set_xlim(-6, 6)
        axes.set_xticks([-6, -3, 0, 3, 6])
    return figure
