"""A cell laid out: parts at points, and the wires between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from docs.pictures.cell_graph import CellGraph, Part

Point = tuple[float, float]
PITCH, ROW = 80.0, 56.0
"""The distance of two columns, and of two rows, in points."""
HALF = {"box": (36.0, 29.0), "function": (22.0, 12.0), "circle": (13.0, 13.0)}
"""Half the width and height of a part."""
BUS, INPUT_BUS = -58.0, -78.0
"""How far below the middle of the blocks the buses run."""
BEFORE, AFTER, ROOM = 62.0, 34.0, 58.0
"""From the first column to where states enter, from the last part to where they leave; and what
there must be for a label beside a part on the line."""
CLEAR = 4.0
"""How far a wire keeps from a part that it passes."""
FOOT = 27.0
"""How far left of a block's middle something enters it from above."""


@dataclass(frozen=True)
class Wire:
    """A line with corners, from what is computed to what reads it."""

    source: Part
    points: tuple[Point, ...]
    target: Part | None = None
    """None where it leaves the cell."""

    def segments(self) -> Iterator[tuple[Point, Point]]:
        """Its straight pieces."""
        return zip(self.points, self.points[1:], strict=False)

    def length(self) -> float:
        """How long it is, along its pieces."""
        return sum(abs(x1 - x0) + abs(y1 - y0) for (x0, y0), (x1, y1) in self.segments())

    def apart(self, other: Wire) -> Wire:
        """What is left of it where another wire has run along with it from its start."""
        k, shared = 0, min(len(self.points), len(other.points)) - 1
        if self.source is not other.source or self.points[0] != other.points[0]:
            return self
        while k < shared and self.points[k + 1] == other.points[k + 1]:
            k += 1
        if k == shared:
            return replace(self, points=self.points[k:])
        (x, y), (u, v), (a, b) = self.points[k], self.points[k + 1], other.points[k + 1]
        dot = (u - x) * (a - x) + (v - y) * (b - y)
        if dot <= 0:  # they part at a corner
            return replace(self, points=self.points[k:])
        near = min((u, v), (a, b), key=lambda end: abs(end[0] - x) + abs(end[1] - y))
        return replace(self, points=(near, *self.points[k + 1 :]))


@dataclass
class Layout:
    """Parts at points, and the wires between them."""

    graph: CellGraph
    line: tuple[Part, ...]
    """The parts on the straight line, in their order; the state enters first."""
    at: dict[Part, Point] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    ends: dict[str, tuple[Point, Point]] = field(default_factory=dict)
    """Of each state, where it enters and where it leaves."""

    def edge(self, part: Part, x: int, y: int) -> Point:
        """The middle of a side of a part: -1 or 1 in one of the two directions."""
        half = HALF[part.kind]
        return self.at[part][0] + x * half[0], self.at[part][1] + y * half[1]

    def leaves(self, wire: Wire) -> bool:
        """Whether a wire leads out of the cell."""
        return wire.points[-1] in [end for _, end in self.ends.values()]
