"""MLX's names: ``encoder.lstm.Wx``. A layer of MLX is one layer in one direction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

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
    shown,
    told,
)
from rnnspec.reference.network import ACTIVATIONS, Network

FIELDS = ("input", "recurrent", "input_bias", "recurrent_bias")
PARAMETERS = {
    "rnn": ("Wxh", "Whh", "bias", ""),
    "lstm": ("Wx", "Wh", "bias", ""),
    "gru": ("Wx", "Wh", "b", "bhn"),
}
"""MLX's names of what ``Packed`` holds, in its order."""
PLACES = {
    name: field
    for names in PARAMETERS.values()
    for name, field in zip(names, FIELDS, strict=True)
    if name
}
NAME = re.compile(rf"(?:(.*)\.)?({'|'.join(PLACES)})", re.DOTALL)


class MlxNaming:
    """``mlx.nn.RNN``, ``LSTM``, ``GRU``; its files are of tensors alone."""

    formats: Mapping[str, Format] = MappingProxyType({})
    plain = True

    def layers(self, contents: Contents) -> dict[str, list[str]]:
        """A layer has a matrix for the past: others have a ``bias``, too."""
        found: dict[str, list[str]] = {}
        for name in contents.tensors:
            if match := NAME.fullmatch(name):
                found.setdefault(match[1] or "", []).append(name)
        return {
            prefix: names
            for prefix, names in found.items()
            if any(name.endswith(("Wh", "Whh")) for name in names)
        }

    def site(
        self, contents: Contents, prefix: str, said: Said, conventions: Mapping[str, Conventions]
    ) -> Site:
        """The activation is an argument of the simple unit, and no parameter."""
        parts: dict[str, Tensor] = {}
        for name in self.layers(contents)[prefix]:
            match = NAME.fullmatch(name)
            assert match is not None
            parts[PLACES[match[2]]] = contents.tensors[name]
        for field in ("input", "recurrent"):
            if field not in parts or len(parts[field].shape) != 2:
                raise Malformed(f"{shown(prefix) or 'the layer'} has no {field} matrix")
        rows, units = parts["recurrent"].shape
        cell = cell_of(parts["recurrent"], rows, units)
        network = Network(
            cell,
            parts["input"].shape[1],
            units,
            biases=conventions[cell].biases[1] if "input_bias" in parts else "none",
            activation="tanh"
            if cell != "rnn"
            else told("which activation it has", "activation", said.activation, ACTIVATIONS),
        )
        return Site(network, conventions[cell], {(0, "forward"): parts})

    def tensors(self, laid: Laid) -> list[Tensor]:
        """A stack is named as ``Sequential`` does."""
        stacked = laid.network.layers > 1
        return [
            laid.tensor(f"layers.{layer}.{name}" if stacked else name, array)
            for layer in range(laid.network.layers)
            for packed in (laid.packed(layer, "forward"),)
            for name, field in zip(PARAMETERS[laid.network.cell], FIELDS, strict=True)
            if (array := getattr(packed, field)) is not None
        ]
