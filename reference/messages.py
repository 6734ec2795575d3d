"""What a process is asked, and answers: ``docs/protocol.md`` as plain data, and back.

Arrays and cases are those of ``encoding``. What is read is data, and every complaint says where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from rnnspec.reference.case import Answer, Case, Gradients, Weights
from rnnspec.reference.conventions import Conventions, Packed, pack, unpack
from rnnspec.reference.declaration import known
from rnnspec.reference.encoding import (
    Malformed,
    decode_array,
    decode_place,
    encode_array,
    encode_case,
    get,
)
from rnnspec.reference.network import STATES, Network, Place
from rnnspec.reference.operations import Array

ANSWER = "the answer"


def encode_call(case: Case, conventions: Conventions) -> dict[str, Any]:
    """A case, and its weights once more as an implementation with such conventions holds them."""
    network = case.network
    packed = [
        {
            "layer": layer,
            "direction": direction,
            **_arrays(_held(pack(network, case.weights, conventions, layer, direction))),
        }
        for layer, direction in _halves(network)
    ]
    return {"case": encode_case(case), "packed": packed}


def _held(packed: Packed) -> dict[str, Array | None]:
    """What a layer of the cards has, and what there is beside it."""
    return {
        part.name: getattr(packed, part.name)
        for part in fields(Packed)
        if part.default is MISSING or getattr(packed, part.name) is not None
    }


def _halves(network: Network) -> list[tuple[int, str]]:
    """Every layer and direction."""
    return [(layer, each) for layer in range(network.layers) for each in network.directions]


def _arrays(arrays: Mapping[str, Array | None]) -> dict[str, Any]:
    return {name: None if array is None else encode_array(array) for name, array in arrays.items()}


def encode_answer(answer: Answer) -> dict[str, Any]:
    """The answer to *run*."""
    outputs = None if answer.outputs is None else encode_array(answer.outputs)
    return {"outputs": outputs, "states": _arrays(answer.states)}


def decode_answer(data: Mapping[str, Any], where: str = ANSWER) -> Answer:
    """The inverse. Raises Malformed; shapes are left to the judge."""
    outputs = data.get("outputs")
    states = _by_name(data, "states", where)
    known(f"{where}.states", states, STATES["lstm"])
    return Answer(None if outputs is None else decode_array(outputs, f"{where}.outputs"), states)


def encode_gradients(found: Gradients) -> dict[str, Any]:
    """The answer to *gradients*, with the weights by name."""
    return {
        **encode_answer(found.answer),
        "inputs": encode_array(found.inputs),
        "initial": _arrays(found.states),
        "weights": _arrays({str(place): array for place, array in found.weights.items()}),
    }


def decode_gradients(data: Mapping[str, Any], case: Case, conventions: Conventions) -> Gradients:
    """The inverse; the weights may also come packed. Raises Malformed."""
    where = ANSWER
    if "weights" in data:
        named = _by_name(data, "weights", where)
        weights: Weights = {
            decode_place(key, f"{where}.weights"): each for key, each in named.items()
        }
    else:
        weights = _unpacked(data, case.network, conventions, f"{where}.packed")
    return Gradients(
        decode_answer(data),
        decode_array(data.get("inputs"), f"{where}.inputs"),
        _by_name(data, "initial", where),
        weights,
    )


def _unpacked(
    data: Mapping[str, Any], network: Network, conventions: Conventions, where: str
) -> dict[Place, Array]:
    given, halves = get(data, "packed", list, ANSWER), _halves(network)
    if [isinstance(e, dict) and (e.get("layer"), e.get("direction")) for e in given] != halves:
        raise Malformed(f"{where} must have an object for each layer and direction, as they came")
    weights: dict[Place, Array] = {}
    for each, at in zip(given, halves, strict=True):
        here = f"{where} of layer {at[0]}, {at[1]}"
        arrays: dict[str, Any] = {
            part.name: None
            if each.get(part.name) is None
            else decode_array(each[part.name], f"{here}, {part.name}")
            for part in fields(Packed)
        }
        try:
            weights |= unpack(network, Packed(**arrays), conventions.of_gradients, *at)
        except (ValueError, AttributeError, IndexError):
            raise Malformed(f"{here} has not the shapes in which the weights came") from None
    return weights


def _by_name(data: Mapping[str, Any], name: str, where: str) -> dict[str, Array]:
    arrays = get(data, name, dict, where)
    return {key: decode_array(each, f"{where}.{name}.{key}") for key, each in arrays.items()}
