"""Card 12: one direction and two, where data are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnspec.reference.training import Training, Trains
from rnnspec.studies.interval import Effect
from rnnspec.studies.models import accuracy, costs, network, of_as_many
from rnnspec.studies.study import Done, Hypothesis, Measures, Setting, Study, paired
from rnnspec.studies.tasks import tagged

UNITS, KINDS = 16, 5
SIZES = (16, 64, 256)
ARMS = {
    "one direction": {"direction": "forward", "budget": "units"},
    "two, equal units": {"direction": "both", "budget": "units"},
    "two, equal parameters": {"direction": "both", "budget": "parameters"},
}


class Overfits(Study):
    """The gap between training and testing, on a task that the past alone decides."""

    label = "bi.overfits"
    hypothesis = Hypothesis(
        statement="Where data are few, two directions show a larger gap between the errors in "
        "training and in testing.",
        measure="gap: share of right tags in training less that on 1,000 new sequences",
        effect="gap of two directions less that of one, with 16 sequences to learn from, at equal "
        "units",
        least=0.02,
        seeds=10,
        stopping="400 batches of 16 sequences, and 10 seeds; nothing is stopped early",
        conditions="tags that a symbol and the one before it settle, one in ten drawn anew (a test "
        "score of 0.92 is the best); LSTM of 16 units; Adam, rate 0.01, gradients clipped to 1",
    )

    def settings(self, quick: bool) -> list[Setting]:
        """Every arm with every number of sequences."""
        sizes = SIZES[:1] if quick else SIZES
        return [{"sequences": size, **arm} for size in sizes for arm in ARMS.values()]

    def measured(self, setting: Setting, seed: int, trainer: Trains, quick: bool) -> Measures:
        """Both scores, the gap between them, and what the network costs."""
        one = network(trainer, "lstm", KINDS, UNITS)
        net = replace(one, direction=setting["direction"])
        if setting["budget"] == "parameters":
            net = of_as_many(net, one)
        draw = np.random.default_rng([seed, 0])
        examples, new = tagged(draw, setting["sequences"]), tagged(draw, 1000)
        updates = 20 if quick else 400
        training = Training(net, KINDS, "classes", updates, batch=16, seed=seed)
        trained = trainer.train(training, examples)
        scores = [accuracy(trained.said(each.inputs), each) for each in (examples, new)]
        return {
            "in training": scores[0],
            "new": scores[1],
            "gap": scores[0] - scores[1],
            **costs(net),
        }

    def effects(self, done: Sequence[Done]) -> list[Effect]:
        """Fewest sequences first."""
        return [
            Effect.of(
                f"{size} sequences, equal {budget}",
                paired(
                    done,
                    "gap",
                    {"sequences": size, "direction": "both", "budget": budget},
                    {"sequences": size, "direction": "forward"},
                ),
            )
            for size in dict.fromkeys(d.setting["sequences"] for d in done)
            for budget in ("units", "parameters")
        ]

    def arms(self, done: Sequence[Done]) -> dict[str, list[float]]:
        """The gaps."""
        return {
            f"{size}: {name}": [
                d.measures["gap"] for d in done if d.setting == {"sequences": size, **arm}
            ]
            for size in dict.fromkeys(d.setting["sequences"] for d in done)
            for name, arm in ARMS.items()
        }


STUDY = Overfits()
