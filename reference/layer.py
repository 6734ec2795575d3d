"""The reference as an implementation: it computes in float64, and rounds what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import scipy

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import ACTIVATIONS, BIASES, BLOCKS, DIRECTIONS, RESETS, Network
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Level
from rnnspec.reference.unroll import count, unroll


class ReferenceLayer:
    """Offers everything that the equations have."""

    name = "reference"
    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, RELATIVE)
    conventions: Mapping[str, Conventions] = {
        cell: Conventions(
            blocks,
            biases=tuple(b for b in BIASES if b != "candidate" or cell == "gru"),
            activations=ACTIVATIONS if cell == "rnn" else ("tanh",),
            resets=RESETS if cell == "gru" else ("after",),
            directions=tuple(DIRECTIONS),
            layers=8,
        )
        for cell, blocks in BLOCKS.items()
    }

    def versions(self) -> dict[str, str]:
        """NumPy's and SciPy's."""
        return {"numpy": np.__version__, "scipy": scipy.__version__}

    def offers(self, network: Network) -> str | None:
        """All that it declares."""
        return self.conventions[network.cell].refuses(network)

    def session(self) -> AbstractContextManager[object]:
        """Nothing to set: its products are too small for NumPy to share them among threads."""
        return nullcontext()

    def run(self, case: Case) -> Answer:
        """Unroll the case, and round the answer to its dtype."""
        rounded = PRECISIONS[case.dtype].round
        parts = {name: rounded(part) for name, part in unroll(case).parts().items()}
        return Answer(parts.pop("outputs"), parts)

    def count(self, network: Network) -> int | None:
        """The numbers that the equations need as weights."""
        return count(network)
