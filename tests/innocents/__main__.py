"""Every innocent before all claims, in every dtype: none may be accused.

    python -m tests.innocents --profile standard --seed 0 [--only 'sums.*'] [--json FILE]
                              [--write docs/innocents.md]

With ``--claims 'beyond.*' --add docs/innocents.md`` it is these claims alone, told in a section of
their own of the page that stands.

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
from tests.innocents.page import added, page, summary
from tests.innocents.trying import CHECKED, HEAD, Tried, totals, tried


def main() -> int:
    """Print a line for each innocent and dtype, what is held against it, and the totals."""
    parser = argparse.ArgumentParser(prog="python -m tests.innocents")
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", help="innocents, by name: 'sums.*'")
    parser.add_argument("--claims", default="*", help="claims, by label: 'beyond.*'")
    parser.add_argument("--json", type=Path, help="a file for a line of JSON each, as they come")
    parser.add_argument("--write", type=Path, help="a file for the page that tells of the run")
    parser.add_argument("--add", type=Path, help="a page that gets a section on the run")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    pairs = [(n, d) for n in sorted(INNOCENTS) if fnmatchcase(n, asked.only) for d in PRECISIONS]
    claims = [claim for label, claim in CHECKED.items() if fnmatchcase(label, asked.claims)]
    if not pairs or not claims:
        parser.error(f"no innocent matches {asked.only!r}, or no claim {asked.claims!r}")
    if asked.add and not asked.add.is_file():
        parser.error(f"there is no page {asked.add} to add to")
    lines: list[Tried] = []
    print(HEAD)
    with (
        open(asked.json or os.devnull, "w", encoding="utf-8") as data,
        ProcessPoolExecutor(asked.processes) as pool,
    ):
        jobs = [
            pool.submit(tried, *pair, asked.profile, asked.seed, [claim.id for claim in claims])
            for pair in pairs
        ]
        for job in as_completed(jobs):
            lines.append(job.result())
            print(lines[-1], flush=True)
            print(json.dumps(asdict(lines[-1])), file=data, flush=True)
            for claim, why in lines[-1].accused.items():
                print(f"  {claim}: {why}", flush=True)
    lines.sort(key=lambda line: pairs.index((line.innocent, line.dtype)))
    found = totals(lines, [claim.id for claim in claims])
    print(summary(found))
    if asked.write:
        asked.write.write_text(page(lines, asked.profile, asked.seed), encoding="utf-8")
    if asked.add:
        text = asked.add.read_text(encoding="utf-8")
        text = added(text, lines, asked.profile, asked.seed, asked.claims)
        asked.add.write_text(text, encoding="utf-8")
    return 1 if found["accused"] else 0


if __name__ == "__main__":
    sys.exit(main())
