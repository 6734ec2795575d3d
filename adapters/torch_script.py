"""PyTorch: cases as scripts of it alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from rnnspec.adapters.script_ import literal
from rnnspec.reference.case import Case
from rnnspec.reference.operations import Array

WAYS = ("", "packed", "with gradients", "batch first", "strided")
"""The ways that scripts are written of."""
LINES = 8
"""Of weights; where there are more arrays, those of a direction or of more share a line."""
SEQUENCES = "torch.nn.utils.rnn"


def script(
    case: Case, kind: str, options: Mapping[str, Any], weights: Mapping[str, Array]
) -> str | None:
    """A module of a kind with options and weights, called as the case asks for."""
    if case.way not in WAYS:
        return None
    network, single = case.network, kind.endswith("Cell")
    states = [name for name in network.states if not single] if case.states else []
    first = case.way == "batch first"
    given = {**options, **({"batch_first": True} if first else {})}
    quiet = "" if case.way == "with gradients" else ".requires_grad_(False)"
    words = [f"{network.inputs}, {network.units}", *(f"{k}={v!r}" for k, v in given.items())]
    lines = [
        "import numpy as np",
        "import torch",
        "",
        f"dtype = torch.{case.dtype}",
        f"layer = torch.nn.{kind}({', '.join(words)}, dtype=dtype){quiet}",
        "weights = {",
        *_listed(weights, len(weights) // (network.layers * len(network.directions))),
        "}",
        "layer.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})",
        f"inputs = {_tensor(case.inputs)}",
        *(f"{name} = {_tensor(case.state(name))}" for name in states),
        *(_steps(case) if single else _sequence(case)),
    ]
    parts = ", ".join(["outputs", *network.states])
    lines.append(f"{parts} = (part.detach().double().numpy() for part in ({parts}))")
    return "\n".join(lines) + "\n"


def _tensor(values: Array) -> str:
    return f"torch.tensor({literal(values)}, dtype=dtype)"


def _listed(weights: Mapping[str, Array], each: int) -> list[str]:
    """The entries of a dictionary; so many are of one direction."""
    entries = [f'"{name}": {literal(values)},' for name, values in weights.items()]
    at_once = 1 if len(entries) <= LINES else each * ceil(len(entries) / each / LINES)
    return [f"    {' '.join(entries[k : k + at_once])}" for k in range(0, len(entries), at_once)]


def _sequence(case: Case) -> list[str]:
    """A layer's call."""
    first = case.way == "batch first"
    lines = ["inputs = inputs.transpose(0, 1)"] if first else []
    if case.way == "strided":
        lines.append("inputs = inputs.transpose(0, 2).contiguous().transpose(0, 2)")
    packing = case.lengths is not None or case.way == "packed"
    batch_first = ", batch_first=True" if first else ""
    if packing:
        lengths = [case.steps] * case.rows if case.lengths is None else case.lengths.tolist()
        lines += [
            f"lengths, sequences = {lengths}, {SEQUENCES}",
            "inputs = sequences.pack_padded_sequence"
            f"(inputs, lengths{batch_first}, enforce_sorted=False)",
        ]
    names = case.network.states
    states = names[0] if len(names) == 1 else f"({', '.join(names)})"
    lines.append(f"outputs, {states} = layer(inputs{f', {states}' if case.states else ''})")
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
    begin = [_tensor(case.state(name)[0]) for name in names] if case.states else []
    return [
        f"states = {', '.join(begin) or None}",
        "outputs = []",
        "for x in inputs:",
        "    states = layer(x, states)",
        f"    outputs.append(states{'[0]' if many else ''})",
        f"outputs, {', '.join(names)} = torch.stack(outputs), "
        + ("states[0][None], states[1][None]" if many else "states[None]"),
    ]
