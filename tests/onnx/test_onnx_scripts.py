"""What ONNX's adapters write in its own words gives what they give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.onnx_ import OnnxReference
from rnnspec.adapters.onnx_runtime import OnnxRuntime
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from tests.scripts import script_of, shown_alone

Drawn = Callable[..., Case]
ADAPTERS = {"reference": OnnxReference, "runtime": OnnxRuntime}
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences"
CELLS = ("rnn", "lstm", "gru")


@pytest.fixture
def adapter(request: pytest.FixtureRequest, name: str) -> OnnxReference:
    """One of the two, by its fixture."""
    found: OnnxReference = request.getfixturevalue(name)
    return found


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, a in ADAPTERS.items() for way in ("", *a.ways)]
)
@pytest.mark.parametrize("cell", CELLS)
def test_every_way_is_said(adapter: OnnxReference, drawn: Drawn, cell: str, way: str) -> None:
    script_of(adapter, drawn(Network(cell, 3, 2, 3, "both"), "float32", way=way, lengths=True))
    script_of(adapter, drawn(Network(cell, 3, 2, biases="none"), "float32", way=way))


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name, a in ADAPTERS.items() for dtype in a.levels]
)
def test_every_dtype_is_said(adapter: OnnxReference, drawn: Drawn, dtype: str) -> None:
    script_of(adapter, drawn(Network("lstm", 3, 2, direction="backward"), dtype))


@pytest.mark.parametrize("name", ADAPTERS)
def test_options_are_said(adapter: OnnxReference, drawn: Drawn) -> None:
    assert "linear_before_reset" not in script_of(
        adapter, drawn(Network("gru", 3, 2, reset="before"), "float32")
    )
    if "relu" in adapter.conventions["rnn"].activations:
        relu = Network("rnn", 3, 2, direction="both", activation="relu")
        assert '["Relu", "Relu"]' in script_of(adapter, drawn(relu, "float32"))


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_is_beyond_the_cards_is_said(adapter: OnnxReference, drawn: Drawn) -> None:
    network = Network("lstm", 3, 2, 3, "both", peepholes=True, coupled=True, clip=0.3)
    code = script_of(adapter, drawn(network, "float32"))
    assert "input_forget = 1" in code
    assert "clip = 0.300000" in code


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_is_not_given_is_left_out(adapter: OnnxReference, drawn: Drawn) -> None:
    case = drawn(Network("lstm", 3, 2), "float32")
    for states in ({}, {"cell": case.states["cell"]}, {"hidden": case.states["hidden"]}):
        code = script_of(adapter, replace(case, states=states))
        assert ("initial_hidden0" in code) == ("hidden" in states)


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_makes_no_number_is_said(adapter: OnnxReference, drawn: Drawn) -> None:
    case = drawn(Network("rnn", 3, 2), "float32")
    assert "np.nan" in script_of(adapter, replace(case, inputs=np.full_like(case.inputs, np.nan)))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("reference", "onnx-reference-beyond.clipped-sums"),
        ("reference", "onnx-reference-beyond.coupled-gates"),
        ("reference", "onnx-reference-layer.nan"),
        ("reference", "onnx-reference-layer.padding"),
        ("runtime", "onnxruntime-layer.empty"),
        ("runtime", "onnxruntime-layer.nan"),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(adapter: OnnxReference, file: str) -> None:
    shown_alone(DIVERGENCES / f"{file}.json", adapter)
