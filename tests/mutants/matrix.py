"""The kill matrix: which claim finds which mutant, and what each claim alone finds.

python -m tests.mutants.matrix --profile quick --seed 0 [--write docs/kills.md]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from fnmatch import fnmatchcase
from functools import partial

from rnnspec.reference.implementation import Implementation
from rnnspec.spec.claim import Claim
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


def killers(name: str, profile: str, seed: int) -> list[str]:
    """The claims that find a mutant, each tried on a new one."""
    return [c.id for c in checked() if finds(c, MUTANTS[name].layer(), profile, seed)]


def shared_killers(name: str, profile: str, seed: int) -> list[str]:
    """The claims that find a defect that the reference has as well."""
    with sharing(name) as layer:
        return [claim.id for claim in checked() if finds(claim, layer, profile, seed)]


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


def page(kills: Kills, shared: Kills, profile: str, seed: int) -> str:
    """All of it, as Markdown."""
    return "\n".join(
        [
            "# What each claim finds",
            "",
            f"{len(kills)} wrong layers against every claim: profile {profile}, seed {seed}, "
            f"{date.today()}; {sum(map(bool, kills.values()))} of them found. Printed by "
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
    parser.add_argument("--only", default="*", help="mutants, by name: 'lstm.*'")
    parser.add_argument("--write", help="a file for the page")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    names = [name for name in MUTANTS if fnmatchcase(name, asked.only)]
    if not names:
        parser.error(f"no mutant matches {asked.only!r}")
    with ProcessPoolExecutor(asked.processes) as pool:

        def found(names: Sequence[str], by: Callable[..., list[str]]) -> Kills:
            tried = partial(by, profile=asked.profile, seed=asked.seed)
            kills = {}
            for name, claims in zip(names, pool.map(tried, names), strict=True):
                kills[name] = claims
                print(f"{name}: {len(claims)} claims", file=sys.stderr, flush=True)
            return kills

        kills, shared = found(names, killers), found(list(SHARED), shared_killers)
    text = page(kills, shared, asked.profile, asked.seed)
    if asked.write:
        with open(asked.write, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text)
    return 0 if all(kills.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
