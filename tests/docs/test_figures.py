"""What the charts show is what the reference computes."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the pictures are drawn with it")

from docs.pictures import LIGHT, PICTURES, over_time, parameters, squashing
from docs.pictures import error_and_bound as judged
from rnnspec.reference.cells import cell_state, hidden_state
from rnnspec.reference.network import Network
from rnnspec.reference.unroll import count, unroll


def test_the_forget_step_lies_between_zero_and_what_was_there() -> None:
    for c in squashing.CELLS:
        share = squashing.forget_step(c) / c
        assert np.all((share > 0) & (share < 1))
        assert np.all(np.diff(share) > 0)
        assert share[len(share) // 2] == 0.5


def test_the_story_is_the_run_of_the_reference() -> None:
    """Step by step, with the gates that its equations have on the way."""
    told, answer = over_time.story(), unroll(over_time.case())
    assert list(told.hidden) == answer.outputs.ravel().tolist()
    assert told.cell[-1] == answer.states["cell"].item()
    assert sorted(told.gates) == ["forget", "input", "output"]
    f, i, o = (told.gates[name] for name in ("forget", "input", "output"))
    before = np.concatenate([[0.0], told.cell[:-1]])
    g = (told.cell - cell_state(f, 0.0, 0.0, o, before)) / i
    assert np.all(np.abs(g) < 1)
    assert list(hidden_state(f, i, g, o, told.cell)) == list(told.hidden)


def test_the_story_keeps_forgets_and_writes() -> None:
    c = over_time.story().cell
    written, forgotten = c[over_time.WRITES[-1]], c[over_time.FORGETS[-1]]
    assert written > 1.4
    assert 0.95 * written < c[over_time.FORGETS[0] - 1] < written
    assert forgotten < 0.1 * written
    assert c[over_time.SECOND[-1]] < -0.5
    alternative = PICTURES["cell-state-over-time"].alternative
    assert f"rises to {written:.2f}" in alternative
    assert f"the cell state to {forgotten:.2f}" in alternative


def test_parameters_are_those_that_the_reference_counts() -> None:
    for name, blocks in (("lstm", 4), ("gru", 3), ("rnn", 1)):
        for units, found in zip(parameters.UNITS, parameters.counts(name), strict=True):
            assert found == blocks * units * (parameters.INPUTS + units + 1)
            assert found == count(Network(name, parameters.INPUTS, units, biases="input"))
        assert f"{parameters.counts(name)[-1]:,}" in PICTURES["parameters"].alternative
    (axes,) = PICTURES["parameters"].drawn(LIGHT).axes
    drawn = [np.asarray(line.get_ydata()).tolist() for line in axes.lines]
    assert drawn == [[each / 1e6 for each in parameters.counts(n)] for n in parameters.CELLS]


def test_a_bound_that_runs_freely_explodes_and_an_anchored_one_does_not() -> None:
    run = judged.measured()
    assert run.free_bound[0] < 1e-4
    assert run.free_bound.max() > 1.9
    assert run.anchored_bound.max() < 20 * run.anchored_bound[0] < 1e-3
    assert run.free[-1] > 0.1
    assert np.all(run.anchored < run.anchored_bound)
    assert run.accused == run.accused_free == ()


def test_a_mistake_is_seen_where_it_happens_and_only_from_anchors() -> None:
    run = judged.measured(judged.MISTAKE)
    assert run.accused == (judged.WRONG,)
    assert run.accused_free == ()
    assert f"beyond the bound at step {judged.WRONG} and nowhere else" in (
        PICTURES["error-and-bound"].alternative
    )


def test_the_implementation_computes_in_float32() -> None:
    """It agrees with the reference to float32, and no better."""
    case = judged.case()
    off = np.abs(judged.float32_run(case)[0] - unroll(case).outputs[0]).max()
    assert 1e-9 < off < 1e-6
