"""How a mutant is made, put before tests, and written down.

Files are changed where they stand, in a copy of the tree. Every mutant is tried in a fork of this
process, that has imported everything but what is changed: most die in a fraction of a second.
"""

from __future__ import annotations

import ast
import difflib
import multiprocessing
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import hypothesis.strategies
import mpmath
import numpy as np
import pytest
import scipy.special
from cosmic_ray.commands import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

__all__ = ["hypothesis", "mpmath", "np", "scipy"]  # imported for the forks

FORK = multiprocessing.get_context("fork")
PATIENCE = 600.0
"""Seconds; all of the tests take less."""
SURVIVED, KILLED, TIMED_OUT = "survived", "killed", "timed out"
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


def unevaluated(path: Path) -> Iterator[Span]:
    """Where annotations begin and end: they are not evaluated, so no test can tell."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for each in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(each, ast.expr):
                assert each.end_lineno is not None
                assert each.end_col_offset is not None
                yield (each.lineno, each.col_offset), (each.end_lineno, each.end_col_offset)


def made(path: Path, db: WorkDB) -> None:
    """Note every mutant of a file, and which of them are not tried."""
    init([path], db, {})
    annotated, lines = list(unevaluated(path)), path.read_text(encoding="utf-8").splitlines()

    def left_out(work: WorkItem) -> bool:
        (mutation,) = work.mutations
        if any(start <= mutation.start_pos < end for start, end in annotated):
            return True
        row, column = mutation.end_pos
        word = lines[row - 1][column:].lstrip().startswith('"')
        return bool(
            LEFT_OUT.fullmatch(mutation.operator_name)
            or (word and ORDERED.fullmatch(mutation.operator_name))
        )

    out = [work.job_id for work in db.work_items if left_out(work)]
    db.set_multiple_results(out, WorkResult(WorkerOutcome.SKIPPED))


def tried(work: WorkItem, tests: Sequence[str]) -> WorkResult:
    """Put a mutant before tests."""
    (mutation,) = work.mutations
    operator = get_operator(mutation.operator_name)()
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        assert after is not None
        end = put_before(tests)
        diff = "\n".join(difflib.ndiff(before.splitlines(), after.splitlines()))
    outcome = TestOutcome.SURVIVED if end == SURVIVED else TestOutcome.KILLED
    return WorkResult(WorkerOutcome.NORMAL, str(tests) if end == SURVIVED else end, outcome, diff)


def put_before(tests: Sequence[str]) -> str:
    """What becomes of the reference as it stands, before tests."""
    child = FORK.Process(target=_run, args=(tests,), daemon=True)
    child.start()
    child.join(PATIENCE)
    if child.is_alive():
        child.kill()
        child.join()
        return TIMED_OUT
    return KILLED if child.exitcode else SURVIVED


def _run(tests: Sequence[str]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    options = "-x -q --tb=no -p no:cacheprovider -W ignore::pytest.PytestAssertRewriteWarning"
    os._exit(pytest.main([*options.split(), *tests]))


def kept(db: WorkDB) -> list[tuple[WorkItem, WorkResult]]:
    """The mutants that survive, by their place."""
    found = [each for each in db.completed_work_items if each[1].test_outcome == SURVIVED]
    return sorted(found, key=lambda each: each[0].mutations[0].start_pos)


def changed(result: WorkResult) -> str:
    """The lines that a mutant takes away and puts in."""
    lines = (result.diff or "").splitlines()
    return "\n".join(f"{line[0]} {line[2:].strip()}" for line in lines if line[:2] in ("- ", "+ "))
