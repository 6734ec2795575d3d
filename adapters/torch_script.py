"""PyTorch: cases as scripts of it alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array

WAYS = ("", "packed", "with gradients", "batch first", "strided")
"""The ways that scripts are written of."""
LINES = 8
"""Of weights; where there are more arrays, those of a direction or of more share a line."""
SEQUENCES = "torch.nn.utils.rnn"


def script(
    case: Case,
    kind: str,
    options: Mapping[str, Any],
    weights: Mapping[str, Array],
    cotangents: Mapping[str, Array] | None = None,
) -> str | None:
    """A module of a kind with options and weights, called as the case asks for; and gone back
    through from cotangents, where there are any.
    """
    if case.way not in WAYS:
        return None
    network, single = case.network, kind.endswith("Cell")
    states = network.states if case.states else ()
    more = {"batch_first": True} if case.way == "batch first" else {}
    leaf = "" if cotangents is None else ", requires_grad=True"
    quiet = "" if case.way == "with gradients" or leaf else ".requires_grad_(False)"
    begin = {n: case.state(n)[0] if single else case.state(n) for n in states}
    lines = [
        "import numpy as np",
        "import torch",
        "",
        f"dtype = torch.{case.dtype}",
        f"layer = {_module(network, kind, {**options, **more}, ', dtype=dtype')}{quiet}",
        "weights = {",
        *_listed(weights, len(weights) // (network.layers * len(network.directions))),
        "}",
        "layer.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})",
        f"inputs = {_tensor(case.inputs, leaf)}",
        *(f"initial_{name} = {_tensor(state, leaf)}" for name, state in begin.items()),
        *(_steps(case) if single else _sequence(case)),
    ]
    if cotangents is not None:
        seeds = ", ".join(_tensor(each) for each in cotangents.values())
        lines.append(f"torch.autograd.backward([{', '.join(cotangents)}], [{seeds}])")
    else:
        parts = ", ".join(["outputs", *network.states])
        lines.append(f"{parts} = (part.detach().double().numpy() for part in ({parts}))")
    return "\n".join(lines) + "\n"


def counting(network: Network, kind: str, options: Mapping[str, Any]) -> str:
    """A module of a kind with options, and its parameters counted."""
    return (
        f"import torch\n\nlayer = {_module(network, kind, options)}\n"
        "count = sum(p.numel() for p in layer.parameters())\n"
    )


def _module(network: Network, kind: str, options: Mapping[str, Any], dtype: str = "") -> str:
    words = [f"{network.inputs}, {network.units}", *(f"{k}={v!r}" for k, v in options.items())]
    return f"torch.nn.{kind}({', '.join(words)}{dtype})"


def _tensor(values: Array, leaf: str = "") -> str:
    return f"torch.tensor({literal(values)}, dtype=dtype{leaf})"


def _listed(weights: Mapping[str, Array], each: int) -> list[str]:
    """The entries of a dictionary; so many are of one direction."""
    entries = [f'"{name}": {literal(values)},' for name, values in weights.items()]
    at_once = 1 if len(entries) <= LINES else each * ceil(len(entries) / each / LINES)
    return [f"    {' '.join(entries[k : k + at_once])}" for k in range(0, len(entries), at_once)]


def _sequence(case: Case) -> list[str]:
    """A layer's call."""
    first, x = case.way == "batch first", "inputs"
    lines = ["x = inputs.transpose(0, 1)"] if first else []
    if case.way == "strided":
        lines.append("x = inputs.transpose(0, 2).contiguous().transpose(0, 2)")
    x = "x" if lines else x
    packing = case.lengths is not None or case.way == "packed"
    batch_first = ", batch_first=True" if first else ""
    if packing:
        lengths = [case.steps] * case.rows if case.lengths is None else case.lengths.tolist()
        lines += [
            f"lengths, sequences = {lengths}, {SEQUENCES}",
            f"x = sequences.pack_padded_sequence({x}, lengths{batch_first}, enforce_sorted=False)",
        ]
        x = "x"
    names = case.network.states
    states, given = (
        each[0] if len(names) == 1 else f"({', '.join(each)})"
        for each in (names, [f"initial_{name}" for name in names])
    )
    lines.append(f"outputs, {states} = layer({x}{f', {given}' if case.states else ''})")
    if packing:
        lines.append(
            "outputs, _ = sequences.pad_packed_sequence"
            f"(outputs{batch_first}, total_length={case.steps})"
        )
    return [*lines, *(["outputs = outputs.transpose(0, 1)"] if first else [])]


def _steps(case: Case) -> list[str]:
    """A cell's calls, one a step; its states have no axis of layers."""
    names = case.network.states
    many = len(names) > 1
    begin = [f"initial_{name}" for name in names if case.states]
    return [
        f"states = {', '.join(begin) or None}",
        "outputs = []",
        "for x in inputs:",
        "    states = layer(x, states)",
        f"    outputs.append(states{'[0]' if many else ''})",
        f"outputs, {', '.join(names)} = torch.stack(outputs), "
        + ("states[0][None], states[1][None]" if many else "states[None]"),
    ]
