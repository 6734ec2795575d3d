"""Every mutant answers the vectors: how many are found, by ``rnnspec check-answers`` and by the
bounds in the files alone.

    python -m tests.mutants.vectors [--only 'lstm.*']

Vectors have nothing that is beyond the cards, so the mutants of that are left out.

Exit status: 0 where at least MOST of them are found, 1 otherwise, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from rnnspec.answers import Judged, Said, judge
from rnnspec.reference.encoding import decode_array
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.messages import encode_answer, encode_gradients
from rnnspec.reference.precision import RELATIVE
from rnnspec.replay import lacks
from rnnspec.vector import Vector
from rnnspec.vector_form import encode
from rnnspec.vector_plan import plan
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import BEYOND
from tests.mutants.plain import Plain

MOST = 0.9
"""The share of all these mutants that is to be found."""
FOUND = (Said.VIOLATED, Said.NO_ANSWER)


def answered(layer: Implementation, vector: Vector) -> dict[str, Any]:
    """The answer of a layer in this process, as it would be in a file."""
    try:
        if vector.case is None:
            return {"count": layer.count(vector.network)}
        reason = lacks(layer, vector.case)
        if reason is not None:
            return {"refused": reason}
        case = vector.case.copied()  # as who reads it from a file, and writes into it
        if vector.do == "run":
            return encode_answer(layer.run(case))
        found = layer.gradients(case, vector.cotangents)
    except (Refused, NotImplementedError) as no:
        return {"refused": str(no)}
    except Exception as error:
        return {"error": str(error)}
    return {"none": True} if found is None else encode_gradients(found)


def by_answers(layer: Implementation, vectors: Iterable[Vector]) -> Judged | None:
    """The first vector that finds it, answered in their order."""
    judged = (judge(vector, answered(layer, vector), RELATIVE) for vector in vectors)
    return next((each for each in judged if each.said in FOUND), None)


def by_files(layer: Implementation, files: Iterable[tuple[Vector, Mapping[str, Any]]]) -> bool:
    """Whether any number is further off than a file allows."""
    return any(
        not within(answered(layer, vector), data["expected"], data["bounds"]["relative"])
        for vector, data in files
    )


def within(answer: Any, expected: Any, bound: Any) -> bool:
    """What who has the files alone would do: every number within its bound, NaN where it is due."""
    if isinstance(expected, int):
        return bool(answer == expected)
    if "shape" not in expected:
        return all(
            name in answer and within(answer[name], expected[name], bound[name])
            for name in expected
        )
    found, wanted, allowed = (decode_array(each, "it") for each in (answer, expected, bound))
    if found.shape != wanted.shape:
        return False
    alike = (np.isnan(found) & np.isnan(wanted)) | (found == wanted)
    with np.errstate(invalid="ignore"):
        near = np.abs(found - wanted) <= allowed
    return bool(np.all(alike | near | np.isinf(allowed)))


def told(names: Sequence[str], missed: Mapping[str, Sequence[str]], seconds: float) -> str:
    """What there is to say of all of them."""
    lines = [f"{date.today()}, {len(names)} mutants, {seconds:.0f} s"]
    for way, of in missed.items():
        found = len(names) - len(of)
        lines.append(f"{way}: {found} found ({found / len(names):.1%}); not {', '.join(of)}")
    return "\n".join(lines)


def main() -> int:
    """Print a line a mutant, and what they come to."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.vectors")
    parser.add_argument("--only", default="*", help="mutants, by name: 'lstm.*'")
    asked = parser.parse_args()
    names = [
        name
        for name, one in MUTANTS.items()
        if fnmatchcase(name, asked.only) and one.family != BEYOND
    ]
    if not names:
        parser.error(f"no mutant matches {asked.only!r}")
    started = time.monotonic()
    vectors = list(plan())
    files = [(vector, encode(vector)) for vector in vectors]
    if by_answers(Plain(), vectors) or by_files(Plain(), files):
        raise SystemExit("the correct layer is accused")
    missed: dict[str, list[str]] = {"check-answers": [], "the bounds in the files alone": []}
    judged, alone = missed.values()
    for name in names:
        found = by_answers(MUTANTS[name].layer(), vectors)
        judged += [] if found else [name]
        alone += [] if by_files(MUTANTS[name].layer(), files) else [name]
        words = f"{found.vector.id}: {found.said}" if found else "NOT FOUND"
        print(f"{name:45} {words}", flush=True)
    print(told(names, missed, time.monotonic() - started))
    return 0 if len(judged) <= (1 - MOST) * len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
