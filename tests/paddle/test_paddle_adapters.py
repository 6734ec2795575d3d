"""Paddle follows the equations in every kind of network and way, and is told what it documents."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.paddle_ import PaddleLayer
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count, unroll
from tests.scripts import count_of, gradients_of, script_of, shown_alone

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences"


def kinds(adapter: PaddleLayer) -> list[Network]:
    """One network of every combination of options offered."""
    found = []
    for cell, how in adapter.conventions.items():
        found += [replace(n, inputs=3, units=4) for n in how.networks(cell)]
        found += [
            replace(n, inputs=3, units=4, projection=2) for n in how.networks(cell, "projection")
        ]
    return found


def follows(adapter: PaddleLayer, case: Case) -> None:
    """The answer must be within the bounds of the equations, and of numbers of the dtype."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    anchors = {0: answer.outputs} if case.network.layers == 1 else None
    for name, bounded in unroll(case, read, anchors=anchors).parts().items():
        part = answer.parts()[name]
        assert part.shape == bounded.shape
        assert np.array_equal(PRECISIONS[case.dtype].round(part), part)
        off = np.abs(part - bounded.value)
        if name == "outputs" and case.lengths is not None:
            off[np.arange(case.steps)[:, None] >= case.lengths] = 0.0
        assert np.all(off <= bounded.error), (str(case), name)


def test_every_kind_follows_the_equations_and_counts_as_they_do(
    adapter: PaddleLayer, drawn: Drawn
) -> None:
    for network in kinds(adapter):
        case = drawn(network, "float64", lengths=True)
        follows(adapter, case)
        follows(adapter, case.changed(states={}, lengths=None, dtype="float64"))
        assert adapter.count(network) == count(network)


def test_every_way_leads_to_the_same_layer(adapter: PaddleLayer, drawn: Drawn) -> None:
    for cell in adapter.conventions:
        for way in adapter.ways:
            direction = "both" if way != "step by step" else "backward"
            network = Network(cell, 3, 2, layers=1, direction=direction)
            follows(adapter, drawn(network, "float32", way=way, lengths=True))


def test_gradients_are_those_of_the_equations(adapter: PaddleLayer, drawn: Drawn) -> None:
    """Where rows have no lengths: where they have, they are not (docs/divergences/paddle.md)."""
    for network in kinds(adapter):
        case = drawn(network, "float64")
        cotangents = {n: np.cos(part) for n, part in unroll(case).parts().items()}
        found, right = adapter.gradients(case, cotangents), gradients(case, cotangents)
        assert found is not None
        assert found.parts().keys() == right.parts().keys()
        for name, part in right.parts().items():
            assert np.abs(found.parts()[name] - part).max() < 1e-12, (str(network), name)


def test_what_the_answer_does_not_depend_on_has_gradients_of_zero(
    adapter: PaddleLayer, drawn: Drawn
) -> None:
    case = drawn(Network("lstm", 3, 2), "float64")
    found = adapter.gradients(case, {"cell": np.zeros((1, 3, 2))})
    assert found is not None
    assert not any(part.any() for part in found.parts().values())


@pytest.mark.parametrize("given", ["hidden", "cell"])
def test_one_state_may_be_given_alone(adapter: PaddleLayer, drawn: Drawn, given: str) -> None:
    case = drawn(Network("lstm", 3, 2, direction="both"), "float32")
    follows(adapter, case.changed(states={given: case.states[given]}))


@pytest.mark.parametrize(
    ("cell", "blocks"),
    [
        ("lstm", ["input", "forget", "candidate", "output"]),
        ("gru", ["reset", "update", "candidate"]),
    ],
)
def test_parameters_have_the_names_of_the_manual(
    layers: PaddleLayer, drawn: Drawn, cell: str, blocks: list[str]
) -> None:
    """The manual of ``paddle.nn.LSTM``: ``weight_ih_l[k]``, and ``_reverse`` of the other one."""
    case = drawn(Network(cell, 3, 2, layers=2, direction="both"), "float32")
    state = layers.loaded(case).state_dict()
    for layer in (0, 1):
        for direction, end in (("forward", ""), ("backward", "_reverse")):
            for part, name in (("input", "weight_ih"), ("recurrent_bias", "bias_hh")):
                at = [case.weights[Place(layer, direction, b, part)] for b in blocks]
                assert np.array_equal(state[f"{name}_l{layer}{end}"].numpy(), np.concatenate(at))


def test_scripts_answer_as_the_adapter_does(adapter: PaddleLayer, drawn: Drawn) -> None:
    networks = {(n.cell, n.direction, n.biases, n.projection): n for n in kinds(adapter)}
    for network in networks.values():
        lengths = network.direction != "forward"
        case = drawn(network, "float32", lengths=lengths)
        script_of(adapter, case)
        count_of(adapter, network)
        for part in ("outputs", network.states[-1]):
            gradients_of(adapter, case, part)
    case = drawn(network, "float64").changed(states={})
    script_of(adapter, case)
    gradients_of(adapter, case, "outputs", "hidden")
    assert adapter.script(case.changed(way="time major")) is None


def test_a_session_and_a_call_restore_the_settings(adapter: PaddleLayer, drawn: Drawn) -> None:
    paddle = adapter.paddle
    paddle.enable_static()
    try:
        with contextlib.suppress(KeyError), adapter.session():
            adapter.run(drawn(Network("gru", 3, 2), "float64"))
            inside = (paddle.in_dynamic_mode(), paddle.get_default_dtype())
            raise KeyError
        assert inside == (True, "float32")
        assert not paddle.in_dynamic_mode()
    finally:
        paddle.disable_static()


def test_what_paddle_has_not_is_not_offered(layers: PaddleLayer) -> None:
    assert layers.offers(Network("gru", 1, 1)) is None
    assert layers.offers(Network("gru", 1, 1, reset="before")) is not None
    assert layers.offers(Network("lstm", 1, 1, direction="backward")) is not None
    assert layers.offers(Network("lstm", 1, 1, biases="none")) is not None


def test_a_wrong_gradient_is_shown_by_paddle_alone(adapter: PaddleLayer) -> None:
    shown_alone(DIVERGENCES / f"{adapter.name}-layer.gradients.json", adapter)
