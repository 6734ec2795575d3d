"""One vector as plain data: what is asked in the form of the process protocol, what is expected,
and how far from it an answer may be. And back: what is read is data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, Context
from typing import Any

import numpy as np

from rnnspec.reference.bounds import Bounded, Bounds
from rnnspec.reference.case import Answer, Gradients
from rnnspec.reference.declaration import LEVELS
from rnnspec.reference.encoding import (
    Malformed,
    decode_array,
    decode_case,
    decode_network,
    encode_array,
    encode_case,
    get,
)
from rnnspec.reference.messages import encode_answer, encode_gradients
from rnnspec.reference.network import InvalidCase
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import Level
from rnnspec.reference.tape import gradients
from rnnspec.reference.unroll import count, unroll, valid_steps
from rnnspec.vector import Vector

FORMAT, VERSION = "rnnspec.vector", 1
"""The version is of the form, and of which vectors there are."""
REQUESTS = ("run", "gradients", "count")
BOUND = Context(prec=3, rounding=ROUND_CEILING)
"""Bounds are written with so many digits, rounded up."""


def request(vector: Vector) -> dict[str, Any]:
    """What is asked, in the form of the process protocol: the same on every machine."""
    asked: dict[str, Any] = {"id": vector.id, "do": vector.do}
    if vector.case is None:
        return {**asked, "network": vector.network.as_dict()}
    asked["case"] = encode_case(vector.case)
    if vector.do == "gradients":
        asked["cotangents"] = {name: encode_array(g) for name, g in vector.cotangents.items()}
    return asked


def encode(vector: Vector) -> dict[str, Any]:
    """A vector whole: what is asked, what is expected, and how far from it an answer may be."""
    asked = request(vector)
    if vector.case is None:
        wanted: dict[str, Any] = {"count": count(vector.network)}
        bounds: dict[str, Any] = {name: {"count": 0} for name in LEVELS}
    else:
        read = {name: _read(vector, level) for name, level in LEVELS.items()}
        wanted = _parts(read["relative"], lambda name, part: np.asarray(part.value))
        bounds = {
            name: _parts(each, lambda n, p: _bound(vector, n, p)) for name, each in read.items()
        }
    name, do = asked.pop("id"), asked.pop("do")
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": name,
        "do": do,
        "about": {**vector.flags, "claims": list(vector.claims)},
        **asked,
        "expected": wanted,
        "bounds": bounds,
    }


def _read(vector: Vector, level: Level) -> Answer | Gradients:
    """The equations, read as bounds from the initial states on."""
    assert vector.case is not None
    read = Bounds.of(vector.case.dtype, level)
    if vector.do == "gradients":
        return gradients(vector.case, vector.cotangents, read)
    return unroll(vector.case, read)


def _parts(found: Answer | Gradients, of: Callable[[str, Bounded], Array]) -> dict[str, Any]:
    """An answer in its own form, with something made of every bounded part."""
    if isinstance(found, Gradients):
        plain = Gradients(
            _made(found.answer, of),
            of("", found.inputs.settled()),
            {name: of("", state.settled()) for name, state in found.states.items()},
            {place: of("", g.settled()) for place, g in found.weights.items()},
        )
        return encode_gradients(plain)
    return encode_answer(_made(found, of))


def _made(answer: Answer, of: Callable[[str, Bounded], Array]) -> Answer:
    parts = {name: of(name, part.settled()) for name, part in answer.parts().items()}
    return Answer(parts.pop("outputs"), parts)


def _bound(vector: Vector, name: str, part: Bounded) -> Array:
    """What is allowed: anything past the end of a row; and nothing but NaN where NaN is due."""
    assert vector.case is not None
    error = np.broadcast_to(np.where(np.isnan(part.value), 0.0, part.error), part.shape)
    valid = valid_steps(vector.case)
    error = error if name != "outputs" or valid is None else np.where(valid, error, np.inf)
    return np.vectorize(_upward, otypes=[float])(error) if error.size else error


def _upward(error: float) -> float:
    return float(BOUND.create_decimal_from_float(error))


def decode(data: Mapping[str, Any]) -> Vector:
    """What is asked in a vector, and its flags. Raises Malformed."""
    where = "the vector"
    of_this_version(data, FORMAT)
    name, do = (get(data, field, str, where) for field in ("id", "do"))
    about = get(data, "about", dict, where)
    flags = {flag: value for flag, value in about.items() if flag != "claims"}
    if not all(type(value) in (str, int) for value in flags.values()):
        raise Malformed(f"{where}.about must hold strings or whole numbers")
    if do not in REQUESTS:
        raise Malformed(f"{where}.do is {do!r}: use one of {', '.join(REQUESTS)}")
    try:
        if do == "count":
            return Vector(name, do, decode_network(data.get("network")), flags)
        case = decode_case(data.get("case"))
    except InvalidCase as error:
        raise Malformed(str(error)) from None
    if do == "run":
        return Vector(name, do, case.network, flags, case)
    cotangents = {
        part: decode_array(array, f"cotangents.{part}")
        for part, array in get(data, "cotangents", dict, where).items()
    }
    shapes = {
        "outputs": case.output_shape,
        **{name: case.shape_of(name) for name in case.network.states},
    }
    for part, array in cotangents.items():
        if array.shape != shapes.get(part):
            of = f"it must be {shapes[part]}" if part in shapes else "there is no such part"
            raise Malformed(f"cotangents.{part} has shape {array.shape}: {of}")
    return Vector(name, do, case.network, flags, case, cotangents)


def of_this_version(data: Mapping[str, Any], form: str) -> None:
    """Raises Malformed where it is not of this form, or of another version."""
    if data.get("format") != form:
        raise Malformed(f"it does not say that its format is {form!r}")
    if type(data.get("version")) is not int or data["version"] != VERSION:
        raise Malformed(f"its version is {data.get('version')!r}; this rnnspec has {VERSION}")
