"""What the adapters of JAX's libraries write in their own words gives what they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.jax_ import JaxLayer
from rnnspec.adapters.script_ import Scripted
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from tests.scripts import count_of, gradients_of, script_of, shown_alone

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences"
UNSAID = {"row by row", "static", "all states", "batch first"}
"""The ways that no script is written of."""
OFF = 8.0
"""Units of rounding: what is compiled with other results beside is fused otherwise."""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """A script of float64 sets what it needs, for all that follows."""
    jax = pytest.importorskip("jax")
    yield
    jax.config.update("jax_enable_x64", False)


def kinds(adapter: JaxLayer) -> list[Network]:
    """One network of every cell, with all options that are offered last."""
    offered = {cell: how.networks(cell)[-1] for cell, how in adapter.conventions.items()}
    return [replace(network, inputs=3, units=2) for network in offered.values()]


def test_every_cell_is_said(adapter: JaxLayer, drawn: Drawn) -> None:
    for network in kinds(adapter):
        case = drawn(network, "float32")
        script_of(adapter, case)
        gradients_of(adapter, case, "outputs", "hidden", off=OFF)
        count_of(adapter, network)


def test_every_way_is_said_or_none_is_written(adapter: JaxLayer, drawn: Drawn) -> None:
    case = drawn(replace(kinds(adapter)[-2], layers=1, direction="forward"), "float32")
    assert case.network.cell == "lstm"
    for way in adapter.ways:
        if way in UNSAID:
            assert isinstance(adapter, Scripted)
            assert adapter.script(case.changed(way=way)) is None
        else:
            script_of(adapter, case.changed(way=way))
            gradients_of(adapter, case.changed(way=way), "outputs", off=OFF)


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_every_dtype_is_said(adapter: JaxLayer, drawn: Drawn, dtype: str) -> None:
    case = drawn(kinds(adapter)[-1], dtype)
    script_of(adapter, case)
    gradients_of(adapter, case, "outputs", off=OFF)


def test_directions_lengths_and_missing_states_are_said(adapter: JaxLayer, drawn: Drawn) -> None:
    how = adapter.conventions["gru"]
    for direction in how.directions:
        network = Network("gru", 3, 2, 1, direction, how.biases[0], reset=how.resets[0])
        case = drawn(network, "float32", lengths=direction in how.past_end)
        script_of(adapter, case.changed(states={}))
        gradients_of(adapter, case.changed(states={}), "hidden", off=OFF)
    case = drawn(replace(kinds(adapter)[-2], layers=1), "float32")
    case = case.changed(states={"cell": case.states["cell"]})
    script_of(adapter, case)
    gradients_of(adapter, case, "cell", off=OFF)


def test_what_makes_no_number_is_said(adapter: JaxLayer, drawn: Drawn) -> None:
    odd = drawn(replace(kinds(adapter)[0], layers=1), "float32")
    code = script_of(adapter, odd.changed(inputs=np.full_like(odd.inputs, np.nan)))
    assert "np.nan" in code


@pytest.mark.parametrize("name", ["flax-nnx", "flax-linen"])
def test_a_divergence_is_shown_by_the_library_alone(
    name: str, installed: Callable[[str], JaxLayer]
) -> None:
    for claim in ("layer.empty", "layer.gradients"):
        shown_alone(DIVERGENCES / f"{name}-{claim}.json", installed(name))
