"""The operators follow the equations in every kind of network, dtype and way, and the adapters say
to them what their text says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.adapters.onnx_ import OnnxReference
from rnnspec.adapters.onnx_model import AS_INPUTS, BATCH_FIRST, NO_Y, Y_ALONE, Model
from rnnspec.adapters.onnx_runtime import OnnxRuntime
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.network import Network, Place
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll

Drawn = Callable[..., Case]

ADAPTERS = {"reference": OnnxReference, "runtime": OnnxRuntime}
DEEP = Network("lstm", 3, 2, layers=2, direction="both")
KINDS = [
    (name, replace(kind, inputs=3, units=2, layers=layers))
    for name, adapter in ADAPTERS.items()
    for cell, conventions in adapter.conventions.items()
    for kind in conventions.networks(cell)
    for layers in (1, 2)
]


@pytest.fixture
def adapter(request: pytest.FixtureRequest, name: str) -> OnnxReference:
    """One of the two, by its fixture."""
    found: OnnxReference = request.getfixturevalue(name)
    return found


def follows(adapter: OnnxReference, case: Case) -> Answer:
    """The answer, which must be within the bounds of the equations and of the case's dtype."""
    answer = adapter.run(case)
    one = case.network.layers == 1 and answer.outputs is not None
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    expected = unroll(case, read, anchors={0: answer.outputs} if one else None).parts()
    assert answer.parts()
    for name, part in answer.parts().items():
        assert part.shape == expected[name].shape
        assert np.array_equal(PRECISIONS[case.dtype].round(part), part)
        off = np.abs(part - expected[name].value)
        if name == "outputs" and case.lengths is not None:
            past = np.arange(case.steps)[:, None] >= case.lengths
            assert not part[past].any()
            off[past] = 0.0
        assert np.all(off <= expected[name].error), name
    return answer


@pytest.mark.parametrize(("name", "network"), KINDS, ids=str)
def test_every_kind_follows_the_equations(
    adapter: OnnxReference, drawn: Drawn, network: Network
) -> None:
    follows(adapter, drawn(network, "float32"))


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name, a in ADAPTERS.items() for dtype in a.levels]
)
def test_every_dtype_does(adapter: OnnxReference, drawn: Drawn, dtype: str) -> None:
    follows(adapter, drawn(DEEP, dtype))


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, a in ADAPTERS.items() for way in a.ways]
)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_way_does(adapter: OnnxReference, drawn: Drawn, cell: str, way: str) -> None:
    network = replace(DEEP, cell=cell)
    answer = follows(adapter, drawn(network, "float32", way=way))
    assert (answer.outputs is None) == (way == NO_Y)
    assert set(answer.states) == (set() if way == Y_ALONE else set(network.states))


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
def test_the_runtime_obeys_lengths(runtime: OnnxReference, drawn: Drawn, direction: str) -> None:
    follows(runtime, drawn(replace(DEEP, direction=direction), "float32", lengths=True))


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("given", ["hidden", "cell"])
def test_one_state_may_be_given_alone(adapter: OnnxReference, drawn: Drawn, given: str) -> None:
    case = drawn(DEEP, "float32")
    alone = case.changed(states={given: case.states[given]})
    model = Model(adapter.onnx, alone, adapter.conventions["lstm"])
    assert {"initial_hidden0", "initial_cell0"} & model.feeds.keys() == {f"initial_{given}0"}
    follows(adapter, alone)


@pytest.mark.parametrize(
    ("cell", "blocks"),
    [
        ("lstm", ("input", "output", "forget", "candidate")),
        ("gru", ("update", "reset", "candidate")),
    ],
)
def test_the_weights_stand_where_the_operators_have_them(
    reference: OnnxReference, drawn: Drawn, cell: str, blocks: tuple[str, ...]
) -> None:
    """https://onnx.ai/onnx/operators/: W[iofc], R[iofc], B = [Wb[iofc], Rb[iofc]]; GRU: zrh."""
    case = drawn(Network(cell, 3, 2, direction="both"), "float32")
    held = Model(reference.onnx, case, reference.conventions[cell]).constants
    for name, parts in (
        ("W0", ("input",)),
        ("R0", ("recurrent",)),
        ("B0", ("input_bias", "recurrent_bias")),
    ):
        for k, direction in enumerate(case.network.directions):
            at = [Place(0, direction, block, part) for part in parts for block in blocks]
            assert np.array_equal(held[name][k], np.concatenate([case.weights[p] for p in at]))


@pytest.mark.parametrize("way", ["", AS_INPUTS, BATCH_FIRST])
def test_a_model_is_one_that_onnx_accepts(reference: OnnxReference, drawn: Drawn, way: str) -> None:
    for cell, conventions in OnnxRuntime.conventions.items():
        network = replace(DEEP, cell=cell, reset="before", activation="relu")
        case = drawn(network, "float32", way=way, lengths=True)
        model = Model(reference.onnx, case, conventions).made()
        reference.onnx.checker.check_model(model, full_check=True)
        names = {tensor.name for tensor in model.graph.initializer}
        assert names == (set() if way == AS_INPUTS else {f"{n}{k}" for n in "WRB" for k in (0, 1)})


@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_is_counted_and_nothing_goes_back(adapter: OnnxReference, drawn: Drawn) -> None:
    assert adapter.count(DEEP) is None
    assert adapter.gradients(drawn(DEEP, "float32"), {}) is None


def test_a_saturated_gate_warns_of_nothing(reference: OnnxReference, drawn: Drawn) -> None:
    case = drawn(Network("lstm", 3, 2), "float16").with_weights(lambda at, w: 0 * w - 1024.0)
    assert np.all(np.isfinite(reference.run(case).outputs))
