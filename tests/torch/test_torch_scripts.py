"""What PyTorch's adapters write in its own words gives what they give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.torch_ import TorchCell, TorchLayer
from rnnspec.adapters.torch_script import WAYS
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reproduce import alone
from rnnspec.spec.trial import Comparison
from tests.scripts import LONGEST, count_of, gradients_of, script_of

pytest.importorskip("torch", reason="the scripts are of PyTorch")

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
CELLS = ("rnn", "lstm", "gru")


def drawn(network: Network, dtype: str = "float32", **fields: object) -> Case:
    random, rounded = np.random.default_rng(5), PRECISIONS[dtype].round
    deep = network.layers * len(network.directions)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (3, 2, network.inputs))),
        {n: rounded(random.uniform(-1, 1, (deep, 2, network.size(n)))) for n in network.states},
        dtype=dtype,
    ).changed(**fields)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_a_layer_is_said_in_every_dtype(cell: str, dtype: str) -> None:
    case = drawn(Network(cell, 3, 2), dtype)
    for adapter in (TorchLayer(), TorchCell()):
        script_of(adapter, case)
        for part in ("outputs", *case.states):
            gradients_of(adapter, case, part)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("way", WAYS)
def test_stacks_are_said_in_every_way(cell: str, way: str) -> None:
    network = Network(cell, 3, 2, 3, "both", "none")
    script_of(TorchLayer(), drawn(network, way=way))
    gradients_of(TorchLayer(), drawn(network, way=way), "outputs", "hidden")
    padded = drawn(network, way=way, lengths=np.array([1, 3]), states={})
    script_of(TorchLayer(), padded)
    gradients_of(TorchLayer(), padded, "outputs")


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_said_with_gradients_or_without_states(cell: str) -> None:
    script_of(TorchCell(), drawn(Network(cell, 3, 2), way="with gradients"))
    case = drawn(Network(cell, 3, 2, biases="none"), states={})
    script_of(TorchCell(), case)
    count_of(TorchCell(), case.network)


def test_a_state_that_is_missing_is_zero() -> None:
    case = drawn(Network("lstm", 3, 2))
    for name in case.states:
        one = case.changed(states={name: case.states[name]})
        script_of(TorchLayer(), one)
        gradients_of(TorchLayer(), one, "outputs")


def test_relu_is_said() -> None:
    for adapter in (TorchLayer(), TorchCell()):
        code = script_of(adapter, drawn(Network("rnn", 3, 2, activation="relu")))
        assert "nonlinearity='relu'" in code


def test_the_largest_that_is_offered_is_no_longer_than_others() -> None:
    network = Network("lstm", 1, 1, 8, "both")
    case = drawn(network, way="batch first", lengths=np.array([3, 1]))
    script_of(TorchLayer(), case)
    assert len(gradients_of(TorchLayer(), case, "outputs").splitlines()) <= LONGEST


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with one")
@pytest.mark.parametrize("layers", [1, 2])
def test_a_projection_is_said(layers: int) -> None:
    network = Network("lstm", 3, 3, layers, "both", projection=2)
    assert "proj_size=2" in script_of(TorchLayer(), drawn(network))
    cell = np.ones((2 * layers, 2, 3))
    case = drawn(network, states={"cell": cell}, lengths=np.array([1, 3]))
    script_of(TorchLayer(), case)
    gradients_of(TorchLayer(), case, "cell")
    count_of(TorchLayer(), network)


def test_what_makes_no_number_is_said() -> None:
    case = drawn(Network("gru", 1, 1))
    odd = replace(case, inputs=np.full_like(case.inputs, np.nan), states={})
    assert "np.nan" in script_of(TorchLayer(), odd)


def test_rows_one_by_one_are_not_said() -> None:
    case = drawn(Network("gru", 1, 1), way="row by row")
    assert TorchLayer().script(case) is None
    assert TorchCell().script(case) is None


def test_the_page_shows_what_is_written() -> None:
    network = Network("rnn", 1, 1, biases="none")
    zeros = {at: np.zeros(shape) for at, shape in network.places()}
    case = Case(network, zeros, np.zeros((1, 2, 1)))
    spoiled = case.changed(inputs=np.array([[[np.nan], [0.0]]]))
    off = Comparison(
        "hidden of other rows",
        *(spoiled, np.ones(1), np.zeros(1), np.zeros(1), case, "hidden", (0, 1, 0)),
    )
    data: dict[str, Any] = {
        "claim": "layer.nan",
        "verdict": "violated",
        "versions": {"torch": "2.13.0"},
    }
    data |= {"case": case, "call": None, "cotangents": None}  # as it is read
    code = alone(data, off, TorchLayer())
    assert f"```python\n{code}```\n" in PAGE.read_text(encoding="utf-8")
    exec(compile(code, "<script>", "exec"), {})
