"""The adapter speaks to torch without changing what is said: weights, numbers, settings."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnspec.adapters.torch_ import TorchCell, TorchLayer
from rnnspec.reference.case import Case
from rnnspec.reference.conventions import Packed, unpack
from rnnspec.reference.network import Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import count, unroll

torch = pytest.importorskip("torch", reason="the adapter speaks to PyTorch")

ADAPTERS = pytest.mark.parametrize("adapter", [TorchLayer(), TorchCell()], ids=lambda a: a.name)
NETWORKS = pytest.mark.parametrize(
    ("adapter", "network"),
    [
        pytest.param(adapter, replace(kind, inputs=3, units=2, layers=layers), id=name)
        for adapter in (TorchLayer(), TorchCell())
        for cell, conventions in adapter.conventions.items()
        for kind in conventions.networks(cell)
        for layers in {1, min(3, kind.layers)}
        for name in [f"{adapter.name}-{replace(kind, layers=layers)}"]
    ],
)
DTYPES = pytest.mark.parametrize("dtype", PRECISIONS)


def drawn(network: Network, dtype: str = "float64", steps: int = 4, rows: int = 3) -> Case:
    """A case with numbers of a dtype in every place."""
    random, rounded = np.random.default_rng(7), PRECISIONS[dtype].round
    state = (network.layers * len(network.directions), rows, network.units)
    return Case(
        network,
        {at: rounded(random.uniform(-1, 1, shape)) for at, shape in network.places()},
        rounded(random.uniform(-1, 1, (steps, rows, network.inputs))),
        {name: rounded(random.uniform(-1, 1, state)) for name in network.states},
        dtype=dtype,
    )


def held(adapter: TorchLayer, module: Any, network: Network) -> dict[Place, Array]:
    """What a module of torch holds, as float64, by place."""
    weights: dict[Place, Array] = {}
    for layer, direction, suffix in adapter.suffixes(network):
        parameters = (
            getattr(module, name + suffix, None)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        arrays: list[Any] = [None if p is None else p.double().numpy() for p in parameters]
        packed = Packed(*arrays)
        how = adapter.conventions[network.cell]
        weights |= unpack(network, packed, how, layer, direction)
    return weights


@NETWORKS
@DTYPES
def test_a_module_holds_exactly_the_weights_of_the_case(
    adapter: TorchLayer, network: Network, dtype: str
) -> None:
    case = drawn(network, dtype)
    module = adapter.loaded(case)
    back = held(adapter, module, network)
    assert back.keys() == case.weights.keys()
    assert all(np.array_equal(back[at], w) for at, w in case.weights.items())


@ADAPTERS
@pytest.mark.parametrize(
    ("cell", "rows"),
    [
        ("lstm", ["input", "forget", "candidate", "output"]),
        ("gru", ["reset", "update", "candidate"]),
        ("rnn", ["hidden"]),
    ],
)
def test_blocks_stand_where_the_manual_of_torch_says(
    adapter: TorchLayer, cell: str, rows: list[str]
) -> None:
    """The manual of ``torch.nn.LSTM``: ``weight_ih`` is (W_ii|W_if|W_ig|W_io), and so on."""
    network = Network(cell, inputs=3, units=2)
    case = drawn(network)
    module = adapter.loaded(case).state_dict()
    for part, name in (("input", "weight_ih"), ("recurrent_bias", "bias_hh")):
        written = np.concatenate([case.weights[Place(0, "forward", b, part)] for b in rows])
        suffix = "" if isinstance(adapter, TorchCell) else "_l0"
        assert np.array_equal(module[name + suffix].numpy(), written)


@NETWORKS
def test_the_count_is_that_of_a_module_of_torch(adapter: TorchLayer, network: Network) -> None:
    kind, options = getattr(torch.nn, adapter.modules[network.cell]), {}
    if not isinstance(adapter, TorchCell):
        both = network.direction == "both"
        options = {"num_layers": network.layers, "bidirectional": both}
    module = kind(network.inputs, network.units, bias=network.biases != "none", **options)
    assert adapter.count(network) == sum(p.numel() for p in module.parameters()) == count(network)


@ADAPTERS
@pytest.mark.parametrize("grad", [True, False])
def test_a_session_restores_threads_and_gradients(adapter: TorchLayer, grad: bool) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with torch.set_grad_enabled(grad):
            with contextlib.suppress(KeyError), adapter.session():
                inside = (torch.get_num_threads(), torch.is_grad_enabled())
                raise KeyError
            after = (torch.get_num_threads(), torch.is_grad_enabled())
    finally:
        torch.set_num_threads(before)
    assert inside == (1, False)
    assert after == (2, grad)


@NETWORKS
@DTYPES
def test_answers_are_numbers_of_the_dtype_and_near_the_reference(
    adapter: TorchLayer, network: Network, dtype: str
) -> None:
    case, precision = drawn(network, dtype), PRECISIONS[dtype]
    with adapter.session():
        answer = adapter.run(case)
    for name, expected in unroll(case).parts().items():
        part = answer.parts()[name]
        assert part.dtype == np.float64
        assert np.array_equal(precision.round(part), part)
        assert np.abs(part - expected).max() < 100 * precision.unit


@ADAPTERS
@DTYPES
def test_numbers_survive_the_way_there_and_back(adapter: TorchLayer, dtype: str) -> None:
    """A relu that is given its bias gives it back, to the last bit; subnormal numbers, too."""
    precision = PRECISIONS[dtype]
    numbers = np.array([0.0, 1.0, 1 + 2 * precision.unit, precision.tiny, precision.largest])
    network = Network("rnn", 1, len(numbers), activation="relu")
    case = drawn(network, dtype, steps=1, rows=1).with_weights(lambda at, w: 0 * w)
    at = Place(0, "forward", "hidden", "input_bias")
    case = case.with_weights(lambda place, w: numbers if place == at else w)
    with adapter.session():
        assert np.array_equal(adapter.run(case).outputs[0, 0], numbers)


@NETWORKS
def test_missing_states_are_zeros(adapter: TorchLayer, network: Network) -> None:
    case = drawn(network)
    zeros = {name: 0 * state for name, state in case.states.items()}
    cases = [case.changed(states={}), case.changed(states=zeros)]
    cases += [case.changed(states={name: zero}) for name, zero in zeros.items()]
    with adapter.session():
        first, *others = (adapter.run(each).parts() for each in cases)
    for other in others:
        assert all(np.array_equal(other[name], part) for name, part in first.items())


@NETWORKS
def test_given_states_are_used_and_nothing_given_is_changed(
    adapter: TorchLayer, network: Network
) -> None:
    case, same = drawn(network), drawn(network)
    with adapter.session():
        answer = adapter.run(case).parts()
        for name, state in case.states.items():
            assert np.array_equal(state, same.states[name])
            other = adapter.run(case.with_states(**{name: -state})).outputs
            assert not np.array_equal(other, answer["outputs"])
    assert np.array_equal(case.inputs, same.inputs)
    assert all(np.array_equal(w, same.weights[at]) for at, w in case.weights.items())


def test_layer_and_cell_agree_in_every_kind_of_network() -> None:
    layer, cell = TorchLayer(), TorchCell()
    kinds = [n for name, how in cell.conventions.items() for n in how.networks(name)]
    for network in kinds:
        case = drawn(replace(network, inputs=3, units=2))
        with layer.session():
            one, other = layer.run(case).parts(), cell.run(case).parts()
        assert one.keys() == other.keys()
        assert all(np.abs(one[name] - other[name]).max() < 1e-14 for name in one)


@ADAPTERS
def test_what_torch_has_not_is_not_offered(adapter: TorchLayer) -> None:
    assert adapter.offers(Network("gru", 1, 1)) is None
    assert adapter.offers(Network("gru", 1, 1, reset="before")) is not None
    assert adapter.offers(Network("lstm", 1, 1, biases="input")) is not None
    assert adapter.offers(Network("lstm", 1, 1, direction="backward")) is not None
    assert adapter.versions() == {"torch": str(torch.__version__)}
