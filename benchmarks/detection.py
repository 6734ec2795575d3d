"""How many wrong layers are found, and how fast: by the claims, and by what else there is.

Every mutant of ``tests/mutants`` is run against ONNX's node tests, against one random case of each
cell, and against a hundred random cases. All of them get one new layer for all of their examples,
and stop at the first that fails; the layer that the mutants are changes of passes all.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.examples import Example
from benchmarks.hand_written import a_hundred, one_each
from benchmarks.onnx_tests import onnx_tests
from benchmarks.report import asks, present, table
from rnnspec.reference.implementation import Implementation
from rnnspec.spec.search import PROFILES
from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunt import Hunt, hunted
from tests.mutants.mutant import BEYOND
from tests.mutants.plain import Plain

CLAIMS, ONNX, ONE, MANY = "claims", "ONNX's node tests", "one case a cell", "a hundred cases"
SEED = 0
NAMES = [name for name, one in MUTANTS.items() if one.family != BEYOND]
"""What is wrong beyond the cards is left out: none of the examples asks for anything of that."""
UNSEEN = ("count", "gradients")
"""Families that no forward call shows: none of the examples can find one of them."""


class Try(NamedTuple):
    """Whether a mutant was found, and after how many seconds."""

    found: bool
    seconds: float


def by_examples(examples: Sequence[Example], layer: Implementation) -> Try:
    """The first example that fails ends it."""
    started = time.perf_counter()
    found = any(example.fails(layer) for example in examples)
    return Try(found, time.perf_counter() - started)


def by_claims(path: str | None, profile: str) -> dict[str, Try]:
    """What the claims say, in lines of JSON that ``python -m tests.mutants`` wrote or anew."""
    if path is None:
        hunts = [hunted(name, profile, SEED) for name in NAMES]
    else:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        hunts = [Hunt(**json.loads(line)) for line in lines]
    tries = {hunt.mutant: Try(bool(hunt.claim), hunt.found) for hunt in hunts if hunt.seed == SEED}
    return {name: tries[name] for name in NAMES if name in tries}


def summary(tries: Mapping[str, Mapping[str, Try]]) -> str:
    """A line a way. Times are compared on the mutants that both have found."""
    ours, rows = tries[CLAIMS], []
    for way, theirs in tries.items():
        found = [name for name, each in theirs.items() if each.found]
        both = [name for name in found if ours[name].found]
        seen = [name for name in found if MUTANTS[name].family not in UNSEEN]
        all_ours = sum(each.found for each in ours.values())
        slower = median(ours[name] for name in both) / median(theirs[name] for name in both)
        rows.append(
            [
                way,
                f"{len(found)} of {len(theirs)}",
                f"{all_ours / max(len(found), 1):.2f}",
                f"{len(seen)} of {sum(MUTANTS[name].family not in UNSEEN for name in theirs)}",
                f"{1e3 * median(theirs[name] for name in found):.3g}",
                f"{sum(theirs[name].seconds for name in found):.3g}",
                f"{slower:.3g}",
            ]
        )
    columns = [
        "",
        "found",
        "claims find, times as many",
        "of those that a forward call shows",
        "ms to find, median",
        "s for all found",
        "claims take, times as long",
    ]
    return table(columns, rows)


def median(tries: Iterable[Try]) -> float:
    """Of the seconds."""
    return float(np.median([each.seconds for each in tries]))


def families(tries: Mapping[str, Mapping[str, Try]]) -> str:
    """How many of each family every way has found."""
    rows = []
    for family in sorted({MUTANTS[name].family for name in NAMES}):
        names = [name for name in tries[CLAIMS] if MUTANTS[name].family == family]
        found = [sum(theirs[name].found for name in names) for theirs in tries.values()]
        rows.append([family, len(names), *found])
    return table(["family", "mutants", *tries], rows)


def main() -> int:
    """Print both tables, and what the claims have missed."""
    parser = asks("detection", __doc__)
    parser.add_argument("--profile", choices=PROFILES, default="standard", help="of the claims")
    parser.add_argument("--lines", help="what python -m tests.mutants --json FILE wrote, if it did")
    asked = parser.parse_args()
    onnx, left_out = onnx_tests()
    peers: dict[str, Sequence[Example]] = {ONNX: onnx, ONE: one_each(), MANY: a_hundred()}
    for way, examples in peers.items():
        if by_examples(examples, Plain()).found:
            raise SystemExit(f"{way}: the correct layer does not pass")
    tries = {CLAIMS: by_claims(asked.lines, asked.profile)}
    names = list(tries[CLAIMS])
    tries |= {
        way: {name: by_examples(examples, MUTANTS[name].layer()) for name in names}
        for way, examples in peers.items()
    }
    missed = [name for name in names if not tries[CLAIMS][name].found]
    only = [f"{name} (by {way})" for name in missed for way in peers if tries[way][name].found]
    present(
        "detection",
        "Wrong layers found",
        [
            f"{len(names)} mutants, none of them beyond the cards. Claims: profile "
            f"{asked.profile}, seed {SEED}, to the first case that "
            f"fails{', in a run of its own on this machine' if asked.lines else ''}; "
            "those that speak of what a mutant's family gets wrong come first. "
            f"{ONNX}: {len(onnx)}, at their own tolerance (left out, since no layer here has what "
            f"they ask for: {', '.join(left_out) or 'none'}). One case a cell and a hundred: "
            "float32, at PyTorch's default tolerance; what they are is in "
            "`benchmarks/hand_written.py`. The correct layer passes all of them.",
            summary(tries),
            f"Of the families {' and '.join(UNSEEN)}, a forward call shows nothing.",
            families(tries),
            f"Missed by the claims: {', '.join(missed) or 'none'}. Missed by the claims and found "
            f"otherwise: {', '.join(only) or 'none'}.",
        ],
        ["onnx"],
        write=asked.write,
    )
    return 1 if only else 0


if __name__ == "__main__":
    sys.exit(main())
