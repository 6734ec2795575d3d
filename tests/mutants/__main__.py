"""Every mutant against the claims, until one finds it, or against all of them.

    python -m tests.mutants --profile standard --seed 0 [--all] [--only 'lstm.*'] [--json FILE]

Exit status: 0 where every mutant was found, 1 where one was not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import PROFILES, Verdict, search
from tests.mutants.catalogue import MUTANTS

FOUND = (Verdict.VIOLATED, Verdict.ERROR, Verdict.REFUSED)
FIRST = {
    "batch": ("layer.batch",),
    "calls": ("layer.repeatable",),
    "count": ("compare.parameters", "deep.parameters", "bi.parameters"),
    "directions": ("bi.two-passes",),
    "gradients": ("layer.gradients", "lstm.trained"),
    "gru": ("gru.step",),
    "layers": ("deep.stacked",),
    "lengths": ("layer.padding",),
    "lstm": ("lstm.cell-state", "lstm.hidden-state"),
    "numerics": ("layer.accuracy",),
    "order": ("lstm.cell-state", "gru.step"),
    "states": ("layer.initial-state", "layer.final-state"),
    "ways": ("layer.paths", "layer.layout"),
}
"""The claims to begin with, by family: only for the time that it takes."""


def claims_for(family: str) -> Iterator[Claim]:
    """All claims that are checked, those that speak of a family first."""
    first = FIRST.get(family, ())
    ranked = sorted(CLAIMS, key=lambda label: first.index(label) if label in first else len(first))
    return (CLAIMS[label] for label in ranked if CLAIMS[label].kind != "finding")


def tried(name: str, profile: str, seed: int, *, whole: bool) -> dict[str, Any]:
    """What the claims say of a mutant: a verdict each, and the size of the first counterexample."""
    started = time.monotonic()
    line: dict[str, Any] = {"mutant": name, "seed": seed, "found": "", "verdicts": {}}
    for claim in claims_for(MUTANTS[name].family):
        outcome = search(claim, MUTANTS[name].layer(), profile, seed)
        line["verdicts"][claim.id] = str(outcome.verdict)
        if outcome.verdict in FOUND and not line["found"]:
            case = outcome.case
            assert case is not None
            numbers = sum(int(np.count_nonzero(w)) for w in case.weights.values())
            line |= {"found": claim.id, "seconds": round(time.monotonic() - started, 1)}
            line["size"] = [case.network.units, case.steps, case.rows, numbers]
            if not whole:
                break
    return line


def main() -> int:
    """Print a line a mutant, and what was not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", help="mutants, by name: 'lstm.*'")
    parser.add_argument("--all", action="store_true", help="every claim, not only until one finds")
    parser.add_argument("--json", help="a file for a line of JSON each")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    names = [name for name in MUTANTS if fnmatchcase(name, asked.only)]
    lines = []
    with ProcessPoolExecutor(asked.processes) as pool:
        jobs = [pool.submit(tried, n, asked.profile, asked.seed, whole=asked.all) for n in names]
        for job in as_completed(jobs):
            line = job.result()
            lines.append(line)
            print(f"{line['mutant']:40} {line['found'] or 'NOT FOUND':22}", end=" ")
            print(f"{line.get('seconds', '')} s, size {line.get('size', '')}", flush=True)
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    missed = [line["mutant"] for line in lines if not line["found"]]
    sizes = np.array([line["size"] for line in lines if line["found"]])
    if len(sizes):
        units, steps, rows, numbers = np.median(sizes, axis=0)
        print(f"median size: {units:g} units, {steps:g} steps, {rows:g} rows, {numbers:g} weights")
    print(f"{len(lines) - len(missed)} of {len(lines)} found; seed {asked.seed}, {asked.profile}")
    print("\n".join(f"not found: {name}: {MUTANTS[name].what}" for name in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
