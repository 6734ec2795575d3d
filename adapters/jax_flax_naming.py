"""Flax's names: ``encoder/forward_rnn/cell/hi/kernel``, joined by / or by a point.

A layer of Flax is one layer. Its cells have a kernel for every gate, or one for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from rnnspec.reference.conventions import Conventions
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import (
    Contents,
    Format,
    Laid,
    Said,
    Site,
    Tensor,
    cell_of,
    joined,
    shown,
    told,
)
from rnnspec.reference.network import ACTIVATIONS, Network
from rnnspec.reference.operations import Array

GATES = {
    "lstm": {"input": "i", "forget": "f", "candidate": "g", "output": "o"},
    "gru": {"reset": "r", "update": "z", "candidate": "n"},
    "rnn": {"hidden": ""},
}
"""The letter of each block in the names of parameters, in their order."""
SIDES = {"i": "input", "h": "recurrent"}
DENSE = re.compile(r"(?:dense_([ih])|([ih])([ifgorzn]?))")


class At(NamedTuple):
    """Where a tensor belongs."""

    prefix: str
    direction: str
    """Empty of a layer with one."""
    side: str
    letter: str | None
    """The gate's; None of all gates."""
    part: str


def place(name: str) -> At | None:
    """Where a tensor belongs by its name, if anywhere."""
    *above, dense, part = re.split(r"[./]", name.removesuffix(".value"))[-64:]
    match = DENSE.fullmatch(dense)
    if match is None or part not in ("kernel", "bias"):
        return None
    if above and above[-1] == "cell":
        above.pop()
    direction = ""
    if above and above[-1] in ("forward_rnn", "backward_rnn"):
        direction = above.pop().removesuffix("_rnn")
    side = SIDES[match[1] or match[2]]
    return At("/".join(above), direction, side, None if match[1] else match[3], part)


class FlaxNaming:
    """``SimpleCell``, the LSTM cells and ``GRUCell``, in ``RNN`` and ``Bidirectional``."""

    formats: Mapping[str, Format] = MappingProxyType({})
    plain = True

    def __init__(self, *, dense: bool) -> None:
        """``dense``: what is written has one kernel for all gates, as nnx has it."""
        self.dense = dense

    def layers(self, contents: Contents) -> dict[str, list[str]]:
        """A layer has kernels of the input and of the past, and nothing else of that has a name."""
        found: dict[str, dict[str, At]] = {}
        for name in contents.tensors:
            if (at := place(name)) is not None:
                found.setdefault(at.prefix, {})[name] = at
        return {
            prefix: list(names)
            for prefix, names in found.items()
            if {at.side for at in names.values() if at.part == "kernel"} == set(SIDES.values())
        }

    def site(
        self, contents: Contents, prefix: str, said: Said, conventions: Mapping[str, Conventions]
    ) -> Site:
        """What biases there are shows; an activation does not."""
        halves: dict[str, dict[tuple[str, str], dict[str, Tensor]]] = {}
        for name in self.layers(contents)[prefix]:
            at = place(name)
            assert at is not None
            half = halves.setdefault(at.direction, {})
            own = half.setdefault((at.side, at.part), {})
            own[at.letter or ""] = contents.tensors[name]
        both = set(halves) != {""}
        if both and set(halves) != {"forward", "backward"}:
            raise Malformed(f"{shown(prefix)} has one of two directions only")
        first = halves["forward" if both else ""]
        for side in SIDES.values():
            for half in halves.values():
                for tensor in half.get((side, "kernel"), {}).values():
                    if len(tensor.shape) != 2:
                        raise Malformed(f"{tensor}: a kernel is a matrix")
                if (side, "kernel") not in half:
                    raise Malformed(f"{shown(prefix)} has no {side} kernel")
        past = first["recurrent", "kernel"]
        units = next(iter(past.values())).shape[0]
        cell = cell_of(
            next(iter(past.values())), sum(tensor.shape[1] for tensor in past.values()), units
        )
        biases = "none"
        if ("recurrent", "bias") in first:
            biases = "candidate" if ("input", "bias") in first else "recurrent"
        elif ("input", "bias") in first:
            biases = "input"
        network = Network(
            cell,
            next(iter(first["input", "kernel"].values())).shape[0],
            units,
            direction="both" if both else said.direction,
            biases=biases,
            activation="tanh"
            if cell != "rnn"
            else told("which activation it has", "activation", said.activation, ACTIVATIONS),
        )
        parts = {}
        for direction, half in halves.items():
            fields = {
                side + ("_bias" if part == "bias" else ""): _whole(prefix, cell, half[side, part])
                for side, part in half
            }
            parts[0, direction or network.direction] = fields
        return Site(network, conventions[cell], parts)

    def tensors(self, laid: Laid) -> list[Tensor]:
        """A stack is named as ``Sequential`` does."""
        network = laid.network
        found: list[Tensor] = []
        for layer in range(network.layers):
            above = ("layers/{}/" if self.dense else "layers_{}/") if network.layers > 1 else ""
            for direction in network.directions:
                half = f"{direction}_rnn/" if network.direction == "both" else ""
                found += self._cell(laid, layer, direction, f"{above.format(layer)}{half}cell/")
        return found

    def _cell(self, laid: Laid, layer: int, direction: str, above: str) -> list[Tensor]:
        packed, letters = laid.packed(layer, direction), GATES[laid.network.cell]
        found = []
        for short, side in SIDES.items():
            kernel, bias = getattr(packed, side), getattr(packed, f"{side}_bias")
            if self.dense:
                found.append(laid.tensor(f"{above}dense_{short}/kernel", kernel))
                if bias is not None:
                    found.append(laid.tensor(f"{above}dense_{short}/bias", bias))
                continue
            biased = [b for b in letters if laid.network.biased(b, side)]
            for name, own, array in (("kernel", list(letters), kernel), ("bias", biased, bias)):
                for block, part in zip(own, _parts(array, len(own)), strict=True):
                    found.append(laid.tensor(f"{above}{short}{letters[block]}/{name}", part))
        return found


def _whole(prefix: str, cell: str, held: Mapping[str, Tensor]) -> Tensor:
    """All gates side by side; of some parts only the candidate's, which has one alone."""
    letters = [letter for letter in GATES[cell].values() if letter in held]
    if set(held) == {""}:
        return held[""]
    if set(letters) != set(held) or "" in held:
        raise Malformed(f"{shown(prefix)} has gates that no {cell.upper()} has")
    return joined([held[letter] for letter in letters], -1)


def _parts(array: Array | None, count: int) -> list[Array]:
    return [] if array is None else np.split(array, count, axis=-1)
