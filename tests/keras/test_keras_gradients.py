"""Gradients through Keras's layers are those of the equations, by central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pytest

from rnnspec.adapters.keras_ import KerasLayer
from rnnspec.adapters.keras_layers import STATEFUL
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.unroll import unroll

Drawn = Callable[..., Case]

NETWORKS = [
    Network("rnn", 2, 2, biases="input"),
    Network("rnn", 2, 2, biases="none", direction="backward"),
    Network("lstm", 2, 2, layers=2, biases="input"),
    Network("lstm", 2, 1, biases="none", direction="both"),
    Network("gru", 2, 2, direction="both"),
    Network("gru", 1, 2, layers=2, biases="input", reset="before", direction="backward"),
]


def loss(case: Case, cotangents: Mapping[str, Array]) -> float:
    """What the cotangents are the gradient of, with respect to the parts of the answer."""
    parts = unroll(case).parts()
    return float(sum(np.sum(g * parts[name]) for name, g in cotangents.items()))


def differences(
    case: Case, array: npt.NDArray[np.float64], cotangents: Mapping[str, Array], step: float = 2e-6
) -> Array:
    """The gradient of the loss with respect to an array of the case, changed in place."""
    found = np.zeros(array.shape)
    for at in np.ndindex(array.shape):
        kept = float(array[at])
        ends = []
        for side in (1.0, -1.0):
            array[at] = kept + side * step
            ends.append(loss(case, cotangents))
        array[at] = kept
        found[at] = (ends[0] - ends[1]) / (2 * step)
    return found


def arrays(case: Case) -> Iterator[tuple[str, Array]]:
    """What gradients are taken with respect to, by the names of ``Gradients.parts``."""
    yield "inputs", case.inputs
    yield from ((f"initial {name}", state) for name, state in case.states.items())
    yield from ((str(place), weights) for place, weights in case.weights.items())


def check(adapter: KerasLayer, case: Case, cotangents: Mapping[str, Array]) -> None:
    found = adapter.gradients(case, cotangents)
    assert found is not None
    close = 1e-8 if case.dtype == "float64" else 2e-5
    wanted = dict(arrays(case))
    assert found.parts().keys() == wanted.keys()
    for name, gradient in found.parts().items():
        assert gradient.shape == wanted[name].shape
        off = np.abs(gradient - differences(case, wanted[name], cotangents))
        assert off.max() < close * (1 + np.abs(gradient).max()), name
    for name, part in adapter.run(case).parts().items():
        assert np.abs(found.answer.parts()[name] - part).max() < close


@pytest.mark.parametrize(
    ("network", "lengths"),
    [*((network, False) for network in NETWORKS), *((network, True) for network in NETWORKS[2:5])],
    ids=str,
)
def test_gradients_are_those_of_the_equations(
    adapter: KerasLayer, drawn: Drawn, widest: str, network: Network, lengths: bool
) -> None:
    """From all parts of the answer at once; past the ends of the rows nothing goes back."""
    case = drawn(network, widest, steps=3, rows=2, lengths=lengths)
    random = np.random.default_rng(3)
    cotangents = {
        name: np.asarray(random.integers(-8, 9, part.shape) / 8)
        for name, part in unroll(case).parts().items()
    }
    if case.lengths is not None:
        cotangents["outputs"][1:, 1] = 0.0
    check(adapter, case, cotangents)


@pytest.mark.parametrize("part", ["outputs", "hidden", "cell"])
def test_from_one_part_without_given_states(
    adapter: KerasLayer, drawn: Drawn, widest: str, part: str
) -> None:
    case = drawn(Network("lstm", 2, 2, biases="input"), widest, steps=2, rows=2).changed(states={})
    check(adapter, case, {part: np.ones_like(unroll(case).parts()[part])})


def test_every_way_has_the_same_gradients(adapter: KerasLayer, drawn: Drawn, widest: str) -> None:
    network = Network("lstm", 2, 2, biases="input", direction="backward")
    case = drawn(network, widest, steps=2, rows=1)
    parts = unroll(case).parts()
    for way in adapter.ways:
        lost = {"last output": "outputs", "without states": "hidden cell"}.get(way, "")
        kept = {name: np.ones_like(p) for name, p in parts.items() if name not in lost.split()}
        found = adapter.gradients(case.changed(way=way), kept)
        plain = adapter.gradients(case, kept)
        assert (found is None) == (way == STATEFUL)
        if found is None:  # what is kept between two calls has no way back
            continue
        assert plain is not None
        for name, gradient in found.parts().items():
            off = np.abs(gradient - plain.parts()[name]).max()
            assert off < (1e-13 if widest == "float64" else 1e-5), (way, name)
