"""A replay on another implementation says what that does not offer of the case."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.replay import lacks


class Simple(ReferenceLayer):
    """One layer, forward, all rows of one length."""

    name = "simple"
    conventions: Mapping[str, Conventions] = {"rnn": Conventions(("hidden",))}
    ways: Mapping[str, str] = {}


def case(network: Network, **fields: object) -> Case:
    weights = {at: np.ones(shape) for at, shape in network.places()}
    made = Case(network, weights, np.ones((2, 1, network.inputs)))
    return made.changed(**fields)


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (case(Network("rnn", 1, 1)), None),
        (case(Network("gru", 1, 1)), "simple: it offers no GRU"),
        (case(Network("rnn", 1, 1, 2)), "simple: it offers no 2 layers, at most 1"),
        (
            case(Network("rnn", 1, 1), lengths=np.array([1])),
            "simple: it offers no lengths with direction 'forward'",
        ),
        (case(Network("rnn", 1, 1), way="packed"), "simple: it offers no way 'packed'"),
    ],
)
def test_what_is_lacking_is_told(of: Case, told: str | None) -> None:
    assert lacks(Simple(), of) == told
