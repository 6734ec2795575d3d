"""Card 8: counting and long lags, by GRU and LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from rnnspec.reference.operations import Array
from rnnspec.reference.training import Examples, Training, Trains
from rnnspec.studies.interval import Effect
from rnnspec.studies.models import accuracy, costs, network, of_as_many
from rnnspec.studies.study import Done, Hypothesis, Measures, Setting, Study, paired
from rnnspec.studies.tasks import Draw, added, copied, counted

UNITS = {"a^n b^n": 8, "a^n b^n c^n": 10, "adding": 16, "copying": 24}
COUNTING = ("a^n b^n", "a^n b^n c^n")
TRAINED, BEYOND = 20, 60
"""Up to so many repeats are trained; from there up to so many are tried."""
CLOSE = 0.04
"""A sum counts as right within this, of a mean between 0 and 1."""
CELLS = {
    "LSTM": {"cell": "lstm", "budget": "units"},
    "GRU, equal units": {"cell": "gru", "budget": "units"},
    "GRU, equal parameters": {"cell": "gru", "budget": "parameters"},
}


class Complex(Study):
    """Languages that need counting, at lengths beyond those of the training; and long lags."""

    label = "compare.complex-task"
    hypothesis = Hypothesis(
        statement="On tasks that need counting, or a long memory, an LSTM does better than a GRU.",
        measure="share of new sequences that are right throughout (counting: all of lengths beyond "
        "the training's; adding: within 0.04; copying: of symbols)",
        effect="share of the LSTM less that of the GRU, over both counting languages, at equal "
        "units",
        least=0.1,
        seeds=10,
        stopping="2,500 batches of 32 sequences for counting, 1,500 for the other tasks, and 10 "
        "seeds; nothing is stopped early",
        conditions="a^n b^n and a^n b^n c^n, trained with n to 20 and tried with n from 21 to 60; "
        "adding over 40 steps; copying 5 symbols over 20 steps; 8, 10, 16 and 24 units; Adam, "
        "rate 0.01, gradients clipped to 1; a bias of 1 on the gate that keeps the past",
    )

    def settings(self, quick: bool) -> list[Setting]:
        """Each task by an LSTM, a GRU of as many units, and one of as many parameters."""
        tasks = ("a^n b^n",) if quick else tuple(UNITS)
        return [{"task": task, **cell} for task in tasks for cell in CELLS.values()]

    def measured(self, setting: Setting, seed: int, trainer: Trains, quick: bool) -> Measures:
        """The share that is right, and what the network costs."""
        draw, task = np.random.default_rng([seed, 0]), setting["task"]
        examples, new = data(task, draw)
        inputs, units = examples.inputs.shape[-1], UNITS[task]
        net = network(trainer, setting["cell"], inputs, units)
        if setting["budget"] == "parameters":
            net = of_as_many(net, network(trainer, "lstm", inputs, units))
        numbers = task == "adding"
        outputs = 1 if numbers else int(examples.targets.max()) + 1
        loss = "numbers" if numbers else "classes"
        updates = 20 if quick else 2500 if task in COUNTING else 1500
        trained = trainer.train(Training(net, outputs, loss, updates, seed=seed), examples)
        return {"right": right(task, trained.said(new.inputs), new), **costs(net)}

    def effects(self, done: Sequence[Done]) -> list[Effect]:
        """Over both counting languages, at equal units; then each task, at either budget."""
        found = []
        counting = [task for task in COUNTING if any(d.setting["task"] == task for d in done)]
        each = [self._more(done, task, "units") for task in counting]
        found.append(
            Effect.of("counting, equal units", list(map(np.mean, zip(*each, strict=True))))
        )
        for task in dict.fromkeys(d.setting["task"] for d in done):
            for budget in ("units", "parameters"):
                more = self._more(done, task, budget)
                found.append(Effect.of(f"{task}, equal {budget}", more))
        return found

    def _more(self, done: Sequence[Done], task: str, budget: str) -> list[float]:
        one = {"task": task, "cell": "lstm"}
        return paired(done, "right", one, {"task": task, "cell": "gru", "budget": budget})

    def arms(self, done: Sequence[Done]) -> dict[str, list[float]]:
        """The share, by task and cell."""
        return {
            f"{task}: {name}": [
                d.measures["right"] for d in done if d.setting == {"task": task, **cell}
            ]
            for task in dict.fromkeys(d.setting["task"] for d in done)
            for name, cell in CELLS.items()
        }


def data(task: str, draw: Draw) -> tuple[Examples, Examples]:
    """What is learned from, and what is tried."""
    if task in COUNTING:
        letters = 2 + COUNTING.index(task)
        return (
            counted(draw.integers(1, TRAINED + 1, size=1000).tolist(), letters, TRAINED),
            counted(range(TRAINED + 1, BEYOND + 1), letters, BEYOND),
        )
    make = partial(added, steps=40) if task == "adding" else partial(copied, length=5, lag=20)
    return make(draw, 2000), make(draw, 1000)


def right(task: str, said: Array, new: Examples) -> float:
    """The share that is right."""
    if task == "adding":
        return float((np.abs(said[-1] - new.targets[-1]) < CLOSE).mean())
    if task == "copying":
        return accuracy(said, new)
    wrong = (said.argmax(axis=-1) != new.targets) & new.counts
    return float((~wrong.any(axis=0)).mean())


STUDY = Complex()
