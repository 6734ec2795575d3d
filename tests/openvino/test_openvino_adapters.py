"""OpenVINO follows the equations in every kind of network, dtype and way, but where it is said that
it does not; and the adapters say to it what its documentation says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.adapters.keras_layers import STATEFUL
from rnnspec.adapters.keras_openvino import KEPT
from rnnspec.adapters.onnx_model import BATCH_FIRST
from rnnspec.adapters.onnx_openvino import OnnxOpenVino
from rnnspec.adapters.openvino_ import AS_INPUTS, DYNAMIC, OpenVino
from rnnspec.adapters.openvino_model import Arrays, shapes, weights
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network, Place
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import unroll
from tests.scripts import script_of

Drawn = Callable[..., Case]


def kinds(adapter: Implementation) -> list[Network]:
    """One network of every combination of options offered."""
    offered = [n for cell, how in adapter.conventions.items() for n in how.networks(cell)]
    return [replace(n, inputs=3, units=2, layers=1) for n in offered if adapter.offers(n) is None]


def richest(adapter: Implementation) -> list[Network]:
    """Of every cell, the last of these, in two layers."""
    last = {network.cell: network for network in kinds(adapter)}
    return [replace(network, layers=2) for network in last.values()]


def right(adapter: Implementation, case: Case) -> bool:
    """Whether the answer is within the bounds of the equations. It must be numbers of the dtype,
    and have what the way gives back.
    """
    answer = adapter.run(case).parts()
    assert answer
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    anchors = {0: answer["outputs"]} if "outputs" in answer and case.network.layers == 1 else None
    for name, bounded in unroll(case, read, anchors=anchors).parts().items():
        assert np.all(np.isfinite(bounded.error))
        part = answer.get(name, bounded.value)
        assert part.shape == bounded.shape
        assert name not in answer or np.array_equal(PRECISIONS[case.dtype].round(part), part)
        off = np.abs(part - bounded.value)
        if name == "outputs" and case.lengths is not None:
            past = np.arange(case.steps)[:, None] >= case.lengths
            if case.network.direction == "both" and part[past].any():
                return False
            off[past] = 0.0
        if not np.all(off <= bounded.error):
            return False
    return True


def test_every_kind_follows_the_equations(adapter: Implementation, drawn: Drawn) -> None:
    found = kinds(adapter)
    assert {n.direction for n in found} == {"forward", "backward", "both"}
    assert {(n.reset, n.activation) for n in found} >= {("before", "tanh"), ("after", "relu")}
    for network in found:
        assert right(adapter, drawn(network, "float32")), str(network)


def test_every_dtype_does(adapter: Implementation, drawn: Drawn) -> None:
    for dtype in adapter.levels:
        for network in richest(adapter):
            case = drawn(replace(network, layers=1), dtype)
            assert right(adapter, case), str(case)


def test_every_way_does(adapter: Implementation, drawn: Drawn) -> None:
    """But for the two that ignore what they are given, and for what Keras can't call on any
    backend: a stateful layer of both directions that returns its state.
    """
    for way in adapter.ways.keys() - {BATCH_FIRST, KEPT}:
        for network in richest(adapter):
            if way == STATEFUL:
                network = replace(network, direction="forward")
            assert right(adapter, drawn(network, "float32", way=way)), (str(network), way)


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
def test_lengths_are_obeyed(adapter: Implementation, drawn: Drawn, direction: str) -> None:
    for network in richest(adapter):
        case = drawn(replace(network, direction=direction), "float32", lengths=True)
        assert right(adapter, case), str(network)


def test_lengths_are_ignored_where_shapes_are_dynamic(
    native: Implementation, onnx: Implementation, drawn: Drawn
) -> None:
    """Unless the weights are inputs: docs/divergences/openvino.md."""
    for adapter in (native, onnx):
        for network in richest(adapter):
            assert not right(adapter, drawn(network, "float32", way=DYNAMIC, lengths=True))
            assert right(adapter, drawn(network, "float32", way=AS_INPUTS, lengths=True))


def test_weights_that_are_set_later_are_ignored(keras: Implementation, drawn: Drawn) -> None:
    for network in richest(keras):
        assert not right(keras, drawn(network, "float32", way=KEPT))


def test_nothing_goes_back(adapter: Implementation, drawn: Drawn) -> None:
    assert adapter.gradients(drawn(Network("lstm", 3, 2, biases="input"), "float32"), {}) is None


def test_nothing_is_counted_but_by_keras(
    native: Implementation, onnx: Implementation, keras: Implementation
) -> None:
    network = Network("lstm", 3, 2, biases="input")
    assert [adapter.count(network) for adapter in (native, onnx, keras)] == [None, None, 48]


@pytest.mark.parametrize(
    ("reset", "biases", "rest"),
    [("after", "input", ", only candidate"), ("before", "candidate", ", only input")],
)
def test_the_biases_of_a_gru_go_with_its_reset(reset: str, biases: str, rest: str) -> None:
    network = Network("gru", 3, 2, reset=reset, biases=biases)
    assert OpenVino().offers(network) == f"with reset {reset} it offers no biases {biases!r}{rest}"
    assert OpenVino().offers(replace(network, biases=rest.split()[-1])) is None


@pytest.mark.parametrize(
    ("cell", "biases", "blocks"),
    [
        ("lstm", "input", ("forget", "input", "candidate", "output")),
        ("gru", "candidate", ("update", "reset", "candidate")),
    ],
)
def test_the_weights_stand_where_the_operators_have_them(
    drawn: Drawn, cell: str, biases: str, blocks: tuple[str, ...]
) -> None:
    """LSTMSequence: fico. GRUSequence: zrh, with linear_before_reset one more bias, at the end."""
    case = drawn(Network(cell, 3, 2, direction="both", biases=biases), "float32")
    held = weights(case, OpenVino.conventions[cell])
    for k, direction in enumerate(("forward", "backward")):

        def joined(part: str, of: tuple[str, ...], direction: str = direction) -> list[np.ndarray]:
            return [case.weights[Place(0, direction, block, part)] for block in of]

        last = ("candidate",) if cell == "gru" else ()
        biased = joined("input_bias", blocks) + joined("recurrent_bias", last)
        assert np.array_equal(held["W0"][k], np.concatenate(joined("input", blocks)))
        assert np.array_equal(held["R0"][k], np.concatenate(joined("recurrent", blocks)))
        assert np.array_equal(held["B0"][k], np.concatenate(biased))


def test_what_is_dynamic_is_rows_and_steps() -> None:
    arrays: Arrays = {name: np.zeros((2, 3, 4)) for name in ("X", "hidden0", "W0")}
    arrays["lengths"] = np.zeros(2, np.int32)
    assert dict(shapes(arrays, dynamic=True)) == {
        "X": (-1, -1, 4),
        "hidden0": (-1, 3, 4),
        "W0": (2, 3, 4),
        "lengths": (-1,),
    }
    assert {shape[0] for _, shape in shapes(arrays, dynamic=False)} == {2}


def test_a_model_is_compiled_once_for_its_weights(native: Implementation, drawn: Drawn) -> None:
    adapter = OpenVino()
    case = drawn(Network("rnn", 3, 2, biases="input"), "float32")
    for again in (
        case,
        case.changed(inputs=case.inputs / 2),
        case.with_weights(lambda _, w: w / 2),
    ):
        adapter.run(again)
    assert (adapter.compiled.cache_info().hits, adapter.compiled.cache_info().misses) == (1, 2)


def test_the_session_tells_keras_the_arithmetic_and_ends_it(keras: Implementation) -> None:
    import openvino

    inside = openvino.compile_model
    with keras.session():
        assert openvino.compile_model is not inside
    assert openvino.compile_model is inside


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_script_answers_as_the_adapter_does(
    native: Implementation, drawn: Drawn, dtype: str, lengths: bool
) -> None:
    for network in richest(native):
        code = script_of(native, drawn(network, dtype, lengths=lengths))
        assert f"ops.{network.cell}_sequence" in code


def test_no_script_is_written_of_what_numpy_or_the_ordinary_way_has_not(drawn: Drawn) -> None:
    network = Network("lstm", 3, 2, biases="input")
    assert OpenVino().script(drawn(network, "bfloat16")) is None
    assert OpenVino().script(drawn(network, "float32", way=DYNAMIC)) is None


@pytest.mark.parametrize("way", ["", *(way for way in OnnxOpenVino.ways if way != BATCH_FIRST)])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_script_of_an_onnx_model_answers_as_the_adapter_does(
    onnx: Implementation, drawn: Drawn, cell: str, way: str
) -> None:
    network = Network(cell, 3, 2, 2, "both")
    code = script_of(onnx, drawn(network, "float32", way=way, lengths=True))
    assert ("axis.dim_value" in code) == (way != DYNAMIC)
