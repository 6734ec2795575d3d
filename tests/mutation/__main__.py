"""Mutants of the reference, made by cosmic-ray, before the tests.

    python -m tests.mutation [--all] [--only 'bounds'] [--sessions FOLDER]

Every mutant is put before the tests that speak of its file; with ``--all``, those that survive are
put before all of ``tests/reference`` and ``tests/spec``. What is known is kept in FOLDER, so that
a run can be taken up again: empty it where the reference or its tests have changed.

Exit status: 0 where every survivor stands in ``docs/mutation.md``, 1 where one does not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack, chdir
from fnmatch import fnmatchcase
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkItem, WorkResult

from tests.mutation.mutants import changed, kept, made
from tests.mutation.trying import SURVIVED, TIMED_OUT, put_before, tried, tried_together

ROOT = Path(__file__).parents[2]
EXPLAINED = ROOT / "docs" / "mutation.md"
FIRST = {
    "bounds": ("bounds_by_hand", "bounds_own", "case", "bounds_rules", "bounds_exact"),
    "case": ("case", "unroll", "malformed"),
    "cells": ("symbols", "unroll", "bounds_rules"),
    "conventions": ("conventions", "case"),
    "cost": ("cost",),
    "declaration": ("messages",),
    "encoding": ("malformed", "encoding"),
    "layer": ("layer", "conventions"),
    "messages": ("messages",),
    "network": ("network", "symbols", "case", "unroll", "conventions", "malformed"),
    "operations": ("operations", "symbols", "unroll", "bounds_rules", "tape"),
    "precision": ("precision", "case"),
    "symbols": ("symbols",),
    "tape": ("tape", "bounds_exact"),
    "unroll": ("unroll", "tape", "bounds_rules", "bounds_exact"),
}
"""The files of the reference, and the tests of each."""
ALL = ["tests/reference", "tests/spec"]


def searched(name: str, db: WorkDB) -> None:
    """Put the mutants of a file before its tests, as far as that is not known yet."""
    if not db.num_work_items:
        made(Path("reference", f"{name}.py"), db)
    tests = [f"tests/reference/test_{each}.py" for each in FIRST[name]]
    assert put_before(tests) == SURVIVED, f"{tests} fail without any mutant"
    known = (str(tests), str(ALL))
    left = [work for work, result in kept(db) if result.output not in known]
    for work in (*db.pending_work_items, *left):
        db.set_result(work.job_id, tried(work, tests))


def searched_all(dbs: Iterable[WorkDB]) -> None:
    """Put what survives before all tests: many at once, and only if one fails, one by one."""
    batches: defaultdict[int, list[tuple[WorkDB, WorkItem, WorkResult]]] = defaultdict(list)
    taken: Counter[tuple[Path, int]] = Counter()
    for db in dbs:
        for work, result in kept(db):
            (mutation,) = work.mutations
            line = mutation.module_path, mutation.start_pos[0]
            batches[taken[line]].append((db, work, result))
            taken[line] += 1
    for batch in batches.values():
        mutants = [(work.mutations[0].module_path, result) for _, work, result in batch]
        together = tried_together(mutants, ALL) == SURVIVED
        for db, work, result in batch:
            known = WorkResult(WorkerOutcome.NORMAL, str(ALL), result.test_outcome, result.diff)
            db.set_result(work.job_id, known if together else tried(work, ALL))


def counted(name: str, db: WorkDB) -> str:
    """A line of the table: how many mutants, and what became of them."""
    results = [result for _, result in db.results if result.test_outcome is not None]
    survived, late = len(kept(db)), sum(result.output == TIMED_OUT for result in results)
    killed = len(results) - survived - late
    return f"| `{name}.py` | {len(results)} | {killed} | {late} | {survived} |"


def main() -> int:
    """Print the table, and the survivors that nothing explains."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--only", default="*", help="files, by name: 'c*'")
    parser.add_argument("--all", action="store_true", help="all tests for those that survive")
    parser.add_argument("--sessions", type=Path, default=ROOT / ".rnnspec" / "mutation")
    asked = parser.parse_args()
    sessions = asked.sessions.resolve()
    sessions.mkdir(parents=True, exist_ok=True)
    explained, unexplained = EXPLAINED.read_text(encoding="utf-8"), []
    with tempfile.TemporaryDirectory() as copy, ExitStack() as stack:
        hidden = shutil.ignore_patterns(".*")
        shutil.copytree(ROOT, copy, symlinks=True, dirs_exist_ok=True, ignore=hidden)
        stack.enter_context(chdir(copy))
        sys.path.insert(0, str(Path(copy, "src")))
        names = [name for name in FIRST if fnmatchcase(name, asked.only)]
        dbs = {n: stack.enter_context(use_db(sessions / f"{n}.sqlite")) for n in names}
        for name, db in dbs.items():
            searched(name, db)
        if asked.all:
            searched_all(dbs.values())
        print("| file | mutants | killed | timed out | survived |\n|---|---|---|---|---|")
        for name, db in dbs.items():
            print(counted(name, db))
            diffs = [changed(result) for _, result in kept(db)]
            unexplained += [f"{name}.py\n{diff}" for diff in diffs if diff not in explained]
    print("", *unexplained, sep="\n")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
