"""Layers that count their parameters wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rnnspec.reference.network import Network
from tests.mutants.mutant import mutant
from tests.mutants.plain import REFERENCE


def counted(name: str, what: str, change: Callable[[Network, int], int], report: str = "") -> None:
    """A wrong number of parameters."""
    mutant(
        name,
        what,
        report,
        count=lambda self, network: change(network, REFERENCE.count(network) or 0),
    )


counted("count.one-more", "one parameter too many", lambda network, n: n + 1)
counted(
    "count.no-biases",
    "biases are not counted",
    lambda network, n: sum(
        int(np.prod(shape)) for at, shape in network.places() if not at.part.endswith("bias")
    ),
)
counted(
    "count.one-direction",
    "one direction is counted",
    lambda network, n: n // len(network.directions),
)
counted(
    "count.one-layer",
    "the first layer is counted",
    lambda network, n: REFERENCE.count(replace(network, layers=1)) or 0,
)
counted(
    "count.four-blocks-of-a-gru",
    "a GRU has four blocks",
    lambda network, n: n * 4 // 3 if network.cell == "gru" else n,
)
counted(
    "count.peepholes",
    "an LSTM has three weights more a unit",
    lambda network, n: n + 3 * network.units if network.cell == "lstm" else n,
)
counted(
    "count.square",
    "recurrent matrices are counted as if there were as many units as features",
    lambda network, n: n + network.inputs - network.units,
)
counted(
    "count.upper-layers-narrow",
    "layers above two directions are as wide as above one",
    lambda network, n: (
        n - (network.layers - 1) * network.units if network.direction == "both" else n
    ),
)
counted(
    "count.biases-always",
    "biases are counted where there are none",
    lambda network, n: (
        REFERENCE.count(replace(network, biases="input")) or 0 if network.biases == "none" else n
    ),
    report="MartinuzziFrancesco/LuxRecurrentLayers.jl#29",
)
