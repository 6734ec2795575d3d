"""The interpretation *symbols*: the equations as text, printed from the code that runs.

Names flow through the cells in place of numbers. A sigmoid or tanh of what a block decides gets the
block's own name (``f_t``), and what it stands for is kept aside, as a card would write it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit

from rnnspec.reference import operations
from rnnspec.reference.cells import cell
from rnnspec.reference.network import Network

NAMES: dict[str, dict[str, str]] = {
    "rnn": {"hidden": ""},
    "lstm": {"forget": "f", "input": "i", "candidate": "c~", "output": "o"},
    "gru": {"reset": "r", "update": "z", "candidate": "n"},
}
"""The letter of each block."""
STATES = {"hidden": "h", "cell": "c"}
SUM, APPLIED, PRODUCT, ATOM = 0, 1, 2, 3
"""How tightly a text holds together."""


class Symbol(NDArrayOperatorsMixin):
    """A formula, or several side by side where blocks stand side by side."""

    def __init__(
        self,
        text: str = "",
        binding: int = ATOM,
        block: str = "",
        parts: tuple[Symbol, ...] = (),
        named: dict[str, str] | None = None,
    ) -> None:
        """``block`` is the letter of the block that the formula decides about, if any."""
        self.text, self.binding, self.block, self.parts = text, binding, block, parts
        self.named: dict[str, str] = {} if named is None else named

    def within(self, binding: int) -> str:
        """The text, in parentheses where something that binds tighter is around it."""
        return self.text if self.binding >= binding else f"({self.text})"

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        rule = _RULES.get(ufunc)
        if rule is None or method != "__call__" or options:
            return NotImplemented
        given = [x if isinstance(x, Symbol) else Symbol(str(x), named=self.named) for x in inputs]
        if all(x.parts for x in given):
            columns = zip(*(x.parts for x in given), strict=True)
            return Symbol(parts=tuple(ufunc(*each) for each in columns), named=self.named)
        return rule(*given)


def _infix(sign: str, binding: int) -> Callable[[Symbol, Symbol], Symbol]:
    def rule(a: Symbol, b: Symbol) -> Symbol:
        right = binding + (sign == "-")
        text = f"{a.within(binding)} {sign} {b.within(right)}"
        return Symbol(text, binding, a.block or b.block if sign == "+" else "", named=a.named)

    return rule


def _function(name: str) -> Callable[..., Symbol]:
    def rule(a: Symbol, *rest: Symbol) -> Symbol:
        text = f"{name}({', '.join([a.text, *(each.text for each in rest)])})"
        if not a.block:
            return Symbol(text, named=a.named)
        a.named[f"{a.block}_t"] = text
        return Symbol(f"{a.block}_t", named=a.named)

    return rule


_RULES: dict[Any, Callable[..., Symbol]] = {
    np.add: _infix("+", SUM),
    np.subtract: _infix("-", SUM),
    np.multiply: _infix("*", PRODUCT),
    np.tanh: _function("tanh"),
    np.maximum: _function("max"),
    expit: _function("sigmoid"),
}


@operations.clipped.register
def _clipped(a: Symbol, limit: float) -> Symbol:
    if a.parts:
        return Symbol(parts=tuple(_clipped(each, limit) for each in a.parts), named=a.named)
    return Symbol(f"clip({a.text}, {limit:g})", ATOM, a.block, named=a.named)


@operations.product.register
def _product(x: Symbol, matrix: Symbol) -> Symbol:
    return Symbol(f"{matrix.text} {x.within(ATOM)}", APPLIED, named=x.named)


@operations.register_either
def _first_way(first: Symbol, ways: operations.Ways, operands: Sequence[Symbol]) -> Symbol:
    """One way to write it is enough."""
    way: Symbol = ways[0](*operands)
    return way


@operations.split.register
def _split(array: Symbol, blocks: int) -> tuple[Symbol, ...]:
    return array.parts


def equations(network: Network) -> dict[str, str]:
    """The equations of one step, by what they define (``c_t``), gates first."""
    named: dict[str, str] = {}
    letters = NAMES[network.cell]

    def affine(matrix: str, vector: str, of: Symbol, block: str) -> Symbol:
        mark = f"_{letters[block]}" if letters[block] else ""
        side = "input" if matrix == "W" else "recurrent"
        bias = f" + {vector}{mark}" if network.biased(block, side) else ""
        text = f"{matrix}{mark} {of.within(ATOM)}{bias}"
        return Symbol(text, SUM if bias else APPLIED, letters[block], named=named)

    def side_by_side(matrix: str, vector: str, of: Symbol) -> Symbol:
        parts = tuple(affine(matrix, vector, of, block) for block in network.blocks)
        return parts[0] if len(parts) == 1 else Symbol(parts=parts, named=named)

    def recurrent(of: Symbol, block: str | None = None) -> Symbol:
        return side_by_side("U", "d", of) if block is None else affine("U", "d", of, block)

    def held(block: str, part: str) -> Symbol:
        letter = "P" if part == "projection" else f"p_{letters[block]}"
        return Symbol(letter, named=named)

    of, drive = cell(network, held), side_by_side("W", "b", Symbol("x_t"))
    hidden, *cells = [Symbol(f"{STATES[name]}_{{t-1}}", named=named) for name in network.states]
    decided, states = of.decided(drive, recurrent, hidden), {}
    if of.carried is not None:
        states["c_t"] = of.carried(*decided, *cells).text
        cells = [Symbol("c_t", named=named)]
    states["h_t"] = of.hidden(*decided, *cells).text
    return {**named, **states}


def printed(network: Network, *what: str) -> str:
    """Some of the equations, a line each."""
    found = equations(network)
    return "\n".join(f"{name} = {found[name]}" for name in what)
