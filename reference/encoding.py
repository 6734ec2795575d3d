"""Cases and arrays as JSON, exactly; and back, with nothing taken on trust.

A number is a JSON number with as many digits as it takes (so -0.0 and every subnormal survive), or
one of the strings ``nan``, ``inf``, ``-inf``. bfloat16 and float16 numbers are written as what they
are. What is read is data: sizes are limited, names and shapes are checked, and every complaint says
where in the file it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from rnnspec.reference.case import Case
from rnnspec.reference.network import EXTRAS, InvalidCase, Network, Place
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import PRECISIONS

LARGEST_TEXT = 64 * 2**20
"""Bytes; a longer file is not read."""
LARGEST_ARRAY = 2**22
"""Elements."""
LARGEST_LAYERS = 2**10
LONGEST_NUMBER = 400
"""Digits: float64 ends at 309."""
SPECIAL = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


class Malformed(ValueError):
    """A file is not what it should be: the message says where, and what belongs there."""


def bytes_of(path: Path) -> bytes:
    """What a file holds. Raises OSError, or Malformed where that is more than is read."""
    with path.open("rb") as file:
        content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise Malformed(f"it is longer than {LARGEST_TEXT} bytes")
    return content


def text_of(content: bytes, encoding: str = "utf-8") -> str:
    """Bytes as text in UTF-8. Raises Malformed."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Malformed("it is not text in UTF-8") from None


def read_object(text: str) -> dict[str, Any]:
    """One JSON object. Raises Malformed."""
    if len(text) > LARGEST_TEXT:
        raise Malformed(f"it is longer than {LARGEST_TEXT} bytes")
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_int=_whole)
    except RecursionError:
        raise Malformed("it is not JSON: it is nested too deep") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Malformed("it holds no JSON object")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number in it is too long")
    return int(digits)


def get(data: Mapping[str, Any], name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """A field of a kind. Raises Malformed."""
    if name not in data:
        raise Malformed(f"{where} has no {name!r}")
    value = data[name]
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join("null" if k is type(None) else _JSON_NAMES[k] for k in kinds)
        raise Malformed(f"{where}.{name} must be {wanted}")
    return value


_JSON_NAMES: dict[type, str] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def encode_number(number: float) -> float | str:
    """A number, or the name of one that JSON has not."""
    number = float(number)
    return number if isfinite(number) else str(number)


def decode_number(data: Any, where: str) -> float:
    """The inverse. Raises Malformed."""
    if isinstance(data, str) and data in SPECIAL:
        return SPECIAL[data]
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        try:
            number = float(data)
        except OverflowError:
            number = np.inf
        if isfinite(number):
            return number
    raise Malformed(f"{where} must be a number that float64 holds, or 'nan', 'inf', '-inf'")


def encode_array(array: Array) -> dict[str, Any]:
    """Shape, and numbers in row-major order."""
    return {"shape": list(array.shape), "numbers": [encode_number(n) for n in array.ravel()]}


def decode_array(data: Any, where: str) -> Array:
    """The inverse. Raises Malformed."""
    if not isinstance(data, dict):
        raise Malformed(f"{where} must be an object with a shape and numbers")
    shape, numbers = get(data, "shape", list, where), get(data, "numbers", list, where)
    if len(shape) > 8 or not all(type(n) is int and 0 <= n <= LARGEST_ARRAY for n in shape):
        raise Malformed(
            f"{where}.shape must hold at most 8 whole numbers from 0 to {LARGEST_ARRAY}"
        )
    if len(numbers) > LARGEST_ARRAY:
        raise Malformed(f"{where} has {len(numbers)} elements: at most {LARGEST_ARRAY} are read")
    size = 1
    for n in shape:
        size *= n
    if size != len(numbers):
        raise Malformed(f"{where}.numbers has {len(numbers)} elements where the shape has {size}")
    decoded = [decode_number(n, f"{where}.numbers[{i}]") for i, n in enumerate(numbers)]
    return np.array(decoded, dtype=np.float64).reshape(shape)


def encode_case(case: Case) -> dict[str, Any]:
    """A case as plain data."""
    return {
        "network": case.network.as_dict(),
        "dtype": case.dtype,
        "aim": dict(case.aim),
        "weights": {str(place): encode_array(w) for place, w in case.weights.items()},
        "inputs": encode_array(case.inputs),
        "states": {name: encode_array(state) for name, state in case.states.items()},
        "lengths": None if case.lengths is None else [int(n) for n in case.lengths],
        "way": case.way,
    }


def decode_case(data: Any, where: str = "case") -> Case:
    """The inverse. Raises Malformed, also where the parts do not fit together."""
    if not isinstance(data, dict):
        raise Malformed(f"{where} must be an object")
    known = {"network", "dtype", "aim", "weights", "inputs", "states", "lengths", "way"}
    if unknown := sorted(data.keys() - known):
        raise Malformed(f"{where} has a field {unknown[0]!r} that no case has")
    arrays: Callable[[str], dict[str, Array]] = lambda name: {  # noqa: E731
        key: decode_array(value, f"{where}.{name}.{key}")
        for key, value in get(data, name, dict, where).items()
    }
    lengths = get(data, "lengths", (list, type(None)), where)
    if lengths is not None and not all(type(n) is int and 0 <= n < 2**31 for n in lengths):
        raise Malformed(f"{where}.lengths must hold whole numbers from 0 on")
    aim = get(data, "aim", dict, where)
    if not all(type(value) in (str, int) for value in aim.values()):
        raise Malformed(f"{where}.aim must hold strings or whole numbers")
    try:
        case = Case(
            network=decode_network(get(data, "network", dict, where), f"{where}.network"),
            weights={
                decode_place(key, f"{where}.weights"): array
                for key, array in arrays("weights").items()
            },
            inputs=decode_array(data.get("inputs"), f"{where}.inputs"),
            states=arrays("states"),
            lengths=None if lengths is None else np.array(lengths, dtype=np.int64),
            dtype=get(data, "dtype", str, where),
            aim=aim,
            way=get(data, "way", str, where),
        )
    except InvalidCase as error:
        raise Malformed(str(error)) from None
    _exact(case, where)
    return case


def decode_network(data: Any, where: str = "network") -> Network:
    """A network. Raises Malformed; or InvalidCase, where a value is none of its field."""
    if not isinstance(data, dict):
        raise Malformed(f"{where} must be an object")
    fields = Network.__dataclass_fields__
    if unknown := sorted(data.keys() - fields.keys()):
        raise Malformed(f"{where} has a field {unknown[0]!r} that no network has")
    given = {name: get(data, name, (str, int), where) for name in fields if name not in EXTRAS}
    for name in data.keys() & EXTRAS.keys():
        default = fields[name].default
        kinds = (int, float) if isinstance(default, float) else type(default)
        given[name] = get(data, name, kinds, where)
    return Network(**given)


def decode_place(key: str, where: str) -> Place:
    """A place by its name. Raises Malformed."""
    parts = key.split(".")
    if len(parts) != 4 or parts[0] not in map(str, range(LARGEST_LAYERS)):
        raise Malformed(f"{where}.{key}: a place is named layer.direction.block.part")
    return Place(int(parts[0]), *parts[1:])


def _exact(case: Case, where: str) -> None:
    """Every number must be one of the case's dtype, or converting it would change it."""
    named = {
        "inputs": case.inputs,
        **{f"weights.{place}": w for place, w in case.weights.items()},
        **{f"states.{name}": state for name, state in case.states.items()},
    }
    for name, array in named.items():
        off = ~(np.isnan(array) | (PRECISIONS[case.dtype].round(array) == array))
        if off.any():
            number = float(array[off][0])
            raise Malformed(f"{where}.{name} holds {number!r}, which is no {case.dtype}")
