"""Layers that write the equations out themselves: wrong ones are found, innocent ones are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rnnspec.adapters.torch_ import TorchCell, TorchLayer
from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, Level
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import scaled
from rnnspec.spec.search import Outcome, Verdict, needed

torch = pytest.importorskip("torch", reason="the loops are written in PyTorch")
linear, sigmoid, tanh = torch.nn.functional.linear, torch.sigmoid, torch.tanh

States = tuple[Any, ...]


class Loop(TorchLayer):
    """Step by step, in as few lines as there are equations: one layer, forward."""

    conventions: Mapping[str, Conventions] = TorchCell.conventions
    ways: Mapping[str, str] = {}

    def called(
        self, module: Any, case: Case, inputs: Any, given: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        outputs, finals = self.call(module, inputs, self.completed(case, given))
        return outputs, dict(zip(case.network.states, finals, strict=True))

    def call(self, module: Any, inputs: Any, states: Any) -> tuple[Any, States]:
        if states is None:
            states = [inputs.new_zeros(1, inputs.shape[1], module.hidden_size)] * 2
        states = tuple(state[0] for state in states)
        outputs = []
        for x in inputs:
            states = self.step(module, x, states)
            outputs.append(states[0])
        return torch.stack(outputs), tuple(state[None] for state in states)

    def step(self, module: Any, x: Any, states: States) -> States:
        drive = self.affine(x, module.weight_ih_l0, getattr(module, "bias_ih_l0", None))
        past = self.affine(states[0], module.weight_hh_l0, getattr(module, "bias_hh_l0", None))
        match module.mode:
            case "LSTM":
                return self.lstm(drive + past, *states)
            case "GRU":
                return self.gru(drive, past, states[0])
            case mode:
                return (self.rnn(drive + past, mode),)

    def affine(self, x: Any, weight: Any, bias: Any) -> Any:
        return linear(x, weight, bias)

    def rnn(self, a: Any, mode: str) -> Any:
        return tanh(a) if mode == "RNN_TANH" else torch.relu(a)

    def lstm(self, a: Any, h: Any, c: Any) -> States:
        i, f, g, o = a.chunk(4, -1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gru(self, drive: Any, past: Any, h: Any) -> States:
        (xr, xz, xn), (hr, hz, hn) = drive.chunk(3, -1), past.chunk(3, -1)
        z, n = sigmoid(xz + hz), tanh(xn + sigmoid(xr + hr) * hn)
        return ((1 - z) * n + z * h,)


# ---- wrong equations


class OuterTanhForgotten(Loop):
    def lstm(self, a: Any, h: Any, c: Any) -> States:
        _, c = super().lstm(a, h, c)
        return sigmoid(a.chunk(4, -1)[3]) * c, c


class InnerTanhForgotten(Loop):
    def lstm(self, a: Any, h: Any, c: Any) -> States:
        i, f, g, o = a.chunk(4, -1)
        c = sigmoid(f) * c + sigmoid(i) * g
        return sigmoid(o) * tanh(c), c


class HardSigmoid(Loop):
    def lstm(self, a: Any, h: Any, c: Any) -> States:
        i, f, g, o = a.chunk(4, -1)
        i, f, o = ((gate / 4 + 0.5).clamp(0, 1) for gate in (i, f, o))
        c = f * c + i * tanh(g)
        return o * tanh(c), c


class GatesCoupled(Loop):
    """What is forgotten is what is added."""

    def lstm(self, a: Any, h: Any, c: Any) -> States:
        _, f, g, o = a.chunk(4, -1)
        c = sigmoid(f) * c + (1 - sigmoid(f)) * tanh(g)
        return sigmoid(o) * tanh(c), c


class CellClipped(Loop):
    def lstm(self, a: Any, h: Any, c: Any) -> States:
        h, c = super().lstm(a, h, c)
        return h, c.clamp(-3, 3)


class ReluCapped(Loop):
    def rnn(self, a: Any, mode: str) -> Any:
        return super().rnn(a, mode).clamp(max=6)


class ResetIgnored(Loop):
    def gru(self, drive: Any, past: Any, h: Any) -> States:
        (_, xz, xn), (_, hz, hn) = drive.chunk(3, -1), past.chunk(3, -1)
        z = sigmoid(xz + hz)
        return ((1 - z) * tanh(xn + hn) + z * h,)


class InputIgnoredFromTheSecondStep(Loop):
    def call(self, module: Any, inputs: Any, states: Any) -> tuple[Any, States]:
        first = torch.arange(len(inputs)) == 0
        return super().call(module, torch.where(first[:, None, None], inputs, 0), states)


class UpdatedInPlace(Loop):
    """Each unit reads what those before it have just become."""

    def step(self, module: Any, x: Any, states: States) -> States:
        h, *others = (state.clone() for state in states)
        for k in range(module.hidden_size):
            after = super().step(module, x, (h, *others))
            h[..., k] = after[0][..., k]
        return (h, *after[1:])


# ---- other ways to compute the same


class Wide(Loop):
    """States stay in float64, and are rounded when they are returned."""

    def run(self, case: Case) -> Answer:
        return scaled(super().run(case.changed(dtype="float64")), PRECISIONS[case.dtype].round)


class OtherForm(Wide):
    """A step from the candidate towards the past, in place of a mean of both."""

    def gru(self, drive: Any, past: Any, h: Any) -> States:
        (xr, xz, xn), (hr, hz, hn) = drive.chunk(3, -1), past.chunk(3, -1)
        z, n = sigmoid(xz + hz), tanh(xn + sigmoid(xr + hr) * hn)
        return (n + z * (h - n),)


class SummedBackwards(Loop):
    """The last product first, each one rounded, and the bias before all."""

    def affine(self, x: Any, weight: Any, bias: Any) -> Any:
        total = x.new_zeros(*x.shape[:-1], len(weight)) if bias is None else bias
        for k in reversed(range(x.shape[-1])):
            total = total + x[..., k, None] * weight[:, k]
        return total


class Flushing(SummedBackwards):
    """Numbers below the smallest normal one become zero; float16 has too few to do without."""

    def step(self, module: Any, x: Any, states: States) -> States:
        after = super().step(module, x, states)
        if x.dtype is torch.float16:
            return after
        return tuple(torch.where(s.abs() < torch.finfo(s.dtype).tiny, 0, s) for s in after)


class SigmoidByTanh(Loop):
    """Accurate to a share of full scale only, and declared so."""

    levels: Mapping[str, Level] = dict.fromkeys(PRECISIONS, ABSOLUTE)

    def lstm(self, a: Any, h: Any, c: Any) -> States:
        i, f, g, o = a.chunk(4, -1)
        i, f, o = (0.5 * tanh(0.5 * gate) + 0.5 for gate in (i, f, o))
        c = f * c + i * tanh(g)
        return o * tanh(c), c


SMALL = (2, 2, 1, 4)
"""At most so many units, steps, rows, and non-zero weights."""
WRONG: list[tuple[type[Loop], str, tuple[int, int, int, int]]] = [
    (OuterTanhForgotten, "lstm.hidden-state", SMALL),
    (InnerTanhForgotten, "lstm.input-gate", SMALL),
    (HardSigmoid, "lstm.cell-state", SMALL),
    (GatesCoupled, "lstm.input-gate", SMALL),
    (CellClipped, "lstm.forget-gate", SMALL),
    (ReluCapped, "rnn.step", SMALL),
    (ResetIgnored, "gru.step", SMALL),
    (InputIgnoredFromTheSecondStep, "rnn.step", SMALL),
    (UpdatedInPlace, "rnn.step", SMALL),
]


@pytest.mark.parametrize(
    ("layer", "label", "limit"), [pytest.param(*w, id=f"{w[0].__name__}-{w[1]}") for w in WRONG]
)
def test_wrong_equations_are_found_in_a_small_case(
    found: Callable[..., None], layer: type[Loop], label: str, limit: tuple[int, int, int, int]
) -> None:
    found(label, layer(), limit)


INNOCENT: list[tuple[type[Loop], str]] = [
    (OtherForm, "gru.step"),
    (Wide, "lstm.cell-state"),
    (SummedBackwards, "gru.step"),
    (Flushing, "layer.accuracy"),
    (SigmoidByTanh, "layer.accuracy"),
]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("layer", "label"), [pytest.param(*i, id=f"{i[0].__name__}-{i[1]}") for i in INNOCENT]
)
def test_nothing_is_found_against_other_ways_to_compute_the_same(
    tried: Callable[..., Outcome], layer: type[Loop], label: str, seed: int
) -> None:
    outcome = tried(label, layer(), "standard", seed)
    assert outcome.verdict in (Verdict.HOLDS, Verdict.INCONCLUSIVE), outcome.reason
    assert outcome.informative >= 0.9 * needed(CLAIMS[label], "standard")
