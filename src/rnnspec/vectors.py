"""The vectors as files, for who runs no Python: see ``docs/vectors.md``."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rnnspec import interruption
from rnnspec.reference.encoding import Malformed, bytes_of, get, read_object, text_of
from rnnspec.vector import Vector
from rnnspec.vector_form import FORMAT as VECTOR
from rnnspec.vector_form import VERSION, decode, encode, of_this_version, request

FORMAT, MANIFEST, SUFFIX = "rnnspec.vectors", "manifest.json", ".json"
MOST = 10_000
"""Vectors that are read of a set."""
NAME, LONGEST_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), 100


def write(folder: Path, vectors: Iterable[Vector]) -> int:
    """Write the vectors, and last of all what they are: so a set that was cut short is none. The
    number of them. Raises OSError; and Malformed where the folder holds something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = {f"{vector.id}{SUFFIX}": vector for vector in vectors}
    for path in sorted(folder.iterdir()):
        if path.name not in {*known, MANIFEST} or not _ours(path):
            raise Malformed(f"it holds {path.name}, which is no part of it: name an empty folder")
    (folder / MANIFEST).unlink(missing_ok=True)
    lines, asked = [], hashlib.sha256()
    for name, vector in known.items():
        interruption.check()
        data = encode(vector)
        text = (laid_out(data) + "\n").encode()
        (folder / name).write_bytes(text)
        asked.update(json.dumps(request(vector), sort_keys=True).encode())
        about = {"id": vector.id, "about": data["about"]}
        lines.append({**about, "sha256": hashlib.sha256(text).hexdigest()})
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "rnnspec": version("rnnspec"),
        "requests": asked.hexdigest(),
        "vectors": lines,
    }
    (folder / MANIFEST).write_bytes((laid_out(manifest) + "\n").encode())
    return len(lines)


def _ours(path: Path) -> bool:
    """Whether a file begins as those that are written here, as far as it goes: an answer to a
    vector has its name, too.
    """
    begins = [f'{{\n "format": "{form}"'.encode() for form in (VECTOR, FORMAT)]
    if not path.is_file():
        return False
    with path.open("rb") as file:
        found = file.read(max(map(len, begins)))
    return any(each.startswith(found[: len(each)]) for each in begins)


def laid_out(data: Any, indent: str = "") -> str:
    """JSON with a line for every field; an array of numbers is on one, and so are flags."""
    inner, whole = f"{indent} ", json.dumps(data, allow_nan=False)
    if isinstance(data, dict) and not data.keys() & {"shape", "sha256"} and "{" in whole[1:]:
        fields = (f"{inner}{json.dumps(name)}: {laid_out(data[name], inner)}" for name in data)
        return "{\n" + ",\n".join(fields) + f"\n{indent}}}"
    if isinstance(data, list) and "{" in whole:
        lines = (f"{inner}{laid_out(each, inner)}" for each in data)
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return whole


def read(folder: Path) -> list[Vector]:
    """The vectors of a set, in their order. Raises OSError; and Malformed, with the file, where
    anything is not as it was written.
    """
    if MANIFEST not in (path.name for path in folder.iterdir()):
        raise Malformed(f"it has no {MANIFEST}, which is written last")
    with _of_file(MANIFEST):
        manifest = read_object(text_in(folder / MANIFEST))
        of_this_version(manifest, FORMAT)
        lines = get(manifest, "vectors", list, "the manifest")
        if not 0 < len(lines) <= MOST:
            raise Malformed(f"it has {len(lines)} vectors: 1 to {MOST} are read")
        marks: dict[str, str] = {}
        for k, line in enumerate(lines):
            where = f"vectors[{k}]"
            if not isinstance(line, dict):
                raise Malformed(f"{where} must be an object")
            name = get(line, "id", str, where)
            if not NAME.fullmatch(name) or len(name) > LONGEST_NAME or name in marks:
                raise Malformed(
                    f"{where}.id is {name[:LONGEST_NAME]!r}, which is no name of its own"
                )
            marks[name] = get(line, "sha256", str, where)
    return [_one(folder, name, mark) for name, mark in marks.items()]


def _one(folder: Path, name: str, mark: str) -> Vector:
    with _of_file(f"{name}{SUFFIX}"):
        try:
            content = content_of(folder / f"{name}{SUFFIX}")
        except OSError as error:
            raise Malformed(f"it cannot be read: {error.strerror or error}") from None
        if hashlib.sha256(content).hexdigest() != mark:
            raise Malformed("it is not as it was written (its sha256 is not that in the manifest)")
        vector = decode(read_object(text_of(content, "utf-8-sig")))
        if vector.id != name:
            raise Malformed(f"its id is {vector.id[:LONGEST_NAME]!r}")
    return vector


@contextmanager
def _of_file(name: str) -> Iterator[None]:
    """What is wrong in here is wrong in that file."""
    try:
        yield
    except Malformed as error:
        raise Malformed(f"{name}: {error}") from None


def text_in(path: Path) -> str:
    """The text of a file. Raises OSError, or Malformed where it is none."""
    return text_of(content_of(path), "utf-8-sig")


def content_of(path: Path) -> bytes:
    """What a file of a folder holds: a pipe there would never end. Raises OSError, or Malformed."""
    if path.exists() and not path.is_file():
        raise Malformed("it is no file")
    return bytes_of(path)
