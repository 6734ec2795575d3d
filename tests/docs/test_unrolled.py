"""What the steps of an unrolled network read, and what its outputs see."""

from __future__ import annotations

import numpy as np
import pytest

from docs.pictures.unrolled_graph import Spot, unrolled
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import unroll

STEPS = 4


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_a_cell_reads_the_step_before_and_the_layer_below(
    cell: str, layers: int, direction: str
) -> None:
    network = Network(cell, 1, 1, layers=layers, direction=direction)
    expected = set()
    for layer in range(layers):
        for way in network.directions:
            for t in range(STEPS):
                before = t - 1 if way == "forward" else t + 1
                reader = Spot("cell", layer, way, t)
                kind = "cell" if 0 <= before < STEPS else "initial"
                expected.add((Spot(kind, layer, way, before), reader))
                if layer == 0:
                    expected.add((Spot("input", -1, "", t), reader))
                for below in network.directions if layer else ():
                    expected.add((Spot("cell", layer - 1, below, t), reader))
    for way in network.directions:
        for t in range(STEPS):
            expected.add((Spot("cell", layers - 1, way, t), Spot("output", layers - 1, "", t)))
    found = unrolled(network, STEPS)
    assert set(found.reads) == expected
    assert len(found.reads) == len(expected)
    assert set(found.spots) == {spot for pair in expected for spot in pair}


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_an_output_sees_the_inputs_that_move_it(cell: str, layers: int, direction: str) -> None:
    pytest.importorskip("matplotlib", reason="the picture is drawn with it")
    from docs.pictures.reach import reach

    network = Network(cell, 2, 3, layers=layers, direction=direction)
    random = np.random.default_rng(0)
    weights = {place: random.normal(size=shape) for place, shape in network.places()}
    case = Case(network, weights, random.normal(size=(STEPS, 1, 2)))
    plain, moves = unroll(case).outputs, []
    for s in range(STEPS):
        inputs = case.inputs.copy()
        inputs[s] += 1.0
        moves.append(unroll(case.changed(inputs=inputs)).outputs != plain)
    found = reach(network, STEPS)
    assert list(found) == list(network.directions)
    for k, way in enumerate(network.directions):
        half = slice(3 * k, 3 * k + 3)
        for t in range(STEPS):
            assert found[way][t] == {s for s in range(STEPS) if moves[s][t, :, half].any()}
