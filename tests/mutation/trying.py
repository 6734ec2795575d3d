"""How mutants are put before tests: in a fork of this process, one after the other.

The fork has imported everything but what is changed, so most mutants die in a fraction of a second.
Files are changed where they stand, in a copy of the tree.
"""

from __future__ import annotations

import difflib
import multiprocessing
import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

import pytest
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.util import restore_contents
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

from tests.mutation.mutants import edit

for each in ("numpy", "scipy.special", "mpmath", "hypothesis.strategies"):
    import_module(each)

FORK = multiprocessing.get_context("fork")
PATIENCE = 3600.0
"""Seconds; only what never ends takes longer, on a machine that is busy as well."""
SURVIVED, KILLED, TIMED_OUT = "survived", "killed", "timed out"


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


def tried(work: WorkItem, tests: Sequence[str]) -> WorkResult:
    """One mutant before tests. The output of a survivor is what it has survived."""
    (mutation,) = work.mutations
    operator = get_operator(mutation.operator_name)()
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        assert after is not None
        end = put_before(tests)
    diff = "\n".join(difflib.ndiff(before.splitlines(), after.splitlines()))
    if end == SURVIVED:
        return WorkResult(WorkerOutcome.NORMAL, str(tests), TestOutcome.SURVIVED, diff)
    return WorkResult(WorkerOutcome.NORMAL, end, TestOutcome.KILLED, diff)


def tried_together(mutants: Iterable[tuple[Path, WorkResult]], tests: Sequence[str]) -> str:
    """Several mutants at once, each on lines of its own, before tests."""
    edits: dict[Path, list[tuple[int, int, list[str]]]] = {}
    for path, result in mutants:
        edits.setdefault(path, []).append(edit(result))
    with ExitStack() as stack:
        for path, found in edits.items():
            stack.enter_context(restore_contents(path))
            lines = path.read_text(encoding="utf-8").splitlines()
            for start, end, after in sorted(found, reverse=True):
                lines[start:end] = after
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return put_before(tests)
