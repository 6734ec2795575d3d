"""What is quantised stays within the bound of its integers, and near it; and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.torch_ import DROPOUT
from rnnspec.adapters.torch_int8 import INT8, TorchInt8
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS, RELATIVE, Grid
from rnnspec.reference.unroll import count, unroll
from tests.scripts import count_of, script_of

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "torch"
CELLS = ("lstm", "gru")

pytestmark = pytest.mark.filterwarnings("ignore")  # of what PyTorch itself calls


@pytest.fixture(scope="module")
def layer() -> Iterator[TorchInt8]:
    """The adapter, in a session."""
    if find_spec("torch") is None:
        pytest.skip("the adapter speaks to torch, which is not installed")
    adapter = TorchInt8()
    obstacle = adapter.obstacle()
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with adapter.session():
        yield adapter


def drawn(
    network: Network, seed: int = 7, *, way: str = "", lengths: bool = False, few: bool = False
) -> Case:
    """A case with a number in every place; or, of few products, with many zeros."""
    random, rounded = np.random.default_rng(seed), PRECISIONS["float32"].round
    state = (network.layers * len(network.directions), 3, network.units)

    def numbers(shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        array = random.uniform(-1, 1, shape)
        return rounded(array * (random.random(shape) < 0.4) if few else array)

    return Case(
        network,
        {at: numbers(shape) for at, shape in network.places()},
        numbers((4, 3, network.inputs)),
        {name: numbers(state) for name in network.states},
        dtype="float32",
        lengths=np.array([4, 1, 2]) if lengths else None,
        way=way,
    )


def shares(layer: TorchInt8, case: Case, read: Bounds) -> float:
    """The largest share of the bound that is used, of a single layer from its own states."""
    answer = layer.run(case)
    anchors = {0: answer.outputs} if case.network.layers == 1 else None
    expected = unroll(case, read, anchors).parts()
    used = 0.0
    for name, part in answer.parts().items():
        bound = expected[name].settled()
        off = np.abs(part - bound.value)
        used = max(used, float(np.max(off / np.maximum(bound.error, 1e-30))))
    return used


@pytest.mark.parametrize("way", ["", *TorchInt8.ways])
@pytest.mark.parametrize("cell", CELLS)
def test_every_way_follows_the_equations(layer: TorchInt8, cell: str, way: str) -> None:
    read = Bounds.of("float32", INT8)
    network = Network(cell, 2, 3, layers=2, direction="both")
    assert shares(layer, drawn(network, way=way), read) <= 1.0
    if way != DROPOUT:
        assert shares(layer, drawn(network, way=way, lengths=True), read) <= 1.0


@pytest.mark.parametrize("cell", CELLS)
def test_the_bound_is_that_of_integers_and_no_wider(layer: TorchInt8, cell: str) -> None:
    read = Bounds.of("float32", INT8)
    cases = [drawn(Network(cell, 1, 1), seed, few=True) for seed in range(150)]
    used = [shares(layer, case, read) for case in cases]
    assert max(used) <= 1.0
    assert max(used) > 0.75
    finer = Bounds.of("float32", replace(INT8, operands=Grid(255, 2.0**-14)))
    assert max(shares(layer, case, finer) for case in cases) > 1.0
    in_float = Bounds.of("float32", RELATIVE)
    assert shares(layer, drawn(Network(cell, 2, 3)), in_float) > 100.0


def test_it_counts_what_it_has_packed(layer: TorchInt8) -> None:
    network = Network("gru", 2, 3, layers=2, direction="both")
    assert layer.count(network) == count(network)


def test_what_can_not_be_quantised_is_not_offered(layer: TorchInt8) -> None:
    offers = [
        Network("lstm", 1, 1, biases="none"),
        Network("lstm", 1, 2, projection=1),
    ]
    assert all(layer.offers(network) is not None for network in offers)
    plain = layer.torch.nn.LSTM(1, 1, bias=False)
    with pytest.raises(AssertionError, match=r"mod\.bias must be True"):
        layer.quantised(plain)
    projected = layer.quantised(layer.torch.nn.LSTM(1, 2, proj_size=1))
    with pytest.raises(RuntimeError, match="rows in the packB"):
        projected(layer.torch.zeros(1, 1, 1))
    double = layer.quantised(layer.torch.nn.LSTM(1, 1, dtype=layer.torch.float64))
    with pytest.raises(RuntimeError, match="expected scalar type Float"):
        double(layer.torch.zeros(1, 1, 1))


def test_there_is_no_way_back(layer: TorchInt8) -> None:
    case = drawn(Network("gru", 2, 3))
    assert layer.gradients(case, {"outputs": np.ones(case.output_shape)}) is None


@pytest.mark.parametrize("way", ["", "packed", "batch first"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_case_is_told_in_the_frameworks_own_words(layer: TorchInt8, cell: str, way: str) -> None:
    network = Network(cell, 2, 3, layers=2, direction="both")
    assert "quantize_dynamic" in script_of(layer, drawn(network, way=way))
    count_of(layer, network)
    assert layer.script(drawn(network, way=DROPOUT)) is None


def test_of_another_engine_it_says_so(layer: TorchInt8) -> None:
    engines = layer.torch.backends.quantized
    before = engines.engine
    if "qnnpack" not in engines.supported_engines:
        pytest.skip("this PyTorch has no engine but those of these integers")
    try:
        engines.engine = "qnnpack"
        assert layer.obstacle() == "needs one of x86, fbgemm, onednn, not 'qnnpack'"
    finally:
        engines.engine = before


def shown(script: str) -> dict[str, str]:
    """What a script of the framework alone prints: names, and what stands after them."""
    command = [sys.executable, "-W", "ignore", str(DIVERGENCES / script)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def test_a_row_depends_on_others_and_on_later_steps(layer: TorchInt8) -> None:
    told = {name: line.split("[")[1] for name, line in shown("int8_range.py").items()}
    for other in ("alone", "other row", "last step"):
        assert told[other] != told["as it was"], other


def test_a_cell_state_depends_on_the_output_gate(layer: TorchInt8) -> None:
    told = shown("int8_gates.py")
    assert told["output gate times 1000"] != told["output gate times 1"]


def test_a_nan_is_swallowed_or_an_error(layer: TorchInt8) -> None:
    told = shown("int8_nan.py")
    assert told["nan in row 1"].startswith("last outputs [-0.")
    assert "nan" not in told["nan in row 1"]
    assert told["nan in row 0"].startswith("RuntimeError: In ChooseQuantizationParams")
