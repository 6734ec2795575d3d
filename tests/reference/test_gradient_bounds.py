"""The bounds on gradients are never too small, and not needlessly large.

The double of the other bounds goes back, too: every operation on the way forward and back rounds
where an adversary wants it to. Sums are added up in any order, factors multiplied in any order, the
forms of a GRU's update mixed; whatever it does, its gradients must stay within their bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, RELATIVE
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import unroll
from tests.reference.adversary import (
    NET,
    UNITS,
    Cotangents,
    Draw,
    anchors,
    attacks_back,
    chosen,
    downward,
    play_back,
    scattered,
    shares,
    upward,
    worst_back,
)
from tests.reference.machine import BRACKETS, Machine

CLOSE = {"rnn-tanh": 0.95, "rnn-relu": 0.99, "lstm": 0.5, "gru-after": 0.58, "gru-before": 0.53}
FAR = {"rnn-tanh": 0.42, "rnn-relu": 0.54, "lstm": 0.29, "gru-after": 0.24, "gru-before": 0.23}
"""The shares of its bound that every gradient's error can reach: a little less than measured."""


def owed(case: Case, seed: int, scale: float = 1.0) -> Cotangents:
    """A cotangent for every part of the answer."""
    random = np.random.default_rng((seed, 1))
    shapes = {name: part.shape for name, part in unroll(case).parts().items()}
    return {name: random.uniform(-scale, scale, shape) for name, shape in shapes.items()}


def somewhere(case: Case, cotangents: Cotangents, seed: int) -> tuple[str, tuple[int, ...]]:
    """One number of one gradient."""
    random = np.random.default_rng((seed, 2))
    parts: Mapping[str, Array] = gradients(case, cotangents).parts()
    name = str(random.choice(list(parts)))
    return name, tuple(int(random.integers(size)) for size in parts[name].shape)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("cell", NET)
def test_no_adversary_gets_beyond_the_bound(drawn: Draw, cell: str, unit: float) -> None:
    others = [upward, downward, scattered(0, ends=True), scattered(0, ends=False)]
    for seed in range(3 * UNITS.index(unit), 3 * UNITS.index(unit) + 3):
        case, machine = chosen(drawn, cell, unit, seed, most=3)
        cotangents = owed(case, seed)
        found = [
            *attacks_back(case, machine, cotangents, *somewhere(case, cotangents, seed)),
            play_back(case, machine, others[seed % 4], cotangents)[1],
        ]
        for each in found:
            share = worst_back(case, machine, cotangents, each)
            assert share <= 1, (share, case, machine)


@pytest.mark.parametrize("bracket", BRACKETS)
@pytest.mark.parametrize("cell", NET)
def test_no_order_of_factors_gets_beyond_the_bound(drawn: Draw, cell: str, bracket: str) -> None:
    """What is flushed near zero is enlarged by large cotangents and weights."""
    network = replace(NET[cell], biases="input")
    for seed, tiny in enumerate([2.0**-10, 2.0**-24]):
        machine = Machine(2.0**-11, tiny, ABSOLUTE, bracket=bracket, form=None)
        case = drawn(network, 1, 1, seed, 8.0)
        cotangents = owed(case, seed, 64.0)
        for block in network.blocks:
            name = f"0.forward.{block}.input_bias"  # what is owed to the block's sum itself
            for each in attacks_back(case, machine, cotangents, name, (0,)):
                share = worst_back(case, machine, cotangents, each)
                assert share <= 1, (share, case, machine)


def reached(case: Case, machine: Machine, cotangents: Cotangents, name: str) -> float:
    """The largest share of its bound that an adversary reaches in the first of some gradients."""
    first = (0,) * (1 if name.endswith("bias") else 2 if "." in name else 3)
    reached = [0.0]
    for found in attacks_back(case, machine, cotangents, name, first):
        judged = gradients(case, cotangents, machine.judge(), anchors(case, found.answer))
        share = shares(found.parts()[name], judged.parts()[name])
        assert np.all(share <= 1)
        reached.append(float(share[first]))
    return max(reached)


@pytest.mark.parametrize("unit", [UNITS[0], UNITS[-1]])
@pytest.mark.parametrize("cell", NET)
def test_an_adversary_gets_close_over_one_step(drawn: Draw, cell: str, unit: float) -> None:
    """In every gradient there is, of one unit: no part of the error is lost in the others."""
    close: dict[str, float] = {}
    for seed, scale in enumerate([1.0, 1 / 8, 1.0, 1 / 8]):
        case = drawn(NET[cell], 1, 1, seed, scale)
        cotangents = owed(case, seed)
        for name in gradients(case, cotangents).parts():
            if not name.endswith((".recurrent", ".recurrent_bias", ".input")):
                machine = Machine(unit, level=[RELATIVE, ABSOLUTE][seed // 2], form=seed % 2)
                share = reached(case, machine, cotangents, name)
                close[name] = max(share, close.get(name, 0.0))
    assert min(close.values()) >= CLOSE[cell], close


@pytest.mark.parametrize("cell", NET)
def test_an_adversary_gets_far_over_steps_and_layers(drawn: Draw, cell: str) -> None:
    """Bounds of many operations add up what no single adversary can do at once."""
    network = replace(NET[cell], units=2, inputs=2, layers=2, direction="both", biases="input")
    case = drawn(network, 3, 2, 0, 0.5, [3, 2])
    cotangents, machine = owed(case, 0), Machine(2.0**-16)
    names = ["inputs", "initial hidden", f"0.forward.{network.blocks[0]}.recurrent"]
    far = {name: reached(case, machine, cotangents, name) for name in names}
    assert min(far.values()) >= FAR[cell], far


@pytest.mark.parametrize("kink", [0.0, 0.5, 1.0])
def test_every_slope_of_a_rectifier_at_0_conforms(drawn: Draw, kink: float) -> None:
    """And none of its neighbours': away from 0, as far as its argument is known, it has one."""
    case = drawn(Network("rnn", 2, 2, activation="relu", biases="input"), 1, 1, 0)
    at = next(at for at in case.weights if at.part == "input_bias")
    case = case.with_weights(lambda _, w: np.zeros_like(w)).changed(states={})
    bias = np.array([0.0, 2.0**-8])
    case = case.with_weights(lambda each, w: bias if each == at else w)
    cotangents = {"outputs": np.ones(case.output_shape)}
    machine = Machine(2.0**-11, kink=kink)
    found = play_back(case, machine, scattered(0, ends=True), cotangents)[1]
    assert worst_back(case, machine, cotangents, found) <= 1
    assert found.weights[at].value[0] == pytest.approx(kink, rel=2.0**-9)
    judged = gradients(case, cotangents, machine.judge(), anchors(case, found.answer))
    error = judged.weights[at].settled().error
    assert error[0] >= 1
    assert error[1] < 2.0**-8
