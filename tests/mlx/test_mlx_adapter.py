"""MLX's layers follow the equations, and the adapter changes nothing of what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.adapters.mlx_ import COMPILED, MlxLayer
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Refused
from rnnspec.reference.network import Network
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count, unroll
from tests.scripts import count_of, gradients_of, script_of

Drawn = Callable[..., Case]
KINDS = [
    replace(network, inputs=3, units=2)
    for cell, how in MlxLayer.conventions.items()
    for network in how.networks(cell)
]
BIASED = list({network.cell: network for network in KINDS}.values())
"""Of every cell, the last of these: it has all its biases."""


def follows(adapter: MlxLayer, case: Case) -> None:
    """The answer must be within the bounds of the equations."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    for name, bounded in unroll(case, read, anchors={0: answer.outputs}).parts().items():
        part = answer.parts()[name]
        assert part.shape == bounded.shape
        assert np.all(np.abs(part - bounded.value) <= bounded.error), (str(case), name)


@pytest.mark.parametrize("network", KINDS, ids=str)
def test_every_kind_follows_the_equations_and_counts_as_they_do(
    mlx: MlxLayer, drawn: Drawn, network: Network
) -> None:
    for dtype in mlx.levels:
        follows(mlx, drawn(network, dtype))
    assert mlx.count(network) == count(network)


@pytest.mark.parametrize("network", BIASED, ids=str)
def test_every_way_leads_to_the_same_layer(mlx: MlxLayer, drawn: Drawn, network: Network) -> None:
    for way in set(mlx.ways) - {COMPILED}:  # that takes seconds; layer.paths goes it
        for states in ({}, drawn(network).states):
            follows(mlx, drawn(network, way=way).changed(states=states))


def test_either_state_of_an_lstm_is_given_alone(mlx: MlxLayer, drawn: Drawn) -> None:
    case = drawn(Network("lstm", 3, 2, biases="input"))
    for name in ("hidden", "cell"):
        follows(mlx, case.changed(states={name: case.states[name]}))


@pytest.mark.parametrize("network", BIASED, ids=str)
def test_gradients_are_those_of_the_equations(
    mlx: MlxLayer, drawn: Drawn, network: Network
) -> None:
    case = drawn(network)
    cotangents = {name: np.full(part.shape, 0.5) for name, part in unroll(case).parts().items()}
    expected = gradients(case, cotangents).parts()
    found = mlx.gradients(case, cotangents)
    assert found is not None
    assert found.parts().keys() == expected.keys()
    for name, part in found.parts().items():
        np.testing.assert_allclose(part, expected[name], atol=1e-5, err_msg=name)


def test_no_steps_are_refused_in_its_own_words(mlx: MlxLayer, drawn: Drawn) -> None:
    with pytest.raises(Refused, match="No arrays provided for stacking"):
        mlx.run(drawn(BIASED[0], steps=0))


def test_no_rows_are_none(mlx: MlxLayer, drawn: Drawn) -> None:
    case = drawn(BIASED[1])
    none = {name: state[:, :0] for name, state in case.states.items()}
    answer = mlx.run(case.changed(inputs=case.inputs[:, :0], states=none))
    assert answer.outputs.shape == (4, 0, 2)


def test_float64_would_be_of_float32(mlx: MlxLayer) -> None:
    """Why it is not offered: https://github.com/ml-explore/mlx/issues/3047."""
    found = mlx.mx.sigmoid(mlx.mx.array([-0.895] * 8, dtype=mlx.mx.float64))
    off = abs(float(found[0].item()) - 1 / (1 + np.exp(0.895)))
    assert 1e-9 < off < 1e-7


def test_the_usual_device_is_restored(mlx: MlxLayer) -> None:
    mx = mlx.mx
    before = mx.default_stream(mx.default_device())
    with mlx.session():
        assert mx.default_device() == mx.Device(mx.cpu)
    assert mx.default_stream(mx.default_device()) == before


def test_without_what_computes_there_is_an_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: MlxLayer) -> None:
        raise ImportError("libmlx.so: cannot open shared object file")

    monkeypatch.setattr(MlxLayer, "mx", property(broken))
    obstacle = MlxLayer().obstacle()
    assert obstacle is not None
    assert obstacle.startswith("cannot import MLX (libmlx.so: cannot open")
    assert "install 'mlx[cpu]'" in obstacle


@pytest.mark.parametrize("network", KINDS, ids=str)
@pytest.mark.parametrize("dtype", MlxLayer.levels)
def test_a_case_is_a_script(mlx: MlxLayer, drawn: Drawn, network: Network, dtype: str) -> None:
    case = drawn(network, dtype)
    code = script_of(mlx, case)
    count_of(mlx, network)
    script_of(mlx, case.changed(states={}))
    gradients_of(mlx, case, "outputs", *case.states)
    gradients_of(mlx, case.changed(states={}), "hidden")
    assert mlx.script(case.changed(way=COMPILED)) is None
    assert f"nn.{network.cell.upper()}(3, 2" in code
