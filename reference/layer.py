"""The reference as an implementation: it computes in float64, and rounds what it returns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import (
    ACTIVATIONS,
    BIASES,
    BLOCKS,
    DIRECTIONS,
    EXTRAS,
    RESETS,
    Network,
)
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count, unroll


class ReferenceLayer(Implementation):
    """Offers everything that the equations have.

    Its products are too small for NumPy to share them among threads: a session sets nothing.
    """

    name = "reference"
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    ways: Mapping[str, str] = {"taped": "path", "strided": "layout"}
    conventions: Mapping[str, Conventions] = {
        cell: Conventions(
            blocks,
            biases=tuple(b for b in BIASES if b != "candidate" or cell == "gru"),
            activations=ACTIVATIONS if cell == "rnn" else ("tanh",),
            resets=RESETS if cell == "gru" else ("after",),
            directions=tuple(DIRECTIONS),
            layers=8,
            past_end=dict.fromkeys(DIRECTIONS, "zero"),
            extras=tuple(EXTRAS) if cell == "lstm" else ("clip",),
        )
        for cell, blocks in BLOCKS.items()
    }

    def versions(self) -> dict[str, str]:
        """NumPy's and SciPy's."""
        return {"numpy": np.__version__, "scipy": scipy.__version__}

    def run(self, case: Case) -> Answer:
        """Unroll the case, and round the answer to its dtype."""
        if case.way == "taped":
            return self._rounded(gradients(case, {}).answer, case)
        if case.way == "strided":
            case = case.changed(inputs=np.asfortranarray(case.inputs))
        return self._rounded(unroll(case), case)

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """Go back along the tape, and round."""
        found = gradients(case, cotangents)
        rounded = PRECISIONS[case.dtype].round
        return Gradients(
            self._rounded(found.answer, case),
            rounded(found.inputs),
            {name: rounded(each) for name, each in found.states.items()},
            {place: rounded(each) for place, each in found.weights.items()},
        )

    def _rounded(self, answer: Answer, case: Case) -> Answer:
        rounded = PRECISIONS[case.dtype].round
        parts = {name: rounded(part) for name, part in answer.parts().items()}
        return Answer(parts.pop("outputs"), parts)

    def count(self, network: Network) -> int | None:
        """The numbers that the equations need as weights."""
        return count(network)
