"""Keras's names: ``enc/forward_lstm/lstm_cell/kernel`` for its variables, and in its own files
``layers/bidirectional/forward_layer/cell/vars/0``.

A layer of Keras is one layer: a stack of them is several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from rnnspec.adapters.keras_archive import Archive
from rnnspec.adapters.keras_file import Weights
from rnnspec.reference.conventions import Conventions, Packed
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import (
    Contents,
    Format,
    Laid,
    Said,
    Site,
    Tensor,
    cell_of,
    shown,
    told,
)
from rnnspec.reference.network import ACTIVATIONS, RESETS, Network
from rnnspec.reference.operations import Array

SNAKES = {"rnn": "simple_rnn", "lstm": "lstm", "gru": "gru"}
"""What Keras names a layer, if nobody else does."""
PARTS = ("kernel", "recurrent_kernel", "bias")
HALVES = re.compile(r"(.*)/(forward|backward)_[^/]*", re.DOTALL)
NAME = re.compile(rf"(.*?)(?:/[^/]*cell[^/]*)?/({'|'.join(PARTS)})(?::0)?", re.DOTALL)
NUMBER = re.compile(r"(.*)/cell/vars/([012])", re.DOTALL)


class At(NamedTuple):
    """Where a tensor belongs."""

    prefix: str
    direction: str
    """``forward`` or ``backward`` of both; empty of a layer with one."""
    part: str


def place(name: str) -> At | None:
    """Where a tensor belongs by its name, if anywhere."""
    match, part = NUMBER.fullmatch(name), ""
    if match is not None:
        part = PARTS[int(match[2])]
    else:
        match = NAME.fullmatch(name)
        if match is None:
            return None
        part = match[2]
    half = HALVES.fullmatch(match[1])
    return At(half[1], half[2], part) if half else At(match[1], "", part)


class KerasNaming:
    """``SimpleRNN``, ``LSTM``, ``GRU``, their cells in ``RNN``, and ``Bidirectional`` of them."""

    formats: Mapping[str, Format] = {
        ".weights.h5": Weights(),
        ".h5": Weights(),
        ".keras": Archive(),
    }
    plain = True

    def layers(self, contents: Contents) -> dict[str, list[str]]:
        """A layer has a recurrent kernel, which is a matrix: those of images have more axes."""
        found: dict[str, dict[str, At]] = {}
        for name in contents.tensors:
            if (at := place(name)) is not None:
                found.setdefault(at.prefix, {})[name] = at
        return {
            prefix: list(names)
            for prefix, names in found.items()
            if any(
                at.part == "recurrent_kernel" and len(contents.tensors[name].shape) == 2
                for name, at in names.items()
            )
        }

    def site(
        self, contents: Contents, prefix: str, said: Said, conventions: Mapping[str, Conventions]
    ) -> Site:
        """Two rows of biases are a GRU with reset after, one is another; an activation stands in
        the configuration, where there is one.
        """
        halves: dict[str, dict[str, Tensor]] = {}
        for name in self.layers(contents)[prefix]:
            at = place(name)
            assert at is not None
            if at.part in halves.setdefault(at.direction, {}):
                raise Malformed(f"{shown(prefix)} has two tensors that are its {at.part}")
            halves[at.direction][at.part] = contents.tensors[name]
        both = set(halves) != {""}
        if both and set(halves) != {"forward", "backward"}:
            raise Malformed(f"{shown(prefix)} has one of two directions only")
        for half in halves.values():
            for part in ("kernel", "recurrent_kernel"):
                if part not in half or len(half[part].shape) != 2:
                    raise Malformed(f"{shown(prefix)} has no matrix {part}")
        first = halves["forward" if both else ""]
        units, blocks = first["recurrent_kernel"].shape
        cell = cell_of(first["recurrent_kernel"], blocks, units)
        config = contents.facts.get(prefix, {})
        if config.get("merge_mode", "concat") != "concat":
            merged = shown(str(config["merge_mode"]))
            raise Malformed(f"{shown(prefix)} does not put its directions side by side: {merged}")
        bias = first.get("bias")
        rows = 0 if bias is None else len(bias.shape)
        network = Network(
            cell,
            first["kernel"].shape[0],
            units,
            direction="both" if both else _direction(config, said),
            biases=("none", "input", "both")[min(rows, 2)],
            activation=_activation(cell, config, said),
            reset=_reset(cell, config, rows, said),
        )
        parts = {(0, d or network.direction): _packed(half) for d, half in halves.items()}
        return Site(network, conventions[cell], parts)

    def tensors(self, laid: Laid) -> list[Tensor]:
        """The paths of the variables of layers that nobody named, each without that of a model."""
        snake = SNAKES[laid.network.cell]
        both = laid.network.direction == "both"
        named = []
        for layer in range(laid.network.layers):
            again = f"_{layer}" if layer else ""
            for direction in laid.network.directions:
                above = (
                    f"bidirectional{again}/{direction}_{snake}{again}"
                    if both
                    else f"{snake}{again}"
                )
                for part, array in arrays(laid.packed(layer, direction)).items():
                    named.append(laid.tensor(f"{above}/{snake}_cell/{part}", array))
        return named


def arrays(packed: Packed) -> dict[str, Array]:
    """The variables of a cell: two bias vectors are the rows of one bias."""
    found = {"kernel": packed.input, "recurrent_kernel": packed.recurrent}
    if packed.input_bias is not None and packed.recurrent_bias is not None:
        found["bias"] = np.stack([packed.input_bias, packed.recurrent_bias])
    elif packed.input_bias is not None:
        found["bias"] = packed.input_bias
    return found


def _packed(half: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """By the fields of Packed."""
    found = {"input": half["kernel"], "recurrent": half["recurrent_kernel"]}
    bias = half.get("bias")
    if bias is not None and len(bias.shape) == 2:
        if bias.shape[0] != 2:
            raise Malformed(f"{bias}: a bias has two rows at most")
        found |= {"input_bias": bias.row(0), "recurrent_bias": bias.row(1)}
    elif bias is not None:
        found["input_bias"] = bias
    return found


def _direction(config: Mapping[str, Any], said: Said) -> str:
    return "backward" if config.get("go_backwards") is True else said.direction


def _activation(cell: str, config: Mapping[str, Any], said: Said) -> str:
    """Of a simple unit what it says; of a gated one what it must be."""
    own, gates = config.get("activation"), config.get("recurrent_activation", "sigmoid")
    known = ACTIVATIONS if cell == "rnn" else ("tanh",)
    wrong = [own] if own is not None and own not in known else []
    wrong += [gates] if cell != "rnn" and gates != "sigmoid" else []
    for word in wrong:
        raise Malformed(
            f"its activation is {shown(str(word))}, and what can be carried is {' or '.join(known)}"
            f"{'' if cell == 'rnn' else ', with sigmoid for its gates'}"
        )
    if cell != "rnn":
        return "tanh"
    return str(own or told("which activation it has", "activation", said.activation, ACTIVATIONS))


def _reset(cell: str, config: Mapping[str, Any], rows: int, said: Said) -> str:
    """Of a GRU: one with reset after has two rows of biases."""
    if cell != "gru":
        return "after"
    if rows:
        return "after" if rows == 2 else "before"
    own = config.get("reset_after")
    if isinstance(own, bool):
        return "after" if own else "before"
    return told("whether it resets after or before the product", "reset", said.reset, RESETS)
