"""What an implementation declares of itself, as plain data and back: see ``docs/protocol.md``.

What is read is data, and every complaint says where.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from math import inf
from typing import Any, NamedTuple

from rnnspec.reference.conventions import Conventions
from rnnspec.reference.encoding import Malformed, decode_number, encode_number, get
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import BLOCKS
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE, Grid, Level

PROTOCOL = 1
LEVELS = {level.name: level for level in (RELATIVE, ABSOLUTE)}
GRIDS = ("weights", "operands")
"""What a level may say to be rounded to a grid."""
WAYS = ("path", "layout", "inference")
SIZES = ("steps", "rows", "inputs", "units")
ABILITIES = ("offers", "gradients", "count", "script")
"""The requests that not every process answers."""
LONGEST_NAME = 200


class Declaration(NamedTuple):
    """What a process says of itself; the fields are those of ``Implementation``."""

    name: str
    versions: Mapping[str, str]
    levels: Mapping[str, Level]
    conventions: Mapping[str, Conventions]
    ways: Mapping[str, str]
    palette: Sequence[Mapping[str, int]]
    can: Sequence[str]


def encode_declaration(
    implementation: Implementation, versions: Mapping[str, str]
) -> dict[str, Any]:
    """The answer to *hello* of a process that stands for an implementation."""
    return {
        "protocol": PROTOCOL,
        "name": implementation.name,
        "versions": dict(versions),
        "levels": {dtype: encode_level(each) for dtype, each in implementation.levels.items()},
        "conventions": {cell: asdict(each) for cell, each in implementation.conventions.items()},
        "ways": dict(implementation.ways),
        "palette": [dict(sizes) for sizes in implementation.palette],
        "can": [each for each in ABILITIES if each != "script"],  # those are written here
    }


def decode_declaration(data: Mapping[str, Any]) -> Declaration:
    """The inverse. Raises Malformed."""
    where = "hello"
    if type(data.get("protocol")) is not int or data["protocol"] != PROTOCOL:
        raise Malformed(
            f"{where}.protocol is {data.get('protocol')!r}; this rnnspec speaks {PROTOCOL}"
        )
    name = get(data, "name", str, where)
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Malformed(f"{where}.name must have 1 to {LONGEST_NAME} printable characters")
    levels, conventions = (get(data, part, dict, where) for part in ("levels", "conventions"))
    known(f"{where}.levels", levels, PRECISIONS)
    known(f"{where}.conventions", conventions, BLOCKS)
    if not levels or not conventions:
        raise Malformed("it must offer a dtype in 'levels' and a cell in 'conventions'")
    ways = _texts(data, "ways", where)
    for kind in ways.values():
        if kind not in WAYS:
            raise Malformed(f"{where}.ways has {kind!r}: use one of {', '.join(WAYS)}")
    can = data.get("can", [])
    if not isinstance(can, list) or not all(each in ABILITIES for each in can):
        raise Malformed(f"{where}.can must be a list of {', '.join(ABILITIES)}")
    return Declaration(
        name,
        _texts(data, "versions", where),
        {dtype: decode_level(each, f"{where}.levels.{dtype}") for dtype, each in levels.items()},
        {
            cell: _conventions(each, cell, f"{where}.conventions.{cell}")
            for cell, each in conventions.items()
        },
        ways,
        _palette(data.get("palette", []), f"{where}.palette"),
        can,
    )


def encode_level(level: Level) -> dict[str, Any]:
    """Its name, and what it allows in units of u; and the grids of what is rounded to one."""
    grids = {part: getattr(level, part) for part in GRIDS}
    return {
        "name": level.name,
        "relative": level.relative,
        "absolute": encode_number(level.absolute),
        **{part: asdict(grid) for part, grid in grids.items() if grid.steps},
    }


def decode_level(data: Any, where: str) -> Level:
    """The inverse; or one of the levels of the specification by its name. Raises Malformed."""
    if isinstance(data, str) and data in LEVELS:
        return LEVELS[data]
    if not isinstance(data, dict):
        raise Malformed(f"{where} must be {' or '.join(map(repr, LEVELS))}, or an object")
    name = get(data, "name", str, where) if "name" in data else "declared"
    relative, absolute = (_size(data, part, where) for part in ("relative", "absolute"))
    weights, operands = (
        _grid(data[part], f"{where}.{part}") if part in data else Grid() for part in GRIDS
    )
    return Level(name, relative, absolute, weights, operands)


def _size(data: Mapping[str, Any], name: str, where: str) -> float:
    number = decode_number(data.get(name), f"{where}.{name}")
    if not 0 <= number < inf:
        raise Malformed(f"{where}.{name} must be a number from 0 on")
    return number


def _grid(data: Any, where: str) -> Grid:
    if not isinstance(data, dict):
        raise Malformed(f"{where} must be an object")
    steps = get(data, "steps", int, where)
    if not 1 <= steps < 1 << 32:
        raise Malformed(f"{where}.steps must be a whole number from 1 on")
    return Grid(steps, _size(data, "least", where))


def _conventions(data: Any, cell: str, where: str) -> Conventions:
    if not isinstance(data, dict):
        raise Malformed(f"{where} must be an object")
    wanted = {each.name: each for each in fields(Conventions)}
    known(where, data, wanted)
    given: dict[str, Any] = {}
    for name, value in data.items():
        default = wanted[name].default
        if name == "forget_offset":
            given[name] = decode_number(value, f"{where}.{name}")
        elif name == "past_end":
            given[name] = _texts(data, name, where)
        elif isinstance(default, (str, int)):
            given[name] = get(data, name, type(default), where)
        else:
            given[name] = _words(value, f"{where}.{name}")
    if sorted(given.get("blocks", ())) != sorted(BLOCKS[cell]):
        raise Malformed(f"{where}.blocks must hold {', '.join(BLOCKS[cell])}, each once")
    if cell != "gru" and "candidate" in given.get("biases", ()):
        raise Malformed(f"{where}.biases has 'candidate', which only a GRU has")
    if not 1 <= given.get("layers", 1) < 1 << 10:
        raise Malformed(f"{where}.layers must be a whole number from 1 on")
    try:
        return Conventions(**given)
    except ValueError as error:
        raise Malformed(f"{where}: {error}") from None


def _palette(data: Any, where: str) -> list[dict[str, int]]:
    if not isinstance(data, list) or not all(isinstance(sizes, dict) for sizes in data):
        raise Malformed(f"{where} must be a list of objects")
    for sizes in data:
        known(where, sizes, SIZES)
        if not all(type(size) is int and 1 <= size <= 1 << 20 for size in sizes.values()):
            raise Malformed(f"{where} must hold whole numbers from 1 on")
    return data


def _texts(data: Mapping[str, Any], name: str, where: str) -> dict[str, str]:
    """An object of strings, or nothing."""
    texts = data.get(name, {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise Malformed(f"{where}.{name} must be an object of strings")
    return texts


def _words(data: Any, where: str) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(word, str) for word in data):
        raise Malformed(f"{where} must be a list of strings")
    return tuple(data)


def known(where: str, data: Mapping[str, Any], names: Collection[str]) -> None:
    """Raises Malformed where something has a name that is not among those known."""
    for name in data:
        if name not in names:
            raise Malformed(f"{where} has {name!r}: use one of {', '.join(names)}")
