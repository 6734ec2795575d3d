"""What a study is: a hypothesis that is fixed before anything is run, and how it is tried."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from rnnspec.reference.training import Trains
from rnnspec.studies.interval import Effect

Setting = Mapping[str, Any]
"""Of one run: the network, the task, the budget. Plain values, which are kept with the results."""
Measures = Mapping[str, float]
"""What was measured in one run, by name."""


@dataclass(frozen=True)
class Hypothesis:
    """What is expected, and what would decide. Fixed before the run."""

    statement: str
    """The card's sentence, in our words."""
    measure: str
    """What is measured, and in which unit."""
    effect: str
    """Which difference speaks for the card: the more of it, the more."""
    least: float
    """The smallest effect of interest: the whole interval has to reach it."""
    seeds: int
    stopping: str
    """When a run ends, and the study with it."""
    conditions: str
    """What it was tried on: what it says nothing of is left open."""


class Job(NamedTuple):
    """One run of a study."""

    label: str
    setting: Setting
    seed: int
    quick: bool
    adapter: str

    @property
    def key(self) -> str:
        """Its name among the runs of the study."""
        told = " ".join(f"{name}={value}" for name, value in sorted(self.setting.items()))
        return f"{told} seed={self.seed}"


class Done(NamedTuple):
    """What a run gave."""

    setting: Setting
    seed: int
    measures: Measures
    seconds: float


class Study(ABC):
    """An experiment. A subclass has a label, a hypothesis, settings, a run, and effects."""

    label: str
    hypothesis: Hypothesis
    quick_seeds = 2

    @abstractmethod
    def settings(self, quick: bool) -> list[Setting]:
        """All that is compared; with ``quick`` small enough to show that it runs."""

    @abstractmethod
    def measured(self, setting: Setting, seed: int, trainer: Trains, quick: bool) -> Measures:
        """One run."""

    @abstractmethod
    def effects(self, done: Sequence[Done]) -> list[Effect]:
        """The effects: the first is the one that decides."""

    @abstractmethod
    def arms(self, done: Sequence[Done]) -> dict[str, list[float]]:
        """What was measured, by what was compared: for the picture."""

    def jobs(self, quick: bool, adapter: str, seeds: int | None = None) -> list[Job]:
        """Every setting with every seed, seed by seed."""
        count = seeds or (self.quick_seeds if quick else self.hypothesis.seeds)
        return [
            Job(self.label, setting, seed, quick, adapter)
            for seed in range(count)
            for setting in self.settings(quick)
        ]

    def told(self) -> dict[str, Any]:
        """The hypothesis, as it is kept with the results."""
        return asdict(self.hypothesis)


def paired(done: Sequence[Done], name: str, better: Setting, worse: Setting) -> list[float]:
    """What one kind of setting measured more than another, seed by seed."""
    found = [{d.seed: d.measures[name] for d in done if _has(d, each)} for each in (better, worse)]
    return [found[0][seed] - found[1][seed] for seed in sorted(found[0].keys() & found[1].keys())]


def _has(done: Done, setting: Setting) -> bool:
    return all(done.setting.get(name) == value for name, value in setting.items())
