"""Mutants of the reference, made by cosmic-ray, before the tests.

    python -m tests.mutation [--all] [--sessions FOLDER] [bounds cells ...]

Every mutant is put before the tests that speak of its file; with ``--all``, those that survive are
put before all of ``tests/reference`` and ``tests/spec``. What is known is kept in FOLDER, so that
a run can be taken up again: empty it where the reference or its tests have changed.

Exit status: 0 where every survivor stands in ``docs/mutation.md``, 1 where one does not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db

from tests.mutation.mutants import SURVIVED, TIMED_OUT, changed, kept, made, put_before, tried

ROOT = Path(__file__).parents[2]
EXPLAINED = ROOT / "docs" / "mutation.md"
FIRST = {
    "bounds": ("bounds_by_hand", "bounds_own", "bounds_rules", "bounds_exact"),
    "case": ("case", "unroll", "encoding"),
    "cells": ("symbols", "unroll", "bounds_rules"),
    "conventions": ("conventions", "case"),
    "cost": ("cost",),
    "encoding": ("encoding",),
    "layer": ("layer", "conventions"),
    "network": ("network", "symbols", "case", "unroll", "conventions", "encoding"),
    "operations": ("operations", "symbols", "unroll", "bounds_rules", "tape"),
    "precision": ("precision", "case"),
    "symbols": ("symbols",),
    "tape": ("tape", "bounds_exact"),
    "unroll": ("unroll", "tape", "bounds_rules", "bounds_exact"),
}
"""The files of the reference, and the tests of each."""
ALL = ["tests/reference", "tests/spec"]


def searched(name: str, db: WorkDB, *, whole: bool) -> None:
    """Put the mutants of a file before tests, as far as that is not known yet."""
    if not db.num_work_items:
        made(Path("reference", f"{name}.py"), db)
    first = [f"tests/reference/test_{each}.py" for each in FIRST[name]]
    for tests in [first, ALL] if whole else [first]:
        assert put_before(tests) == SURVIVED, f"{tests} fail without any mutant"
        left = [work for work, result in kept(db) if result.output not in (str(tests), str(ALL))]
        for work in (*db.pending_work_items, *left):
            db.set_result(work.job_id, tried(work, tests))


def counted(name: str, db: WorkDB) -> str:
    """A line of the table: how many mutants, and what became of them."""
    results = [result for _, result in db.results if result.test_outcome is not None]
    survived, late = len(kept(db)), sum(result.output == TIMED_OUT for result in results)
    killed = len(results) - survived - late
    return f"| `{name}.py` | {len(results)} | {killed} | {late} | {survived} |"


def main() -> int:
    """Print the table, and the survivors that nothing explains."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("files", nargs="*", default=list(FIRST), choices=FIRST)
    parser.add_argument("--all", action="store_true", help="all tests for those that survive")
    parser.add_argument("--sessions", type=Path, default=ROOT / ".rnnspec" / "mutation")
    asked = parser.parse_args()
    sessions = asked.sessions.resolve()
    sessions.mkdir(parents=True, exist_ok=True)
    explained, unexplained = EXPLAINED.read_text(encoding="utf-8"), []
    print("| file | mutants | killed | timed out | survived |", "|---|---|---|---|---|", sep="\n")
    with tempfile.TemporaryDirectory() as copy:
        hidden = shutil.ignore_patterns(".*")
        shutil.copytree(ROOT, copy, symlinks=True, dirs_exist_ok=True, ignore=hidden)
        os.chdir(copy)
        sys.path.insert(0, str(Path(copy, "src")))
        for name in asked.files:
            with use_db(sessions / f"{name}.sqlite") as db:
                searched(name, db, whole=asked.all)
                print(counted(name, db), flush=True)
                diffs = [changed(result) for _, result in kept(db)]
            unexplained += [f"{name}.py\n{diff}" for diff in diffs if diff not in explained]
        os.chdir(ROOT)
    print("", *unexplained, sep="\n")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
