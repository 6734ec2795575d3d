"""The kill matrix: which claim finds which mutant, and what each claim alone finds.

    python -m tests.mutants.matrix --profile quick --seed 0 [--write docs/kills.md]

With ``--claims 'beyond.*' --add docs/kills.md`` it is these claims alone; of all others, what the
page says stays as it is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from rnnspec.reference.implementation import Implementation
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import PROFILES, Outcome, search
from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunt import FOUND, checked
from tests.mutants.places import PLACES
from tests.mutants.shared import SHARED, sharing

Kills = Mapping[str, Sequence[str]]
"""The claims that find each of several wrong layers, by name."""


class _Found(KeyboardInterrupt):
    """Ends a search at the first case that fails: what is smaller does not matter here."""


def finds(claim: Claim, layer: Implementation, profile: str, seed: int) -> bool:
    """Whether a claim finds something wrong in a layer."""

    def progress(outcome: Outcome) -> None:
        if outcome.verdict in FOUND:
            raise _Found

    try:
        return search(claim, layer, profile, seed, progress).verdict in FOUND
    except _Found:
        return True


def killers(name: str, labels: Sequence[str], profile: str, seed: int) -> list[str]:
    """The claims of some that find a mutant, each tried on a new one."""
    return [one for one in labels if finds(CLAIMS[one], MUTANTS[name].layer(), profile, seed)]


def shared_killers(name: str, labels: Sequence[str], profile: str, seed: int) -> list[str]:
    """The claims of some that find a defect that the reference has as well."""
    with sharing(name) as layer:
        return [one for one in labels if finds(CLAIMS[one], layer, profile, seed)]


def alone(kills: Kills) -> dict[str, list[str]]:
    """What no other claim finds, by claim."""
    found: dict[str, list[str]] = {claim.id: [] for claim in checked()}
    for name, claims in kills.items():
        if len(claims) == 1:
            found[claims[0]].append(name)
    return found


def by_claim(kills: Kills, shared: Kills) -> Iterator[str]:
    """A row a claim: how many it finds, what it alone finds, and why it is there."""
    yield "| claim | mutants | alone | shared | the only one to find, or why it has its place |"
    yield "|---|---|---|---|---|"
    for label, names in alone(kills).items():
        number = sum(label in claims for claims in kills.values())
        both = sum(label in claims for claims in shared.values())
        shown = ", ".join(f"`{name}`" for name in names[:3]) + (", ..." if len(names) > 3 else "")
        why = " ".join(filter(None, [shown, PLACES.get(label, "")]))
        yield f"| `{label}` | {number} | {len(names)} | {both} | {why} |"


def by_mutant(kills: Kills) -> Iterator[str]:
    """A line a mutant: a mark under each claim that finds it."""
    labels = [claim.id for claim in checked()]
    width = max(map(len, kills))
    for row in range(2):
        yield " " * (width + 1) + "".join(f"{k + 1:02}"[row] for k in range(len(labels)))
    for name, claims in kills.items():
        yield f"{name:{width}} " + "".join("#" if label in claims else "." for label in labels)
    yield ""
    for k, label in enumerate(labels):
        yield f"{k + 1:02} {label}"


ROW = re.compile(r"^([a-z]+\.[a-z0-9-]+) +([#.]+)$", flags=re.MULTILINE)
LABEL = re.compile(r"^(\d\d) ([a-z]+\.[a-z-]+)$", flags=re.MULTILINE)
RUN = re.compile(r"every claim: ([^;(]*[^;( ])")


def on_page(text: str) -> Kills:
    """The claims that find each wrong layer, as a page says it."""
    labels = {int(k): label for k, label in LABEL.findall(text)}
    return {
        name: [labels[k] for k, mark in enumerate(marks, 1) if mark == "#"]
        for name, marks in ROW.findall(text)
    }


def merged(known: Kills, found: Kills, names: Iterable[str], labels: Sequence[str]) -> Kills:
    """What is known of each wrong layer, but for what some claims were found to say anew."""
    order = [claim.id for claim in checked()]
    return {
        name: sorted(
            {*(one for one in known.get(name, ()) if name not in found or one not in labels)}
            | {*found.get(name, ())},
            key=order.index,
        )
        for name in names
    }


def page(kills: Kills, shared: Kills, run: str) -> str:
    """All of it, as Markdown."""
    return "\n".join(
        [
            "# What each claim finds",
            "",
            f"{len(kills)} wrong layers against every claim: {run}; "
            f"{sum(map(bool, kills.values()))} of them found. Printed by "
            "`python -m tests.mutants.matrix`; the layers are in `tests/mutants`, many with the "
            "public report of such a defect. *Alone* are those that no other claim finds. *Shared* "
            f"are {len(shared)} wrong equations that the reference has, too: whatever compares a "
            "layer with the reference is blind to them.",
            "",
            *by_claim(kills, shared),
            "",
            "## Mutant by mutant",
            "",
            "```text",
            *by_mutant(kills),
            "```",
            "",
            "## Wrong equations that the reference shares",
            "",
            "```text",
            *by_mutant(shared),
            "```",
            "",
        ]
    )


def main() -> int:
    """Print the matrix, or write it; 1 where a mutant was found by no claim."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.matrix")
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", help="wrong layers, by name: 'lstm.*'")
    parser.add_argument("--claims", default="*", help="claims, by label: 'beyond.*'")
    parser.add_argument("--write", type=Path, help="a file for the page")
    parser.add_argument("--add", type=Path, help="a page that is brought up to date")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    names = [name for name in MUTANTS if fnmatchcase(name, asked.only)]
    labels = [claim.id for claim in checked() if fnmatchcase(claim.id, asked.claims)]
    if not names or not labels:
        parser.error(f"no mutant matches {asked.only!r}, or no claim {asked.claims!r}")
    if asked.add and not asked.add.is_file():
        parser.error(f"there is no page {asked.add} to add to")
    with ProcessPoolExecutor(asked.processes) as pool:

        def found(names: Sequence[str], by: Callable[..., list[str]]) -> Kills:
            tried = partial(by, labels=labels, profile=asked.profile, seed=asked.seed)
            kills = {}
            for name, claims in zip(names, pool.map(tried, names), strict=True):
                kills[name] = claims
                print(f"{name}: {len(claims)} claims", file=sys.stderr, flush=True)
            return kills

        kills = found(names, killers)
        shared = found([n for n in SHARED if fnmatchcase(n, asked.only)], shared_killers)
    run = f"profile {asked.profile}, seed {asked.seed}, {date.today()}"
    if asked.add:
        text = asked.add.read_text(encoding="utf-8")
        kills = merged(on_page(text), kills, MUTANTS, labels)
        shared = merged(on_page(text), shared, SHARED, labels)
        known = RUN.search(text)
        run = f"{known[1] if known else 'unknown'} (`{asked.claims}` by themselves: {run}; what is "
        run += "new since has marks of these alone)"
    text = page(kills, shared, run)
    for file in filter(None, (asked.write, asked.add)):
        file.write_text(text, encoding="utf-8")
    if not asked.write and not asked.add:
        print(text)
    return 0 if all(kills.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
