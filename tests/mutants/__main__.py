"""Every mutant is hunted, with one seed or several.

    python -m tests.mutants --profile standard --seed 0 1 2 [--only 'lstm.*'] [--json FILE]
                            [--write docs/mutants.md]

With ``--only 'beyond.*' --add docs/mutants.md`` it is these mutants alone; of all others, what the
page says stays as it is.

Exit status: 0 where every mutant was found within LATEST seconds by counterexamples of the size
that SMALL allows, 1 otherwise, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from rnnspec.spec.search import PROFILES
from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunt import Hunt, hunted

LATEST = 60.0
"""Seconds in which a mutant is to be found."""
SMALL = {"units": 2, "steps": 2, "rows": 1, "weights": 4}
"""How large the median counterexample may be."""
LARGE = ("size.", "time.reset-at-64", "time.drifts-after-100", "weights.last-unit-unread")
"""Those that many units, rows or steps are needed for: they have their own figure."""


def medians(hunts: Sequence[Hunt]) -> dict[str, float]:
    """The median of everything that is measured of a counterexample."""
    names = (*SMALL, "found", "shrunk")
    return {name: float(np.median([getattr(hunt, name) for hunt in hunts])) for name in names}


def small(hunts: Sequence[Hunt]) -> bool:
    """Whether the median counterexample can be read."""
    found = medians([hunt for hunt in hunts if not hunt.mutant.startswith(LARGE)] or hunts)
    return all(found[name] <= most for name, most in SMALL.items())


def summed_up(hunts: Sequence[Hunt]) -> list[str]:
    """What there is to say of all hunts, a line each."""
    found = [hunt for hunt in hunts if hunt.claim]
    lines = [f"{len(found)} of {len(hunts)} found"]
    large = [hunt for hunt in found if hunt.mutant.startswith(LARGE)]
    usual = [hunt for hunt in found if not hunt.mutant.startswith(LARGE)]
    for words, some in (("", usual), (" where many units, rows or steps are needed", large)):
        if some:
            of = medians(some)
            sizes = ", ".join(f"{of[name]:g} {name}" for name in SMALL)
            times = f"found in {of['found']:.2f} s, made smaller in {of['shrunk']:.2f} s"
            lines.append(f"median{words}: {sizes}; {times}")
    lines.append(f"found last after {max(hunt.found for hunt in hunts):.1f} s")
    missed = [h for h in hunts if not h.claim]
    lines += [f"not found with seed {h.seed}: {h.mutant}: {MUTANTS[h.mutant].what}" for h in missed]
    late = [h for h in found if h.found > LATEST]
    return [*lines, *(f"found late: {h.mutant}, {h.found:.0f} s, seed {h.seed}" for h in late)]


def page(hunts: Sequence[Hunt], profile: str, seeds: Sequence[int]) -> str:
    """All mutants and how they were found, as Markdown: the latest and the largest of all seeds."""
    lines = [
        "# Wrong layers",
        "",
        f"Each is a plain layer with one thing wrong (`tests/mutants`). Run on {date.today()}: "
        f"profile {profile}, seeds {', '.join(map(str, seeds))}; for each the claims that speak of "
        "such a defect came first. Printed by `python -m tests.mutants`.",
        "",
        *(f"- {line}" for line in summed_up(hunts)),
        "",
        "| mutant | what is wrong | seen in | found by | seconds | units, steps, rows, weights |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *rows(hunts).values(), ""])


def rows(hunts: Sequence[Hunt]) -> dict[str, str]:
    """A row a mutant."""
    by_name: dict[str, list[Hunt]] = {}
    for hunt in hunts:
        by_name.setdefault(hunt.mutant, []).append(hunt)
    found = {}
    for name in (each for each in MUTANTS if each in by_name):
        own, report = by_name[name], MUTANTS[name].report
        seen = f"[{'#'.join(report.split('/')[-3::2])}]({report})" if report else ""
        claims = ", ".join(dict.fromkeys(f"`{hunt.claim}`" for hunt in own))
        sizes = ", ".join(str(max(getattr(hunt, size) for hunt in own)) for size in SMALL)
        words = [f"`{name}`", MUTANTS[name].what, seen, claims]
        found[name] = f"| {' | '.join(words)} | {max(h.found for h in own):.1f} | {sizes} |"
    return found


def added(text: str, hunts: Sequence[Hunt], profile: str, seeds: Sequence[int], only: str) -> str:
    """A page with the rows of some mutants put in, and how these were hunted."""
    head, table, known = text.partition("\n| mutant |")
    names, rule, *lines = known.splitlines()
    old = {line.split("`")[1]: line for line in lines}
    new = rows(hunts)
    about = [
        f"By themselves, and not in these figures: `{only}`, on {date.today()}, profile {profile}, "
        f"seeds {', '.join(map(str, seeds))}.",
        "",
        *(f"- {line}" for line in summed_up(hunts)),
    ]
    head = head.partition("\nBy themselves")[0].rstrip("\n")
    wanted = ({**old, **new}[name] for name in MUTANTS if name in old or name in new)
    return "\n".join([head, "", *about, table + names, rule, *wanted, ""])


def main() -> int:
    """Print a line a hunt, and what they come to."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    parser.add_argument("--only", default="*", help="mutants, by name: 'lstm.*'")
    parser.add_argument("--json", help="a file for a line of JSON each")
    parser.add_argument("--write", type=Path, help="a file for the page")
    parser.add_argument("--add", type=Path, help="a page that gets the rows")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    names = [name for name in MUTANTS if fnmatchcase(name, asked.only)]
    if not names:
        parser.error(f"no mutant matches {asked.only!r}")
    if asked.add and not asked.add.is_file():
        parser.error(f"there is no page {asked.add} to add to")
    hunts = []
    with ProcessPoolExecutor(asked.processes) as pool:
        jobs = [pool.submit(hunted, n, asked.profile, seed) for seed in asked.seed for n in names]
        for job in as_completed(jobs):
            hunt = job.result()
            hunts.append(hunt)
            size = (
                f"{hunt.units} units, {hunt.steps} steps, {hunt.rows} rows, {hunt.weights} weights"
            )
            print(f"{hunt.mutant:40} {hunt.claim or 'NOT FOUND':20}", end=" ")
            print(f"{hunt.found:5.1f} + {hunt.shrunk:4.1f} s; {size}", flush=True)
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(hunt)) + "\n" for hunt in hunts)
    if asked.write:
        asked.write.write_text(page(hunts, asked.profile, asked.seed), encoding="utf-8")
    if asked.add:
        text = asked.add.read_text(encoding="utf-8")
        text = added(text, hunts, asked.profile, asked.seed, asked.only)
        asked.add.write_text(text, encoding="utf-8")
    print(f"profile {asked.profile}, seeds {', '.join(map(str, asked.seed))}")
    print("\n".join(summed_up(hunts)))
    found = all(hunt.claim and hunt.found <= LATEST for hunt in hunts)
    return 0 if found and small(hunts) else 1


if __name__ == "__main__":
    sys.exit(main())
