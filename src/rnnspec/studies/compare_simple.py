"""Card 8: a simple task, by GRU and LSTM."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnspec.reference.training import Training, Trains
from rnnspec.studies.interval import Effect
from rnnspec.studies.models import accuracy, costs, network, of_as_many
from rnnspec.studies.study import Done, Hypothesis, Measures, Setting, Study, paired
from rnnspec.studies.tasks import recalled

UNITS, KINDS = 16, 4
LSTM: Setting = {"cell": "lstm", "budget": "units"}
GRU: Setting = {"cell": "gru", "budget": "units"}
LARGER: Setting = {"cell": "gru", "budget": "parameters"}
NAMES = {"LSTM": LSTM, "GRU, equal units": GRU, "GRU, equal parameters": LARGER}


class Simple(Study):
    """A symbol is said two steps after it came."""

    label = "compare.simple-task"
    hypothesis = Hypothesis(
        statement="On a simple task a GRU does as well as an LSTM of as many units, which has a "
        "third more parameters.",
        measure="share of symbols that are said wrongly, on 2,000 new sequences",
        effect="errors of the LSTM less those of the GRU, at equal units",
        least=-0.01,
        seeds=10,
        stopping="600 batches of 32 sequences, and 10 seeds; nothing is stopped early",
        conditions="sequences of 20 symbols out of 4, each to be said two steps later; 16 units; "
        "Adam, rate 0.01, gradients clipped to 1; a bias of 1 on the gate that keeps the past",
    )

    def settings(self, quick: bool) -> list[Setting]:
        """One LSTM, and a GRU of as many units and one of as many parameters."""
        return list(NAMES.values())

    def measured(self, setting: Setting, seed: int, trainer: Trains, quick: bool) -> Measures:
        """Errors, and what the network costs."""
        net = network(trainer, setting["cell"], KINDS, UNITS)
        if setting["budget"] == "parameters":
            net = of_as_many(net, network(trainer, "lstm", KINDS, UNITS))
        draw = np.random.default_rng([seed, 0])
        examples, new = recalled(draw, 1000), recalled(draw, 2000)
        training = Training(net, KINDS, "classes", 20 if quick else 600, seed=seed)
        trained = trainer.train(training, examples)
        return {"errors": 1 - accuracy(trained.said(new.inputs), new), **costs(net)}

    def effects(self, done: Sequence[Done]) -> list[Effect]:
        """At equal units, and at equal parameters."""
        return [
            Effect.of(f"at equal {budget}", paired(done, "errors", LSTM, other))
            for budget, other in (("units", GRU), ("parameters", LARGER))
        ]

    def arms(self, done: Sequence[Done]) -> dict[str, list[float]]:
        """The errors."""
        return {
            name: [d.measures["errors"] for d in done if d.setting == setting]
            for name, setting in NAMES.items()
        }


STUDY = Simple()
