"""The tests that one usually writes: random cases, compared with numbers that are right.

One for each cell is what most projects have. A hundred, of any option, is what a careful author
would write who has no specification.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.examples import REFERENCE, Example
from rnnspec.reference.case import Case
from rnnspec.reference.network import BLOCKS, Network
from rnnspec.reference.precision import PRECISIONS

DTYPE = "float32"
WAYS = ("", "again", "batch first")
"""Of the plain layer, of which the mutants are changes."""
HUNDRED = 100


def one_each() -> list[Example]:
    """For each cell one layer, forward: 5 steps, 3 rows, 4 inputs, 8 units; all states given."""
    numbers = np.random.default_rng(0)
    return [Example.of(_case(numbers, Network(cell, 4, 8), steps=5, rows=3)) for cell in BLOCKS]


def a_hundred() -> list[Example]:
    """Of every cell in turn: any options, directions and up to 3 layers; in every other one
    lengths, in every other one no states given; taken in any of the ways that there are.
    """
    numbers = np.random.default_rng(1)
    examples = []
    for k in range(HUNDRED):
        cell = list(BLOCKS)[k % len(BLOCKS)]
        offered = REFERENCE.conventions[cell].networks(cell)
        inputs, units, layers = (int(numbers.integers(1, most + 1)) for most in (8, 20, 3))
        steps, rows = int(numbers.integers(1, 13)), int(numbers.integers(1, 6))
        kind = offered[int(numbers.integers(len(offered)))]
        case = _case(numbers, replace(kind, inputs=inputs, units=units, layers=layers), steps, rows)
        if numbers.integers(2):
            case = case.changed(lengths=numbers.integers(1, steps + 1, rows))
        if numbers.integers(2):
            case = case.changed(states={})
        examples.append(Example.of(case.changed(way=WAYS[int(numbers.integers(len(WAYS)))])))
    return examples


def _case(numbers: np.random.Generator, network: Network, steps: int, rows: int) -> Case:
    """Weights as PyTorch draws them, uniform up to ``1/sqrt(H)``; inputs and states normal."""
    limit, exact = network.units**-0.5, PRECISIONS[DTYPE].round
    shape = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: exact(numbers.uniform(-limit, limit, size)) for at, size in network.places()},
        exact(numbers.standard_normal((steps, rows, network.inputs))),
        {name: exact(numbers.standard_normal(shape)) for name in network.states},
        dtype=DTYPE,
    )
