"""What does not simply hold, cell by cell: why, what is known of it, and the counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnspec.html.claims import place as claim_place
from rnnspec.html.counterexample import Scripts, left_out, pieces, script
from rnnspec.html.kept import Kept
from rnnspec.html.text import Row, escaped, link, listed, sign, slug
from rnnspec.matrix import Matrix, reason_of
from rnnspec.parts import Part
from rnnspec.report import Line
from rnnspec.spec.search import Verdict
from rnnspec.usage import reading

QUIET = (Verdict.HOLDS, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE)
"""What is told by the row of a claim alone."""
LARGEST = 2_000_000
"""Characters of all cells: with the rest of a page of thirty implementations, three million."""
LONGEST = (LARGEST, 16_000, 8_000, 4_000, 2_000, 0)
"""Characters of one counterexample: the first of these with which all of them fit."""


class Cell(NamedTuple):
    """A claim on an implementation: what there is of a counterexample stands in between."""

    line: Line
    above: str
    pieces: Sequence[str]
    below: str

    def shown(self, longest: int) -> str:
        """All of it, with no more of a counterexample than that."""
        body, whole = "", True
        for piece in self.pieces:
            fits = len(body) + len(piece) <= longest
            body, whole = body + (piece if fits else ""), whole and fits
        return f"{self.above}{body}{'' if whole else left_out(self.line)}{self.below}"


def place(number: int, label: str) -> str:
    """Where a cell stands in its page: the implementation's number, and the claim."""
    return f"c{number}.{label}"


def cells(matrix: Matrix, kept: Kept) -> str:
    """All that does not simply hold, by implementation. Raises Usage where what a waiver names is
    there, and bad.
    """
    found = [
        (part, [_cell(number, part, line, scripts, kept) for line in _told(matrix, part)])
        for number, part in enumerate(matrix.parts, 1)
        for scripts in [Scripts(part.adapter)]
    ]
    for longest in LONGEST:
        shown = "\n".join(
            f'<section data-i="{number}"><h3>{escaped(part.adapter)}</h3>\n'
            + "\n".join(cell.shown(longest) for cell in given)
            + "</section>"
            for number, (part, given) in enumerate(found, 1)
            if given
        )
        if len(shown) <= LARGEST:
            break
    return shown


def numbers(line: Line) -> list[Row]:
    """What was counted and measured of a claim; nothing where it was not tried."""
    if not line["examples"]:
        return []
    shares = line.get("shares", {})  # older reports have none
    return [
        Row("examples", str(line["examples"])),
        Row("informative", f"{line['informative']} of {line['needed']} needed"),
        Row("of bound", f"{line['used']:.2f}"),
        Row("by dtype", escaped(", ".join(
            f"{dtype} {many}" + (f" ({shares[dtype]:.2f})" if dtype in shares else "")
            for dtype, many in line["dtypes"].items()
        ))),
        Row("aimed at", escaped(", ".join(f"{aim} {n}" for aim, n in line["aims"].items()))),
        Row("measured beside", escaped(line["note"])),
    ]  # fmt: skip


def _told(matrix: Matrix, part: Part) -> Iterator[Line]:
    for label in matrix.tried:
        line = matrix.line(part, label)
        if line is not None and Verdict(line["verdict"]) not in QUIET:
            yield line


def _cell(number: int, part: Part, line: Line, scripts: Scripts, kept: Kept) -> Cell:
    verdict, label = Verdict(line["verdict"]), line["claim"]
    known = kept.counterexample(line)
    shown: list[str] = []
    if known is not None:
        name = part.adapter if line["waiver"] is None else line["waiver"]["counterexample"]
        with reading(f"the counterexample {name} of {label}", "replay file"):
            shown += pieces({**line, "counterexample": known}, scripts)
    code = kept.reproducer(line)
    if code is not None:
        shown.insert(1 if shown else 0, script("The reproducer", code, label))
    above = (
        f'<article class="cell" id="{place(number, label)}" data-i="{number}" '
        f'data-claim="{label}" data-v="{slug(verdict)}">'
        f'<h4>{sign(verdict)} <a href="#{claim_place(label)}"><code>{label}</code></a> '
        f"on {escaped(part.adapter)}: {verdict}</h4>"
        f"{_why(line)}"
    )
    return Cell(line, above, shown, f"{listed(numbers(line))}</article>")


def _why(line: Line) -> str:
    """A waiver's own words first."""
    reason, waiver = reason_of(line), line["waiver"]
    said = f'<p class="reason">{escaped(reason)}</p>' if reason else ""
    if waiver is None:
        return said
    rows = [
        Row("link", link(waiver["link"] or "")),
        Row("reproducer", escaped(waiver["reproducer"] or "")),
        Row("counterexample", escaped(waiver["counterexample"] or "")),
    ]
    return f"<p>Known divergence: {escaped(waiver['reason'])}</p>{said}{listed(rows)}"
