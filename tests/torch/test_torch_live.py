"""Modules of PyTorch that a program holds: read, and written."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.adapters.torch_ import array
from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.living import carried

torch = pytest.importorskip("torch", reason="the modules are PyTorch's")
nn = torch.nn


def run(module: Any, inputs: Array) -> Mapping[str, Array]:
    """The module's own call; of a cell, step by step."""
    dtype = next(module.parameters()).dtype
    given = torch.from_numpy(inputs).to(dtype)
    with torch.no_grad():
        if isinstance(module, nn.RNNCellBase):
            states, outputs = None, []
            for x in given:
                states = module(x, states)
                outputs.append(states[0] if isinstance(states, tuple) else states)
            return {"outputs": array(torch.stack(outputs))}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "LSTM with projections is not supported with one")
            outputs, finals = module(given)
    finals = finals if isinstance(finals, tuple) else (finals,)
    states = dict(zip(("hidden", "cell"), map(array, finals), strict=False))
    return {"outputs": array(outputs), **states}


def numbers(module: Any) -> list[Any]:
    return [p.detach().view(torch.uint8).numpy() for p in module.parameters()]


MODULES = {
    "lstm": lambda: nn.LSTM(3, 5),
    "lstm both, deep": lambda: nn.LSTM(3, 5, 2, bidirectional=True, dropout=0.5).eval(),
    "lstm projected": lambda: nn.LSTM(3, 5, 2, bidirectional=True, proj_size=2),
    "lstm bare": lambda: nn.LSTM(3, 5, bias=False),
    "lstm of ten": lambda: nn.LSTM(2, 2, 10),
    "gru both, deep": lambda: nn.GRU(3, 5, 2, bidirectional=True),
    "gru": lambda: nn.GRU(3, 5, dtype=torch.float64),
    "gru short": lambda: nn.GRU(3, 5, dtype=torch.bfloat16),
    "rnn relu": lambda: nn.RNN(3, 5, 2, nonlinearity="relu"),
    "rnn half": lambda: nn.RNN(3, 5, bidirectional=True, bias=False, dtype=torch.float16),
    "lstm cell": lambda: nn.LSTMCell(3, 5),
    "gru cell": lambda: nn.GRUCell(3, 5, bias=False),
    "rnn cell": lambda: nn.RNNCell(3, 5, nonlinearity="relu"),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_read_and_written(name: str) -> None:
    torch.manual_seed(0)
    one, other = MODULES[name](), MODULES[name]()
    other.requires_grad_(False)
    before = list(other.parameters())
    _, layer = carried(one, other, run, numbers)
    assert layer is other
    assert all(a is b for a, b in zip(before, other.parameters(), strict=True))
    assert not any(p.requires_grad for p in other.parameters())


def test_what_is_read_is_a_copy() -> None:
    module = nn.RNN(2, 2, dtype=torch.float64)
    held = rnnspec.weights_of(module)
    before = {at: w.copy() for at, w in held.weights.items()}
    with torch.no_grad():
        module.weight_ih_l0.zero_()
    assert all(np.array_equal(w, before[at]) for at, w in held.weights.items())


def test_a_subclass_is_what_it_comes_from() -> None:
    own: Any = type("Own", (nn.GRU,), {"__module__": "mine"})
    assert rnnspec.weights_of(own(2, 3)).network.cell == "gru"


def test_layers_in_a_list_are_a_stack() -> None:
    torch.manual_seed(1)
    deep = nn.GRU(3, 4, 3, bidirectional=True)
    apart = [nn.GRU(3, 4, 2, bidirectional=True), nn.GRU(8, 4, bidirectional=True)]
    loaded = rnnspec.load_into(apart, rnnspec.weights_of(deep))
    assert loaded.layer == apart
    x = torch.randn(4, 2, 3)
    assert torch.equal(deep(x)[0], apart[1](apart[0](x)[0])[0])
    again = rnnspec.load_into(nn.GRU(3, 4, 3, bidirectional=True), rnnspec.weights_of(apart))
    assert all(map(torch.equal, again.layer.parameters(), deep.parameters()))


def test_numbers_are_rounded_to_the_layers_dtype() -> None:
    wide = nn.RNN(2, 3, dtype=torch.float64)
    layer, done = rnnspec.load_into(nn.RNN(2, 3), rnnspec.weights_of(wide))
    assert layer.weight_ih_l0.dtype == torch.float32
    assert torch.equal(layer.weight_ih_l0, wide.weight_ih_l0.float())
    assert len(done) == 1
    assert done[0].startswith("4 arrays rounded to float32, by at most ")


def test_two_biases_take_the_one_of_another() -> None:
    held = rnnspec.weights_of(nn.LSTM(2, 3))
    layer, done = rnnspec.load_into(nn.LSTM(2, 3), rnnspec.weights_of(nn.LSTM(2, 3, bias=False)))
    assert done == ["forget, input, candidate, output: a bias of zeros is put where there was none"]
    assert not layer.bias_ih_l0.any()
    with pytest.raises(rnnspec.Uncarried, match="is not zero, and there is no bias to carry it to"):
        rnnspec.load_into(nn.LSTM(2, 3, bias=False), held)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (lambda: nn.LSTM(2, 4), r"0\.forward\.forget\.input has shape \(3, 2\), and in the layer "),
        (
            lambda: nn.LSTM(1, 3),
            r"0\.forward\.forget\.input has shape \(3, 2\), and in .* \(3, 1\)",
        ),
        (lambda: nn.LSTM(2, 3, 2), "they differ in layers, 1 and 2"),
        (lambda: nn.LSTM(2, 3, bidirectional=True), "they differ in direction, forward and both"),
        (lambda: nn.LSTM(2, 3, proj_size=1), r"has shape \(3, 3\), and in the layer \(3, 1\)"),
        (lambda: nn.GRU(2, 3), "they differ in cell, lstm and gru"),
        (lambda: [nn.LSTM(2, 3), nn.LSTM(3, 3)], "and the layers are 2, not 1"),
        (lambda: [nn.LSTM(2, 4)], r"^layer 0 of the list: 0\.forward\.forget\.input has shape"),
    ],
)
def test_what_does_not_fit_names_the_place_and_changes_nothing(layer: Any, said: str) -> None:
    made = layer()
    every = made if isinstance(made, list) else [made]
    before = [p.clone() for one in every for p in one.parameters()]
    with pytest.raises(rnnspec.Uncarried, match=said):
        rnnspec.load_into(made, rnnspec.weights_of(nn.LSTM(2, 3)))
    assert all(map(torch.equal, before, (p for one in every for p in one.parameters())))


def test_a_list_is_written_whole_or_not_at_all() -> None:
    held = rnnspec.weights_of(nn.GRU(3, 4, 2))
    apart = [nn.GRU(3, 4), nn.GRU(4, 5)]
    before = apart[0].weight_ih_l0.clone()
    with pytest.raises(rnnspec.Uncarried, match=r"^layer 1 of the list: "):
        rnnspec.load_into(apart, held)
    assert torch.equal(apart[0].weight_ih_l0, before)


@pytest.mark.parametrize("stack", [False, True])
def test_what_is_no_weights_is_not_written(stack: bool) -> None:
    module = nn.LSTM(2, 3)
    held, before = rnnspec.weights_of(module), [p.clone() for p in module.parameters()]
    first = Place(0, "forward", "forget", "input")
    less = held._replace(weights={at: w for at, w in held.weights.items() if at != first})
    short = held._replace(weights={**held.weights, first: held.weights[first][:1]})
    odd = held._replace(dtype="int8")
    layer: Any = [module] if stack else module
    for wrong, said in (
        (less, r"weights has nothing at 0\.forward\.forget\.input, which LSTM"),
        (short, r"weights\.0\.forward\.forget\.input has shape \(1, 2\): it must be \(3, 2\)"),
        (odd, "dtype is 'int8'"),
    ):
        with pytest.raises(rnnspec.Uncarried, match=f"no weights of a network: {said}"):
            rnnspec.load_into(layer, wrong)
    with pytest.raises(TypeError, match=r"^what is loaded is a dict: use what weights_of\(layer\)"):
        rnnspec.load_into(layer, {})  # type: ignore[arg-type]
    assert all(map(torch.equal, before, module.parameters()))


@pytest.mark.parametrize("parts", ["parametrized", "meta"])
def test_weights_that_are_not_there_are_not_read(parts: str) -> None:
    module = nn.LSTM(2, 3, device="meta" if parts == "meta" else "cpu")
    if parts == "parametrized":
        nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
    with pytest.raises(rnnspec.Uncarried, match="holds no weights of its own"):
        rnnspec.weights_of(module)


def test_other_modules_are_none() -> None:
    with pytest.raises(
        TypeError, match=r"read from or written to a torch\.nn\.modules\.linear\.Lin"
    ):
        rnnspec.weights_of(nn.Linear(2, 3))
