"""Cases derived from a base case by a fixed rule: how a gate is seen from outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array

SATURATED = 1024.0
"""Sigmoid is exactly 0 from -18 to -710 down, and exactly 1 from 7 to 37 up, by dtype and library;
at a mere -64 a closed gate still lets 1e-28 through. Where a layer clips the argument of an
exponential, it never gets to 0, but to what its level allows of 0."""


def moved(array: Array) -> Array:
    """Another array of the same shape: every number that is not zero changes, exactly."""
    return -2.0 * array


def bias_of(network: Network, block: str, direction: str = "") -> Place:
    """The place of a bias of a block in the first layer: the input's, where there is one."""
    side = "input" if network.biased(block, "input") else "recurrent"
    return Place(0, direction or network.directions[0], block, f"{side}_bias")


def saturated(case: Case, **gates: str) -> Case:
    """Gates of the first layer ``closed`` or ``open`` whatever the input, by their bias:
    ``input="open"``. A candidate that is saturated is 1 (open) or -1 (closed).
    """
    network = case.network
    at = {
        bias_of(network, block, direction): state
        for block, state in gates.items()
        for direction in network.directions
    }

    def forced(place: Place, array: Array) -> Array:
        if place not in at:
            return array
        return np.full_like(array, SATURATED if at[place] == "open" else -SATURATED)

    return case.with_weights(forced)


def alone(case: Case, inputs: Array, layer: int = 0, direction: str = "forward") -> Case:
    """One direction of one layer as a forward layer of its own, on other inputs."""
    network = case.network
    own = replace(network, inputs=inputs.shape[-1], layers=1, direction="forward")
    index = layer * len(network.directions) + network.directions.index(direction)
    weights = {
        at._replace(layer=0, direction="forward"): array
        for at, array in case.weights.items()
        if (at.layer, at.direction) == (layer, direction)
    }
    states = {name: state[index : index + 1] for name, state in case.states.items()}
    return case.changed(network=own, weights=weights, inputs=inputs, states=states)


def turned(array: Array, case: Case) -> Array:
    """Every row of a sequence the other way round, what is past its end left where it is."""
    ends = np.full(case.rows, case.steps) if case.lengths is None else case.lengths
    steps = np.arange(case.steps)[:, None]
    source = np.where(steps < ends, ends - 1 - steps, steps)
    return np.asarray(array[source, np.arange(case.rows)])


def aimed(case: Case, name: str) -> str:
    """What a case is aimed at: one of the names that the claim's sizes give."""
    return str(case.aim[name])
