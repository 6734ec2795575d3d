"""Cases derived from a base case by a fixed rule: how a gate is seen from outside."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array

SATURATED = 1024.0
"""Sigmoid is exactly 0 from -18 to -710 down, and exactly 1 from 7 to 37 up, by dtype and library;
at a mere -64 a closed gate still lets 1e-28 through."""


def moved(array: Array) -> Array:
    """Another array of the same shape: every number that is not zero changes, exactly."""
    return -2.0 * array


def bias_of(network: Network, block: str) -> Place:
    """The place of a bias of a block: the input's, where there is one."""
    side = "input" if network.biased(block, "input") else "recurrent"
    return Place(0, network.directions[0], block, f"{side}_bias")


def saturated(case: Case, **gates: str) -> Case:
    """Gates ``closed`` or ``open`` whatever the input, by their bias: ``input="open"``.

    A candidate that is saturated is 1 (open) or -1 (closed).
    """
    at = {bias_of(case.network, block): state for block, state in gates.items()}

    def forced(place: Place, array: Array) -> Array:
        if place not in at:
            return array
        return np.full_like(array, SATURATED if at[place] == "open" else -SATURATED)

    return case.with_weights(forced)


def aimed(case: Case, name: str) -> str:
    """What a case is aimed at: one of the names that the claim's sizes give."""
    return str(case.aim[name])
