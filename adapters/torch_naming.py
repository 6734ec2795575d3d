"""PyTorch's names: ``encoder.lstm.weight_ih_l0_reverse``; a cell's have no layer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rnnspec.adapters.torch_checkpoint import Checkpoint
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

PACKED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
"""PyTorch's names of what ``Packed`` holds, in its order; it has no peepholes."""
FIELDS = dict(
    zip(PACKED, ("input", "recurrent", "input_bias", "recurrent_bias", "projection"), strict=True)
)
NAME = re.compile(rf"(?:(.*)\.)?({'|'.join(PACKED)})(?:_l(\d{{1,4}})(_reverse)?)?", re.DOTALL)


def ending(layer: int, direction: str) -> str:
    """What the names of a layer's and direction's parameters end in."""
    return f"_l{layer}{'_reverse' if direction == 'backward' else ''}"


class TorchNaming:
    """The modules ``RNN``, ``LSTM`` and ``GRU``, and their cells."""

    formats: Mapping[str, Format] = dict.fromkeys((".pt", ".pth", ".bin"), Checkpoint())
    plain = True

    def layers(self, contents: Contents) -> dict[str, list[str]]:
        """A module has at least the weights of the past."""
        found: dict[str, list[str]] = {}
        for name in contents.tensors:
            if match := NAME.fullmatch(name):
                found.setdefault(match[1] or "", []).append(name)
        return {
            prefix: names
            for prefix, names in found.items()
            if any("weight_hh" in NAME.fullmatch(name)[2] for name in names)  # type: ignore[index]
        }

    def site(
        self, contents: Contents, prefix: str, said: Said, conventions: Mapping[str, Conventions]
    ) -> Site:
        """What a module is made with shows in the shapes, but for a simple unit's activation."""
        parts: dict[tuple[int, str], dict[str, Tensor]] = {}
        for name in self.layers(contents)[prefix]:
            match = NAME.fullmatch(name)
            assert match is not None
            at = int(match[3] or 0), "backward" if match[4] else "forward"
            tensor = contents.tensors[name]
            if len(tensor.shape) != (1 if match[2].startswith("bias") else 2):
                raise Malformed(f"{tensor}: no layer has such weights")
            parts.setdefault(at, {})[FIELDS[match[2]]] = tensor
        layers = 1 + max(layer for layer, _ in parts)
        both = any(direction == "backward" for _, direction in parts)
        for at in ((k, d) for k in range(layers) for d in ("forward", "backward")[: 1 + both]):
            for field in ("input", "recurrent"):
                if field not in parts.get(at, {}):
                    name = {f: n for n, f in FIELDS.items()}[field] + ending(*at)
                    raise Malformed(f"{shown(prefix) or 'the layer'} has no {name}")
        first = parts[0, "forward"]
        projected = first.get("projection")
        units = first["recurrent"].shape[1] if projected is None else projected.shape[1]
        cell = cell_of(first["recurrent"], first["recurrent"].shape[0], units)
        network = Network(
            cell,
            first["input"].shape[1],
            units,
            layers,
            "both" if both else "forward",
            "both" if "input_bias" in first or "recurrent_bias" in first else "none",
            activation="tanh"
            if cell != "rnn"
            else told("which activation it has", "activation", said.activation, ACTIVATIONS),
            projection=0 if projected is None else projected.shape[0],
        )
        return Site(network, conventions[cell], parts)

    def tensors(self, laid: Laid) -> list[Tensor]:
        """The names of a module's own ``state_dict``."""
        network = laid.network
        return [
            laid.tensor(theirs + ending(layer, direction), ours)
            for layer in range(network.layers)
            for direction in network.directions
            for packed in (laid.packed(layer, direction),)
            for theirs, field in FIELDS.items()
            if (ours := getattr(packed, field)) is not None
        ]
