"""Which mutants are made of a file, and how one is written down."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

LEFT_OUT = re.compile(
    r"core/ReplaceBinaryOperator_\w+_(FloorDiv|Mod|Pow|RShift|LShift|BitOr|BitAnd|BitXor)"
    r"|core/ReplaceComparisonOperator_(?!IsNot_Is$|Is_IsNot$)(\w+_Is(Not)?|Is(Not)?_\w+)"
    r"|core/ReplaceUnaryOperator_USub_(UAdd|Invert)"
)
"""Operators that floats do not have, identity in the place of equality, and two that are the same
as another: ``+1`` is the 1 of a minus left out, and ``~1`` the -2 of a number changed."""
ORDERED = re.compile(r"core/ReplaceComparisonOperator_(Eq|NotEq)_[GL]tE?")
"""Left out, too, where what is compared is a word: words have no order here."""

Span = tuple[tuple[int, int], tuple[int, int]]


def made(path: Path, db: WorkDB) -> None:
    """Note every mutant of a file, and which of them are not tried."""
    init([path], db, {})
    text = path.read_text(encoding="utf-8")
    annotations, lines = list(unevaluated(text)), text.splitlines()

    def left_out(work: WorkItem) -> bool:
        (mutation,) = work.mutations
        if any(start <= mutation.start_pos < end for start, end in annotations):
            return True
        row, column = mutation.end_pos
        word = lines[row - 1][column:].lstrip().startswith('"')
        return bool(
            LEFT_OUT.fullmatch(mutation.operator_name)
            or (word and ORDERED.fullmatch(mutation.operator_name))
        )

    out = [work.job_id for work in db.work_items if left_out(work)]
    db.set_multiple_results(out, WorkResult(WorkerOutcome.SKIPPED))


def unevaluated(text: str) -> Iterator[Span]:
    """Where annotations begin and end: they are not evaluated, so no test can tell."""
    for node in ast.walk(ast.parse(text)):
        for each in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(each, ast.expr):
                assert each.end_lineno is not None
                assert each.end_col_offset is not None
                yield (each.lineno, each.col_offset), (each.end_lineno, each.end_col_offset)


def kept(db: WorkDB) -> list[tuple[WorkItem, WorkResult]]:
    """The mutants that survive, by their place."""
    survived = TestOutcome.SURVIVED
    found = [each for each in db.completed_work_items if each[1].test_outcome == survived]
    return sorted(found, key=lambda each: each[0].mutations[0].start_pos)


def changed(result: WorkResult) -> str:
    """The lines that a mutant takes away and puts in."""
    lines = [each for each in (result.diff or "").splitlines() if each[:2] in ("- ", "+ ")]
    return "\n".join(f"{line[0]} {line[2:].strip()}" for line in lines if line[2:].strip())


def edit(result: WorkResult) -> tuple[int, int, list[str]]:
    """The lines that a mutant replaces, from and to, and by what."""
    lines = (result.diff or "").splitlines()
    before, after = (list(difflib.restore(lines, side)) for side in (1, 2))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    (one,) = (each for each in matcher.get_opcodes() if each[0] != "equal")
    return one[1], one[2], after[one[3] : one[4]]
