"""How adapters lay out weights, side by side: for a terminal, and as a page in Markdown.

All of it is read from what they declare, and no framework is imported for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rnnspec.catalogue import Unusable, found, names
from rnnspec.declared import INPUTS, PAST, RESETS, UNITS, UPDATES, packed, shape
from rnnspec.markdown import escaped, table
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import BIASES, BLOCKS, EXTRAS
from rnnspec.spec.trial import told

LETTERS = {
    "rnn": {"hidden": "h"},
    "lstm": {"input": "i", "forget": "f", "candidate": "g", "output": "o"},
    "gru": {"reset": "r", "update": "z", "candidate": "n"},
}
"""What the gates and the candidate are called for short."""
TITLES = {"rnn": "Simple unit", "lstm": "LSTM", "gru": "GRU"}
Declared = Mapping[str, Mapping[str, Conventions]]
"""By adapter and cell."""


def declared(wanted: Sequence[str] = ()) -> tuple[Declared, list[str]]:
    """What these adapters declare, or all of them; and a sentence for each of those that says
    nothing. Raises Unusable for one that was asked for.
    """
    said: dict[str, Mapping[str, Conventions]] = {}
    silent = []
    for name in wanted or names():
        try:
            adapter = found(name)
            made: Implementation = adapter() if callable(adapter) else adapter
            said[name] = made.conventions
        except Unusable:
            raise
        except (Exception, SystemExit) as error:
            reason = f"the adapter {name!r} cannot be loaded: {told(error)}"
            if wanted:
                raise Unusable(reason) from None
            silent.append(reason)
    return said, silent


def titles(cell: str) -> list[str]:
    """The columns of a cell's table that fit a terminal."""
    return [
        "adapter",
        *(["gates"] if cell != "rnn" else []),
        "matrices",
        "biases",
        *{"rnn": ["activation"], "lstm": ["adds", "states"], "gru": ["reset", "update"]}[cell],
        "past end",
        "count",
    ]


WIDE = ("directions", "layers", "beyond the cards")
"""The columns that only a page has room for."""


def rows(cell: str, said: Declared, wide: bool = False) -> list[list[str]]:
    """A row for all adapters that do a cell alike, in the order of the titles; wide, with WIDE."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, conventions in said.items():
        if cell in conventions:
            row = [*_row(cell, conventions[cell]), *(_wide(conventions[cell]) if wide else ())]
            alike.setdefault(tuple(row), []).append(name)
    return [[", ".join(adapters), *row] for row, adapters in alike.items()]


def _row(cell: str, how: Conventions) -> Iterator[str]:
    if cell != "rnn":
        yield " ".join(LETTERS[cell][block] for block in how.blocks)
    yield ", ".join(map(shape, packed(cell, how)[:2]))
    yield ", ".join(how.biases)
    if cell == "rnn":
        yield ", ".join(how.activations)
    elif cell == "lstm":
        yield f"{how.forget_offset:g}" if how.forget_offset else "-"
        yield " ".join("hc"[name == "cell"] for name in how.states)
    else:
        yield ", ".join(how.resets)
        yield how.update
    yield _past(how)
    yield ", ".join(str(count(cell, how, biases)) for biases in how.biases)


def _wide(how: Conventions) -> Iterator[str]:
    yield ", ".join(how.directions)
    yield str(how.layers)
    yield ", ".join(EXTRAS[each] for each in how.extras) or "-"


def _past(how: Conventions) -> str:
    held = dict.fromkeys(how.past_end.values())
    if len(held) < 2:
        return ", ".join(held) or "-"
    return ", ".join(f"{direction}: {word}" for direction, word in how.past_end.items())


def count(cell: str, how: Conventions, biases: str) -> int:
    """The numbers in one layer and direction of I inputs and H units."""
    sizes = packed(cell, how, biases)
    return sum(a * b for a, b in sizes[:2]) + sum(size for (size,) in sizes[2:])


def formula(cell: str, biases: str) -> str:
    """The same for any I and H: ``4H(I + H + 2)``."""
    blocks = len(BLOCKS[cell])
    own = [shape(size) for size in packed(cell, Conventions(BLOCKS[cell]), biases)[2:]]
    factor = "H" if blocks == 1 else f"{blocks}H"
    return " + ".join([f"{factor}(I + H)", *own])


def legend(cell: str, said: Declared) -> Iterator[str]:
    """What the words in a cell's table mean, as far as they stand in it."""
    there = [conventions[cell] for conventions in said.values() if cell in conventions]
    used = {each for how in there for each in how.biases}
    if cell != "rnn":
        yield "gates: " + ", ".join(f"{letter} {name}" for name, letter in LETTERS[cell].items())
    yield "matrices: of the input, of the past; with H units as rows, or as columns"
    yield "biases: " + "; ".join(f"{each} = {BIASES[each]}" for each in BIASES if each in used)
    if cell == "lstm":
        yield "adds: what the layer itself adds to the forget gate's sum"
        yield "states: the order of hidden (h) and cell state (c)"
    if cell == "gru":
        forms = (f"{form} = {words}" for form, words in RESETS.items())
        yield f"reset: where the reset gate is applied: {'; '.join(forms)}"
        roles = (f"{role} = {words}" for role, words in UPDATES.items())
        yield f"update: of the update gate: {'; '.join(roles)}"
    words = "; ".join(f"{name} = {held}" if name != held else name for name, held in PAST.items())
    yield f"past end: what outputs hold past the end of a shorter row: {words}; - = no lengths"
    formulas = "; ".join(f"{each} = {formula(cell, each)}" for each in BIASES if each in used)
    sizes = f"I = {INPUTS} and H = {UNITS}"
    yield f"count: of the numbers in a layer and direction with {sizes}: {formulas}"


def page(said: Declared) -> str:
    """The page: a table a cell."""
    lines = [
        "# Conventions",
        "",
        "The same layer, laid out otherwise: the order of the gates, whether units are rows or "
        "columns, one bias or two. Copied as they stand, weights compute something else, and no "
        "error says so. This is what each adapter declares of its framework; the claims are run "
        "under that declaration, so that one which is not true fails.",
        "",
        "This page is made by `rnnspec conventions -o docs/conventions.md`; `rnnspec conventions "
        "torch keras --cell lstm` prints a part of it. `reference` is this package's own order. "
        "I is the number of inputs, H that of units.",
        "",
    ]
    for cell in TITLES:
        if not (found := rows(cell, said, wide=True)):
            continue
        lines += [f"## {TITLES[cell]}", ""]
        columns = [*titles(cell), *WIDE]
        lines += table(columns, [[escaped(text) for text in row] for row in found])
        lines += [f"- {escaped(each)}" for each in legend(cell, said)]
        lines += [""]
    return "\n".join(lines)
