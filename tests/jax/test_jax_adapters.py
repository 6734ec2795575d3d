"""JAX's libraries follow the equations, and the adapters change nothing of what is said."""

from __future__ import annotations

import contextlib
import runpy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnspec.adapters.jax_ import JaxLayer
from rnnspec.reference.bounds import Bounds
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS
from rnnspec.reference.unroll import count, unroll

Drawn = Callable[..., Case]
DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences" / "jax"


def kinds(adapter: JaxLayer) -> list[Network]:
    """One network of every combination of options offered."""
    offered = [n for cell, how in adapter.conventions.items() for n in how.networks(cell)]
    return [replace(n, inputs=3, units=2) for n in offered if adapter.offers(n) is None]


def richest(adapter: JaxLayer) -> list[Network]:
    """Of every cell, the last of these."""
    return list({network.cell: network for network in kinds(adapter)}.values())


def follows(adapter: JaxLayer, case: Case) -> None:
    """The answer must be within the bounds of the equations, and of numbers of the dtype."""
    answer = adapter.run(case)
    read = Bounds.of(case.dtype, adapter.levels[case.dtype])
    anchors = {0: answer.outputs} if case.network.layers == 1 else None
    for name, bounded in unroll(case, read, anchors=anchors).parts().items():
        if name not in answer.parts():
            assert case.way == "without states"
            continue
        part = answer.parts()[name]
        assert part.shape == bounded.shape
        assert np.array_equal(PRECISIONS[case.dtype].round(part), part)
        off = np.abs(part - bounded.value)
        if name == "outputs" and case.lengths is not None:
            off[np.arange(case.steps)[:, None] >= case.lengths] = 0.0
        assert np.all(off <= bounded.error), (str(case), name)


def test_every_kind_follows_the_equations_and_counts_as_they_do(
    adapter: JaxLayer, drawn: Drawn
) -> None:
    networks = kinds(adapter)
    assert {network.direction for network in networks} == set(
        adapter.conventions["lstm"].directions
    )
    for network in networks:
        follows(adapter, drawn(network, "float64"))
        assert adapter.count(network) == count(network)


def test_every_parameter_is_given(adapter: JaxLayer, drawn: Drawn) -> None:
    """A name that the library does not know, or one left out, would be none of its own."""
    for network in richest(adapter):
        weights, *_ = adapter.given(drawn(network, "float32"))
        leaves = adapter.jax.tree.leaves(weights)
        assert sum(leaf.size for leaf in leaves) == adapter.count(network)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_it_computes_in_the_dtype_that_is_asked_for(
    adapter: JaxLayer, drawn: Drawn, dtype: str
) -> None:
    for network in richest(adapter):
        case = drawn(network, dtype)
        follows(adapter, case)
        follows(adapter, case.changed(states={}))
        with adapter.within(case):
            function = adapter.function(network, dtype, "")
            leaves = adapter.jax.tree.leaves(function(*adapter.given(case)))
        assert {str(leaf.dtype) for leaf in leaves} == {dtype}


def test_rows_may_have_lengths_where_that_is_declared(adapter: JaxLayer, drawn: Drawn) -> None:
    for network in kinds(adapter):
        if network.direction in adapter.conventions[network.cell].past_end:
            case = drawn(network, "float64", lengths=True)
            follows(adapter, case)
            assert case.lengths is not None
            past = np.arange(case.steps)[:, None] >= case.lengths
            other = case.changed(inputs=np.where(past[..., None], np.nan, case.inputs))
            one, two = adapter.run(case), adapter.run(other)
            assert np.array_equal(one.outputs[~past], two.outputs[~past])
            for name, state in one.states.items():
                assert np.array_equal(state, two.states[name])


def test_every_way_leads_to_the_same_layer(adapter: JaxLayer, drawn: Drawn) -> None:
    for network in richest(adapter):
        for way in adapter.ways:
            follows(adapter, drawn(network, "float64").changed(way=way))


def test_every_way_has_the_same_gradients(adapter: JaxLayer, drawn: Drawn) -> None:
    case = drawn(Network("lstm", 3, 2, biases=adapter.conventions["lstm"].biases[-1]), "float64")
    cotangents = {"outputs": np.ones(case.output_shape)}
    plain = adapter.gradients(case, cotangents)
    assert plain is not None
    for way in adapter.ways:
        found = adapter.gradients(case.changed(way=way), cotangents)
        assert found is not None
        assert found.parts().keys() == plain.parts().keys()
        for name, part in found.parts().items():
            assert np.abs(part - plain.parts()[name]).max() < 1e-12, (way, name)


def moved(case: Case, line: Mapping[str, Array], step: float) -> Case:
    """The case a step along a line, which has a direction for everything that it holds."""
    return case.changed(
        inputs=case.inputs + step * line["inputs"],
        states={n: state + step * line[f"initial {n}"] for n, state in case.states.items()},
        weights={at: w + step * line[str(at)] for at, w in case.weights.items()},
    )


def loss(case: Case, cotangents: Mapping[str, Array]) -> float:
    """What the cotangents are the gradient of, with respect to the parts of the answer."""
    parts = unroll(case).parts()
    return float(sum(np.sum(g * parts[name]) for name, g in cotangents.items()))


def test_gradients_are_those_of_the_equations(adapter: JaxLayer, drawn: Drawn) -> None:
    """Along a random line, by a central difference; from states as well as from outputs."""
    random, step = np.random.default_rng(3), 1e-6
    for network in richest(adapter):
        case = drawn(network, "float64")
        shapes = {name: part.shape for name, part in unroll(case).parts().items()}
        cotangents = {n: np.asarray(random.uniform(-1, 1, shape)) for n, shape in shapes.items()}
        found = adapter.gradients(case, cotangents)
        assert found is not None
        parts = found.parts()
        line = {name: np.asarray(random.uniform(-1, 1, g.shape)) for name, g in parts.items()}
        ends = [loss(moved(case, line, side * step), cotangents) for side in (1, -1)]
        slope = sum(float(np.sum(g * line[name])) for name, g in parts.items())
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_new_numbers_compile_nothing_anew(adapter: JaxLayer, drawn: Drawn) -> None:
    network = richest(adapter)[0]
    adapter.run(drawn(network, "float32"))
    compiled = adapter.function(network, "float32", "")._cache_size()
    adapter.run(drawn(network, "float32", seed=8))
    assert adapter.function(network, "float32", "")._cache_size() == compiled


def test_float64_is_on_for_its_own_cases_alone(adapter: JaxLayer, drawn: Drawn) -> None:
    case, inside = drawn(richest(adapter)[0], "float64"), []
    before = adapter.jax.config.jax_enable_x64
    with contextlib.suppress(KeyError), adapter.within(case):
        inside.append(adapter.jax.config.jax_enable_x64)
        raise KeyError
    adapter.run(case)
    assert inside == [True]
    assert adapter.jax.config.jax_enable_x64 == before


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("flax_row_of_length_0", "    as it does after all 3 steps: True"),
        ("flax_nan_padding", "nnx, nan in the padding: dL/dW = [nan]"),
        ("flax_nan_padding", "linen, nan in the padding: dL/dW = [nan]"),
        ("flax_nan_padding", "linen, 0.0 in the padding: dL/dW = [0.0"),
    ],
)
def test_a_divergence_is_shown_by_the_framework_alone(
    file: str,
    shown: str,
    installed: Callable[[str], JaxLayer],
    capsys: pytest.CaptureFixture[str],
) -> None:
    installed("flax-nnx")
    runpy.run_path(str(DIVERGENCES / f"{file}.py"))
    assert any(line.startswith(shown) for line in capsys.readouterr().out.splitlines())
