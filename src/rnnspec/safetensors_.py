"""safetensors: eight bytes, as many bytes of JSON as they say, and then the numbers.

It is read here, one tensor at a time, since NumPy alone has no bfloat16 to read it into:
https://github.com/huggingface/safetensors#format. What is there is checked before it is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from rnnspec.reference.encoding import LARGEST_TEXT, Malformed, read_object, text_of
from rnnspec.reference.naming import Contents, Tensor, shown, stored, values
from rnnspec.reference.operations import Array

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
CODES = {name: code for code, name in DTYPES.items()}
SIZES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
ALIGNED = 8
"""The numbers begin at a multiple of that."""


def read(path: Path) -> Contents:
    """What a file holds; the numbers are read as they are asked for. Raises OSError, Malformed."""
    with path.open("rb") as file:
        size = path.stat().st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise Malformed(
                f"it is cut, or another form of file: its header would be {length} bytes long"
            )
        if length > LARGEST_TEXT:
            raise Malformed(f"its header is longer than {LARGEST_TEXT} bytes")
        header = read_object(text_of(file.read(length)))
    begin = 8 + length
    tensors = dict(_tensors(path, header, begin, size - begin))
    return Contents(tensors)


def write(path: Path, tensors: Sequence[Tensor]) -> None:
    """Write a file. Raises OSError."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}  # as all that read it expect
    at = 0
    for tensor in tensors:
        end = at + prod(tensor.shape) * SIZES[tensor.dtype]
        header[tensor.name] = {
            "dtype": CODES[tensor.dtype],
            "shape": tensor.shape,
            "data_offsets": (at, end),
        }
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNED)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors:
            file.write(stored(tensor.read(), tensor.dtype).tobytes())


def _tensors(
    path: Path, header: dict[str, Any], begin: int, size: int
) -> Iterator[tuple[str, Tensor]]:
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        told: dict[str, Any] = entry if isinstance(entry, dict) else {}
        code, shape, offsets = (told.get(key, "") for key in ("dtype", "shape", "data_offsets"))
        if not (isinstance(code, str) and _whole(shape) and _whole(offsets) and len(offsets) == 2):
            raise Malformed(f"what it says of {shown(name)} is no dtype, shape and place")
        first, last = offsets
        if not first <= last <= size:
            raise Malformed(f"it is cut: {shown(name)} would end after byte {begin + last}")
        dtype = DTYPES.get(code, code)
        if dtype in SIZES and last - first != prod(shape) * SIZES[dtype]:
            raise Malformed(
                f"{shown(name)} is said to have shape {_short(shape)}, and has {last - first} bytes"
            )
        yield name, _tensor(path, name, dtype, tuple(shape), begin + first)


def _tensor(path: Path, name: str, dtype: str, shape: tuple[int, ...], at: int) -> Tensor:
    def read() -> Array:
        kind = "<u2" if dtype == "bfloat16" else np.dtype(dtype).newbyteorder("<")
        bits = np.fromfile(path, kind, prod(shape), offset=at)
        return values(bits, dtype).reshape(shape)

    return Tensor(name, shape, dtype, read)


def _whole(numbers: Any) -> bool:
    """A list of whole numbers from 0 on."""
    return isinstance(numbers, list) and all(type(n) is int and n >= 0 for n in numbers)


def _short(shape: Sequence[int]) -> str:
    return shown(str(tuple(shape)))
