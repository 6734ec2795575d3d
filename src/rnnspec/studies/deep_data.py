"""Card 9: depth, where data are few and where they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnspec.reference.training import Training, Trains
from rnnspec.studies.interval import Effect
from rnnspec.studies.models import costs, entropy, network, of_as_many
from rnnspec.studies.study import Done, Hypothesis, Measures, Setting, Study, paired
from rnnspec.studies.tasks import written

UNITS, LETTERS, DEEP = 32, 4, 3
SIZES = (50, 5000)


class MoreData(Study):
    """A language of words, and of an order of words, by one layer and by three."""

    label = "deep.more-data"
    hypothesis = Hypothesis(
        statement="Depth pays where there is more data.",
        measure="cross entropy of the next letter, in nats above the best possible, on 500 new "
        "texts",
        effect="what three layers gain over one of as many parameters with 5,000 texts, less what "
        "they gain with 50",
        least=0.01,
        seeds=10,
        stopping="2,000 batches of 32 texts, and 10 seeds; nothing is stopped early",
        conditions="texts of 12 words of 3 letters, each word one of two that the last two words "
        "settle; an LSTM of 32 units in one layer, and of as many parameters in three; Adam, rate "
        "0.01, gradients clipped to 1",
    )

    def settings(self, quick: bool) -> list[Setting]:
        """Both depths with both numbers of texts."""
        return [{"texts": size, "layers": layers} for size in SIZES for layers in (1, DEEP)]

    def measured(self, setting: Setting, seed: int, trainer: Trains, quick: bool) -> Measures:
        """The entropy above that of one who knows the language, and what the network costs."""
        one = network(trainer, "lstm", LETTERS, UNITS)
        net = of_as_many(replace(one, layers=setting["layers"]), one)
        draw = np.random.default_rng([seed, 0])
        examples, _ = written(draw, setting["texts"])
        new, best = written(draw, 500)
        training = Training(net, LETTERS, "classes", 20 if quick else 2000, seed=seed)
        trained = trainer.train(training, examples)
        least = float(-np.log(best[new.counts]).mean())
        return {"above": entropy(trained.said(new.inputs), new) - least, **costs(net)}

    def effects(self, done: Sequence[Done]) -> list[Effect]:
        """The difference of both gains, then each."""
        gains = [
            paired(done, "above", {"texts": n, "layers": 1}, {"texts": n, "layers": DEEP})
            for n in SIZES
        ]
        more = [many - few for few, many in zip(*gains, strict=True)]
        each = [Effect.of(f"with {n} texts", gain) for n, gain in zip(SIZES, gains, strict=True)]
        return [Effect.of("with more texts, more", more), *each]

    def arms(self, done: Sequence[Done]) -> dict[str, list[float]]:
        """The entropies."""
        return {
            f"{n} texts, {layers} layers": [
                d.measures["above"] for d in done if d.setting == {"texts": n, "layers": layers}
            ]
            for n in SIZES
            for layers in (1, DEEP)
        }


STUDY = MoreData()
