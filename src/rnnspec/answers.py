"""Answers to vectors, judged: each is a file of its own, and what is read of it is data.

An answer is judged from its own states, as ever: each step from the hidden state that it says came
before. Of several layers only the top one is seen: those below are carried along by the equations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from rnnspec import interruption
from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.encoding import Malformed, get, read_object
from rnnspec.reference.implementation import Implementation, Refused
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.messages import ANSWER, decode_answer, decode_gradients
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, Level
from rnnspec.reference.unroll import count, unroll, valid_steps
from rnnspec.spec.trial import Comparison, Observed, Trial, WrongAnswer
from rnnspec.vector import EMPTY, Vector
from rnnspec.vectors import MANIFEST, SUFFIX, text_in


class Said(StrEnum):
    """What is said of a vector."""

    HELD = "held"
    VIOLATED = "violated"
    REFUSED = "refused"
    NO_ANSWER = "no answer"
    NOT_ANSWERED = "not answered"


@dataclass(frozen=True, eq=False)
class Judged:
    """What is said of the answer to a vector, and what it rests on."""

    vector: Vector
    said: Said
    reason: str = ""
    comparison: Comparison | None = None
    """The one that used the largest share of its bound, where numbers were compared."""

    @property
    def size(self) -> int:
        """How many numbers stand in the case."""
        case = self.vector.case
        arrays = () if case is None else (case.inputs, *case.weights.values())
        return sum(array.size for array in arrays)


def judged(folder: Path, vectors: Sequence[Vector], level: Level) -> Iterator[Judged]:
    """Every vector, by the file of its name in a folder of answers."""
    for vector in vectors:
        interruption.check()
        try:
            data = read_object(text_in(folder / f"{vector.id}{SUFFIX}"))
        except FileNotFoundError:
            yield Judged(vector, Said.NOT_ANSWERED)
        except OSError as error:
            yield Judged(vector, Said.NO_ANSWER, f"it cannot be read: {error.strerror or error}")
        except Malformed as error:
            yield Judged(vector, Said.NO_ANSWER, str(error))
        else:
            yield judge(vector, data, level)


def others(folder: Path, vectors: Sequence[Vector]) -> list[Path]:
    """What else is in a folder of answers. Raises OSError; and Malformed where no answer is."""
    known = {f"{vector.id}{SUFFIX}" for vector in vectors}
    there = sorted(folder.iterdir())
    if (folder / MANIFEST).is_file():
        raise Malformed("is a set of vectors: keep the answers in a folder of their own")
    if not any(path.name in known for path in there):
        raise Malformed(
            f"holds no answer: that to {vectors[0].id}, say, is {vectors[0].id}{SUFFIX}"
        )
    return [path for path in there if path.name not in known]


def exit_status(judged: Iterable[Judged], strays: Sequence[Path], *, strict: bool = False) -> int:
    """1 for a violation, 3 for what is no answer, 2 for an answer to no vector; 1 wins over 3."""
    said = {each.said for each in judged}
    if said & {Said.VIOLATED, *((Said.REFUSED, Said.NOT_ANSWERED) if strict else ())}:
        return 1
    if Said.NO_ANSWER in said:
        return 3
    return 2 if any(path.suffix == SUFFIX for path in strays) else 0


def judge(vector: Vector, data: Mapping[str, Any], level: Level) -> Judged:
    """What is said of an answer to a vector, at an accuracy of sigmoid and tanh."""
    try:
        _answers(vector, data)
        if vector.case is None:
            return _counted(vector, data)
        compared = _compared(vector, vector.case, data, level)
    except Refused as no:
        return Judged(vector, Said.REFUSED, str(no))
    except (Malformed, WrongAnswer) as wrong:
        return Judged(vector, Said.NO_ANSWER, str(wrong))
    worst = max(compared, key=lambda each: each.ratio)
    if worst.ratio <= 1.0:
        return Judged(vector, Said.HELD, comparison=worst)
    return Judged(vector, Said.VIOLATED, f"{worst.what} is off", worst)


def _answers(vector: Vector, data: Mapping[str, Any]) -> None:
    """Raises Refused where it says no, and Malformed where it is none, or one to another vector."""
    if "id" in data and data["id"] != vector.id:
        raise Malformed(f"{ANSWER}.id is not {vector.id!r}")
    if "refused" in data:
        raise Refused(get(data, "refused", str, ANSWER))
    if "error" in data:
        why = get(data, "error", str, ANSWER)
        raise Refused(why) if EMPTY in vector.claims else Malformed(f"it failed: {why}")
    if vector.do == "gradients" and data.get("none") is True:
        raise Refused("there is no backward pass")


def _counted(vector: Vector, data: Mapping[str, Any]) -> Judged:
    found, wanted = get(data, "count", (int, NoneType), ANSWER), count(vector.network)
    if found is None:
        raise Refused("there are no parameters to count")
    if found == wanted:
        return Judged(vector, Said.HELD)
    return Judged(
        vector, Said.VIOLATED, f"{found} parameters are counted, where {wanted} are needed"
    )


class _Given(Implementation):
    """What has answered one vector, and answers no more."""

    name, conventions = "the answers", ReferenceLayer.conventions

    def __init__(self, level: Level, answer: Answer, back: Gradients | None) -> None:
        self.levels = dict.fromkeys(PRECISIONS, level)
        self.answer, self.back = answer, back

    def run(self, case: Case) -> Answer:
        return self.answer

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        return self.back


class _Trial(Trial):
    """A trial of an answer that was given before."""

    def _below(self, case: Case) -> list[Observed]:
        """Nothing more can be run."""
        return []


def _compared(
    vector: Vector, case: Case, data: Mapping[str, Any], level: Level
) -> list[Comparison]:
    """Every number of an answer with what the equations allow."""
    back = None
    if vector.do == "gradients":
        get(data, "weights", dict, ANSWER)
        back = decode_gradients(data, case, _Given.conventions[case.network.cell])
    answer = decode_answer(data) if back is None else back.answer
    parts = {**answer.parts(), **({} if back is None else back.parts())}
    for name, part in parts.items():
        _exact(name, part, case.dtype)
    trial = _Trial(_Given(level, answer, back))
    trial.follows(case)
    if back is not None:
        trial.follows_back(case, vector.cotangents)
    return [*trial.comparisons, *_nan_comes_out(case, answer)]


def _exact(name: str, part: Array, dtype: str) -> None:
    """Raises Malformed where a number is none of the dtype: it may have been written shortened."""
    rounded = PRECISIONS[dtype].round(part)
    off = ~(np.isnan(part) | (rounded == part))
    if off.any():
        where = f"{ANSWER}: {name} holds {float(part[off][0])!r}"
        raise Malformed(f"{where}, which is no {dtype}; write every digit that it has")


def _nan_comes_out(case: Case, answer: Answer) -> Iterator[Comparison]:
    """Where the equations have NaN, of which bounds say nothing, nothing else may be."""
    if not np.isnan(case.inputs).any():
        return
    plain, valid = unroll(case).parts(), valid_steps(case)
    for name, part in answer.parts().items():
        lost = np.isnan(plain[name])
        lost = lost if name != "outputs" or valid is None else lost & valid
        yield Comparison(name, case, part, plain[name], np.where(lost, 0.0, np.inf))
