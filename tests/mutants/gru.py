"""Wrong GRUs."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnspec.reference.network import Place
from rnnspec.reference.operations import Array
from tests.mutants.mutant import mutant
from tests.mutants.plain import Blocks, Plain


def updated(name: str, what: str, change: Any, report: str = "") -> None:
    """A wrong update: a function of layer, z, n and h."""
    mutant(f"gru.{name}", what, report, updated=lambda s, z, n, h: s.round(change(s, z, n, h)))


updated(
    "update-inverted",
    "z lets the candidate in, where it should keep the past",
    lambda s, z, n, h: z * n + (1 - z) * h,
    report="boyu-ai/Hands-on-NLP#1",
)
updated("not-convex", "the candidate is let in whole", lambda s, z, n, h: n + z * h)
updated("past-kept-whole", "the past is not weakened", lambda s, z, n, h: (1 - z) * n + h)
updated("no-update-gate", "the candidate is the new state", lambda s, z, n, h: n)
updated(
    "update-squared", "the update gate counts twice", lambda s, z, n, h: (1 - z * z) * n + z * z * h
)
updated(
    "squashed-again", "the new state is squashed", lambda s, z, n, h: s.tanh((1 - z) * n + z * h)
)
updated(
    "update-shared",
    "all units use the mean of the update gates",
    lambda s, z, n, h: (1 - z.mean(-1, keepdims=True)) * n + z.mean(-1, keepdims=True) * h,
)
updated(
    "update-rounded",
    "the update gate is open or closed",
    lambda s, z, n, h: (1 - np.rint(z)) * n + np.rint(z) * h,
)
updated(
    "neighbour-kept",
    "a unit keeps its neighbour's past",
    lambda s, z, n, h: (1 - z) * n + z * np.roll(h, 1, -1),
)


def past(name: str, what: str, change: Any, report: str = "") -> None:
    """What the past gives the candidate is wrong: a function of layer, r and h."""
    mutant(f"gru.{name}", what, report, past=lambda s, r, h: s.round(change(s, r, h)))


def reset_elsewhere(reset: str) -> Any:
    """The other reset form."""

    def change(s: Plain, r: Array, h: Array) -> Array:
        if reset == "before":
            return s.part(r * h, "candidate", "recurrent")
        return r * s.part(h, "candidate", "recurrent")

    return change


past(
    "reset-always-before",
    "whatever is asked, reset is applied to the state",
    reset_elsewhere("before"),
    report="onnx/keras-onnx#33",
)
past(
    "reset-always-after",
    "whatever is asked, reset is applied to the product",
    reset_elsewhere("after"),
)
past(
    "no-reset-gate",
    "the reset gate is left out",
    lambda s, r, h: s.part(h, "candidate", "recurrent"),
    report="zhiyongc/GRU-D#2",
)
past(
    "reset-inverted", "the reset gate is read as 1 - reset", lambda s, r, h: Plain.past(s, 1 - r, h)
)
past(
    "reset-twice",
    "reset before and after the product",
    lambda s, r, h: r * s.part(r * h, "candidate", "recurrent"),
)
past("candidate-forgets", "the candidate does not read the past", lambda s, r, h: 0 * h)


def bias_outside(s: Plain, r: Array, h: Array) -> Array:
    """After the product, but without its bias."""
    if s.case.network.reset == "before":
        return Plain.past(s, r, h)
    layer, direction, _ = s.at
    at = Place(layer, direction, "candidate", "recurrent")
    product, bias = s.affine(h, s.weight(at), None), s.weight(at._replace(part="recurrent_bias"))
    return r * product if bias is None else r * product + bias


past("recurrent-bias-outside", "the candidate's recurrent bias is not reset", bias_outside)


def at_rest(s: Plain, r: Array, h: Array) -> Array:
    """Nothing at the first step, where no initial state is given."""
    _, direction, t = s.at
    first = t == s.order(s.case.steps, direction)[0]
    return 0 * h if first and not s.case.states else Plain.past(s, r, h)


past(
    "bias-skipped-at-rest",
    "without an initial state, the first step has no recurrent bias",
    at_rest,
    report="ml-explore/mlx#3249",
)


def added_up(s: Any, r: Array, h: Array) -> Array:
    """Without a bias, which is what clears it, the product is added to that of the step before."""
    if (s.case.network.reset, s.case.network.biases) != ("after", "none"):
        return Plain.past(s, r, h)
    _, direction, t = s.at
    product = s.part(h, "candidate", "recurrent")
    s.sum = product if t == s.order(s.case.steps, direction)[0] else s.sum + product
    return np.asarray(r * s.sum)


past(
    "product-not-cleared",
    "without a bias, products of all steps are added up",
    added_up,
    report="microsoft/onnxruntime#3893",
)


def whole(name: str, what: str, gru: Any, report: str = "") -> None:
    """A wrong step: a function of layer, drive and h."""
    mutant(f"gru.{name}", what, report, gru=gru)


def stepped(s: Plain, drive: Blocks, h: Array, **use: Any) -> Array:
    """A step in which some functions are others."""
    gate, squash = use.get("gate", s.sigmoid), use.get("squash", s.tanh)
    r = gate(drive["reset"] + s.part(h, "reset", "recurrent"))
    z = gate(drive["update"] + s.part(h, "update", "recurrent"))
    n = drive["candidate"] + s.past(r, h)
    if use.get("all"):
        n = r * (drive["candidate"] + s.part(h, "candidate", "recurrent"))
    return s.updated(z, squash(s.round(n)), h)


whole(
    "reset-on-all",
    "the reset gate acts on the input as well",
    lambda s, drive, h: stepped(s, drive, h, all=True),
)
whole("gates-tanh", "the gates are tanhs", lambda s, drive, h: stepped(s, drive, h, gate=s.tanh))
whole(
    "candidate-sigmoid",
    "the candidate is a sigmoid",
    lambda s, drive, h: stepped(s, drive, h, squash=s.sigmoid),
)
whole(
    "candidate-plain",
    "the candidate is not squashed",
    lambda s, drive, h: stepped(s, drive, h, squash=lambda x: x),
)
whole(
    "gates-blind",
    "the gates read the past alone",
    lambda s, drive, h: Plain.gru(s, {**drive, "reset": 0 * h, "update": 0 * h}, h),
)
whole(
    "candidate-blind",
    "the candidate reads the past alone",
    lambda s, drive, h: Plain.gru(s, {**drive, "candidate": 0 * h}, h),
)
whole(
    "offset-update",
    "1 is added in the update gate",
    lambda s, drive, h: Plain.gru(s, {**drive, "update": drive["update"] + 1.0}, h),
)
for gate in ("reset", "update"):
    whole(
        f"negative-{gate}",
        f"the input of the {gate} gate has the wrong sign",
        lambda s, drive, h, gate=gate: Plain.gru(s, {**drive, gate: -drive[gate]}, h),
    )
