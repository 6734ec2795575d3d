"""The recurrent operators in models of ONNX: a node says what it is, its inputs stand in order.

A tensor is named by its node here, ``encoder/LSTM/W``: the names of initialisers are anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnspec.adapters.onnx_file import File
from rnnspec.adapters.onnx_model import DIRECTIONS
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import Contents, Format, Laid, Said, Site, Tensor, shown
from rnnspec.reference.network import BLOCKS, Network

OURS = {theirs: ours for ours, theirs in DIRECTIONS.items()}
FUNCTIONS = {"lstm": ["Sigmoid", "Tanh", "Tanh"], "gru": ["Sigmoid", "Tanh"], "rnn": ["Tanh"]}
"""An operator's activations of one direction, if it says nothing of them."""


class OnnxNaming:
    """``RNN``, ``LSTM``, ``GRU``."""

    formats: Mapping[str, Format] = {".onnx": File()}
    plain = False

    def layers(self, contents: Contents) -> dict[str, list[str]]:
        """The file itself says which they are."""
        return {
            prefix: [name for name in contents.tensors if name.rpartition("/")[0] == prefix]
            for prefix in contents.facts
        }

    def site(
        self, contents: Contents, prefix: str, said: Said, conventions: Mapping[str, Conventions]
    ) -> Site:
        """A node's attributes say all of it."""
        facts = contents.facts[prefix]
        held = {each: contents.tensors.get(f"{prefix}/{each}") for each in "WRBP"}
        cell, direction = facts["cell"], OURS.get(facts.get("direction", "forward"))
        w, r, b, p = held.values()
        if w is None or r is None or len(w.shape) != 3 or len(r.shape) != 3:
            raise Malformed(f"{shown(prefix)} has no tensors W and R of three axes")
        if direction is None:
            raise Malformed(f"{shown(prefix)} has a direction that ONNX has not")
        blocks = conventions[cell].blocks
        network = Network(
            cell,
            w.shape[2],
            r.shape[2],
            direction=direction,
            biases="none" if b is None else "both",
            activation=_activation(prefix, cell, facts),
            reset="after" if cell != "gru" or facts.get("linear_before_reset", 0) else "before",
            peepholes=p is not None,
            coupled=bool(facts.get("input_forget", 0)),
            clip=float(facts.get("clip", 0.0)),
        )
        for tensor in held.values():
            if tensor is not None and tensor.shape[:1] != (len(network.directions),):
                raise Malformed(
                    f"{tensor}: its first axis is the directions, {len(network.directions)}"
                )
        parts = {}
        for k, one in enumerate(network.directions):
            own = {"input": w.row(k), "recurrent": r.row(k)}
            if b is not None:
                own |= _halves(b.row(k), len(BLOCKS[cell]) * network.units)
            if p is not None:
                own["peepholes"] = p.row(k)
            if network.coupled:
                order = [list(blocks), list(conventions[cell].peepholes)]
                own = {
                    field: _without(tensor, order[field == "peepholes"], network.units)
                    for field, tensor in own.items()
                }
            parts[0, one] = own
        return Site(network, conventions[cell], parts)

    def tensors(self, laid: Laid) -> list[Tensor]:
        """There are none outside of a model."""
        return []


def _halves(bias: Tensor, size: int) -> dict[str, Tensor]:
    """All of the input, then all of the past."""
    if bias.shape != (2 * size,):
        raise Malformed(f"{bias}: it must be {(2 * size,)}")
    return {"input_bias": bias.row(slice(0, size)), "recurrent_bias": bias.row(slice(size, None))}


def _without(tensor: Tensor, order: Sequence[str], units: int) -> Tensor:
    """Without the rows of the forget gate, of which a node with coupled gates takes no notice."""
    if tensor.shape[0] != len(order) * units:
        raise Malformed(f"{tensor}: it must have {len(order)} times {units} rows")
    at = order.index("forget") * units

    def read() -> Any:
        whole = tensor.read()
        return whole[[k for k in range(len(whole)) if not at <= k < at + units]]

    return tensor._replace(shape=(tensor.shape[0] - units, *tensor.shape[1:]), read=read)


def _activation(prefix: str, cell: str, facts: Mapping[str, Any]) -> str:
    """Of a simple unit what the node says; of the others it must be what the equations have."""
    usual, wide = FUNCTIONS[cell], 2 if facts.get("direction") == "bidirectional" else 1
    given = [str(each).capitalize() for each in facts.get("activations", usual * wide)]
    if given == usual * wide:
        return "tanh"
    if cell == "rnn" and given == ["Relu"] * wide:
        return "relu"
    raise Malformed(
        f"{shown(prefix)} has the activations {shown(', '.join(given))}: what can be carried is "
        f"{', '.join(usual)}{' or Relu' if cell == 'rnn' else ''}"
    )
