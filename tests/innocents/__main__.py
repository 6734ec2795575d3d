"""Every innocent before all claims, in every dtype: none may be accused.

    python -m tests.innocents --profile standard --seed 0 [--only 'sums.*'] [--json FILE]
                              [--write docs/innocents.md]

Exit status: 0 where nothing is held against any of them, 1 where something is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path

from rnnspec.reference.precision import PRECISIONS
from rnnspec.spec.search import PROFILES
from tests.innocents.catalogue import INNOCENTS
from tests.innocents.page import page, summary
from tests.innocents.trying import HEAD, Tried, totals, tried


def main() -> int:
    """Print a line for each innocent and dtype, what is held against it, and the totals."""
    parser = argparse.ArgumentParser(prog="python -m tests.innocents")
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", help="innocents, by name: 'sums.*'")
    parser.add_argument("--json", type=Path, help="a file for a line of JSON each, as they come")
    parser.add_argument("--write", type=Path, help="a file for the page that tells of the run")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    pairs = [(n, d) for n in sorted(INNOCENTS) if fnmatchcase(n, asked.only) for d in PRECISIONS]
    lines: list[Tried] = []
    print(HEAD)
    with (
        open(asked.json or os.devnull, "w", encoding="utf-8") as data,
        ProcessPoolExecutor(asked.processes) as pool,
    ):
        jobs = [pool.submit(tried, *pair, asked.profile, asked.seed) for pair in pairs]
        for job in as_completed(jobs):
            lines.append(job.result())
            print(lines[-1], flush=True)
            print(json.dumps(asdict(lines[-1])), file=data, flush=True)
            for claim, why in lines[-1].accused.items():
                print(f"  {claim}: {why}", flush=True)
    lines.sort(key=lambda line: pairs.index((line.innocent, line.dtype)))
    found = totals(lines)
    print(summary(found))
    if asked.write:
        asked.write.write_text(page(lines, asked.profile, asked.seed), encoding="utf-8")
    return 1 if found["accused"] else 0


if __name__ == "__main__":
    sys.exit(main())
