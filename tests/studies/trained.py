"""What every adapter that trains is held to."""

from __future__ import annotations

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.training import Examples, Training, Trains
from rnnspec.reference.unroll import unroll
from rnnspec.studies.models import entropy, network
from rnnspec.studies.tasks import recalled

SAME = 1e-5
"""Float32, over some steps: what is asked here is whether it is the same function at all."""


def small(
    adapter: Trains, cell: str, updates: int = 60, **more: object
) -> tuple[Network, Training]:
    """A network of the adapter's, and how it is to learn."""
    net = network(adapter, cell, inputs=3, units=6)
    return net, Training(net, 3, "classes", updates, batch=16, seed=3, **more)  # type: ignore[arg-type]


def examples(seed: int, rows: int = 200) -> Examples:
    return recalled(np.random.default_rng(seed), rows, steps=6, kinds=3, delay=1)


def learns(adapter: Trains, cell: str) -> None:
    """It begins where the specification says, learns, and gives the weights that it ended with."""
    net, training = small(adapter, cell)
    known, new = examples(1), examples(2)
    trained = adapter.train(training, known)
    weights, readout = training.start()

    def said(inputs: np.ndarray, held: object, out: np.ndarray) -> np.ndarray:
        case = Case(net, held, inputs=inputs)  # type: ignore[arg-type]
        return np.asarray(unroll(case).outputs @ out.T)

    batch = known.chosen(training.batches(known)[0])
    assert abs(entropy(said(batch.inputs, weights, readout), batch) - trained.losses[0]) < SAME
    assert len(trained.losses) == training.updates
    before = entropy(said(new.inputs, weights, readout), new)
    assert entropy(trained.said(new.inputs), new) < 0.7 * before

    # what it says is linear in the outputs of the network whose weights it gives
    outputs = unroll(Case(net, trained.weights(), inputs=new.inputs)).outputs
    flat = outputs.reshape(-1, net.units)
    with_one = np.concatenate([flat, np.ones((len(flat), 1))], axis=1)
    wanted = trained.said(new.inputs).reshape(-1, 3)
    found, *_ = np.linalg.lstsq(with_one, wanted, rcond=None)
    assert np.abs(with_one @ found - wanted).max() < 100 * SAME


def repeats(adapter: Trains) -> None:
    """The same seed learns the same, another seed something else."""
    _, training = small(adapter, "gru", updates=5)
    one, two = (adapter.train(training, examples(1)).losses for _ in range(2))
    assert one == two
