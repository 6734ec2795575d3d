"""What is compiled follows the equations, and can be gone back through, but for one layer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.torch_compile import EXPORTED, INDUCTOR, INDUCTOR_OPEN, OPEN, TorchCompile
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll
from tests.scripts import gradients_of, script_of

Drawn = Callable[..., Case]

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "torch"
CELLS = ("rnn", "lstm", "gru")
QUICK = ("", OPEN, EXPORTED, "with gradients", "batch first", "row by row")


@pytest.fixture(scope="module")
def layer() -> Iterator[TorchCompile]:
    """The adapter, in a session: what is compiled is kept for all tests."""
    if find_spec("torch") is None:
        pytest.skip("the adapter speaks to torch, which is not installed")
    adapter = TorchCompile()
    obstacle = adapter.obstacle()
    if obstacle is not None:
        pytest.skip(f"the adapter {obstacle}")
    with adapter.session():
        yield adapter


def drawn(cell: str, way: str = "", dtype: str = "float64", rows: int = 2) -> Case:
    """A case with a number in every place."""
    network = Network(cell, 2, 3)
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (2, rows, 2))),
        {name: rounded(random.uniform(-1, 1, (1, rows, 3))) for name in network.states},
        dtype=dtype,
        way=way,
    )


def follows(layer: TorchCompile, case: Case) -> None:
    """The answer is within the bounds of the equations."""
    answer = layer.run(case).parts()
    for name, part in unroll(case, Bounds.of(case.dtype, layer.levels[case.dtype])).parts().items():
        assert np.all(np.abs(answer[name] - part.value) <= part.error), name


@pytest.mark.filterwarnings("ignore")  # of what PyTorch itself calls
@pytest.mark.parametrize("way", QUICK)
@pytest.mark.parametrize("cell", CELLS)
def test_every_way_follows_the_equations(layer: TorchCompile, cell: str, way: str) -> None:
    follows(layer, drawn(cell, way))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", [INDUCTOR, INDUCTOR_OPEN])
def test_the_ways_that_make_code_do(layer: TorchCompile, way: str) -> None:
    follows(layer, drawn("gru", way, "float32"))


@pytest.mark.filterwarnings("ignore")
def test_what_is_compiled_is_kept_and_gets_new_weights(layer: TorchCompile) -> None:
    case = drawn("gru")
    follows(layer, case)
    made = layer.compiled.cache_info().misses
    follows(layer, case.with_weights(lambda at, w: -w))
    assert layer.compiled.cache_info().misses == made


@pytest.mark.filterwarnings("ignore")
def test_open_sizes_are_compiled_once(layer: TorchCompile) -> None:
    follows(layer, drawn("gru", OPEN, rows=2))
    made = layer.compiled.cache_info().misses
    follows(layer, drawn("gru", OPEN, rows=3))
    assert layer.compiled.cache_info().misses == made


@pytest.mark.filterwarnings("ignore")
def test_gradients_are_those_of_the_layer_that_is_not_compiled(layer: TorchCompile) -> None:
    from rnnspec.adapters.torch_ import TorchLayer

    case, plain = drawn("gru"), TorchLayer()
    cotangents = {"outputs": np.ones(case.output_shape)}
    found, expected = layer.gradients(case, cotangents), plain.gradients(case, cotangents)
    assert found is not None
    assert expected is not None
    assert found.parts().keys() == expected.parts().keys()
    for name, part in expected.parts().items():
        np.testing.assert_allclose(found.parts()[name], part, rtol=0, atol=1e-14)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cell", CELLS)
def test_a_case_is_told_in_the_frameworks_own_words(layer: TorchCompile, cell: str) -> None:
    script_of(layer, drawn(cell))
    if cell != "lstm":  # which cannot always be trained
        with layer.torch.enable_grad():
            gradients_of(layer, drawn(cell), "outputs", "hidden")
    assert layer.script(drawn(cell, OPEN)) is None


def test_the_settings_are_restored(layer: TorchCompile) -> None:
    config = layer.torch._dynamo.config
    before = config.allow_rnn, config.recompile_limit
    with TorchCompile().session():
        assert config.allow_rnn
    assert (config.allow_rnn, config.recompile_limit) == before


def test_without_a_compiler_it_says_so(
    layer: TorchCompile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer.torch._inductor.config.cpp, "cxx", ("no-such-compiler",))
    obstacle = layer.obstacle()
    assert obstacle is not None
    assert obstacle.startswith("needs a C++ compiler")


def test_what_can_not_be_trained_is_shown_by_the_framework_alone(layer: TorchCompile) -> None:
    command = [sys.executable, str(DIVERGENCES / "compile_lstm_backward.py")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "LSTM, float64: gradient of a weight 0.069" in shown
    if layer.torch.backends.mkldnn.is_available():
        assert "LSTM, float32: AssertionError" in shown
