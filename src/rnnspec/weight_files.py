"""Files with weights: whose names they have, what is read from them, and how one is written."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rnnspec import catalogue, safetensors_
from rnnspec.reference.carrying import Held, Uncarried, stacked
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.naming import Contents, Format, Laid, Naming, Said, Untold, shown
from rnnspec.reference.network import InvalidCase, Network
from rnnspec.reference.precision import PRECISIONS
from rnnspec.usage import Usage, reading

FRAMEWORKS: Mapping[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "keras": ("keras-tensorflow", "keras-jax", "keras-torch"),
    "onnx": ("onnxruntime", "onnx-reference"),
    "flax-linen": ("flax-linen",),
    "flax-nnx": ("flax-nnx",),
    "mlx": ("mlx",),
}
"""Whose names are known, and the adapters that run such layers, the first one first."""
PLAIN = ".safetensors"
"""Tensors alone, under the names of any framework that has some."""
SHOWN = 8
"""So many names are told of."""


@dataclass(frozen=True)
class Found:
    """A layer that was read, or a stack of them."""

    held: Held
    prefixes: Sequence[str]
    others: Sequence[str]
    """The other recurrent layers in the file."""
    left: int
    """How many tensors of the file are no part of it."""


class Framework:
    """One of FRAMEWORKS. Nothing of it is imported until its files are read."""

    def __init__(self, name: str) -> None:
        self.name, self.adapters = name, FRAMEWORKS[name]
        self.adapter: Any = catalogue.found(self.adapters[0])()
        self.naming: Naming = self.adapter.naming

    @property
    def dtypes(self) -> list[str]:
        """What any of its adapters computes in."""
        levels = [catalogue.found(name).levels for name in self.adapters]
        return [dtype for dtype in PRECISIONS if any(dtype in each for each in levels)]

    def offers(self, network: Network) -> str | None:
        """Why it has no such layers, or None: a file may hold as many as one likes."""
        refused: str | None = self.adapter.offers(replace(network, layers=1))
        return refused

    def laid(self, held: Held) -> Laid:
        """A layer in the framework's conventions."""
        return Laid(*held, self.adapter.conventions[held.network.cell])

    def contents(self, path: Path, suffix: str) -> Contents:
        """What a file holds. Raises Usage."""
        with reading(str(path), f"{suffix} file"), _small():
            path.open("rb").close()  # what cannot be read is said in no framework's own words
            if suffix == PLAIN:
                return safetensors_.read(path)
            return self._format(path, suffix).read(path)

    def read(self, path: Path, suffix: str, prefixes: Sequence[str], said: Said) -> Found:
        """The layer, or the stack of layers, under prefixes; of none given, the only one there is.
        Raises Usage.
        """
        contents = self.contents(path, suffix)
        layers = self.naming.layers(contents)
        chosen = chosen_of(path, self.name, contents, layers, prefixes)
        conventions = self.adapter.conventions
        try:
            with reading(str(path), f"layer of {self.name} that can be carried"), _small():
                sites = [self.naming.site(contents, one, said, conventions) for one in chosen]
                parts = [Held(site.network, site.weights(), site.dtype) for site in sites]
            held = parts[0] if len(parts) == 1 else stacked(parts)
        except (Untold, Uncarried, InvalidCase) as error:
            raise Usage(f"{shlex.quote(str(path))}: {error}") from None
        used = sum(len(layers[one]) for one in chosen)
        others = [one for one in layers if one not in chosen]
        return Found(held, chosen, others, len(contents.tensors) - used)

    def write(self, path: Path, suffix: str, held: Held) -> None:
        """A file of one layer alone. Raises OSError, Usage."""
        laid = self.laid(held)
        if suffix == PLAIN:
            safetensors_.write(path, self.naming.tensors(laid))
        else:
            self._format(path, suffix).write(path, laid)

    def read_back(self, path: Path, suffix: str, held: Held) -> Held:
        """What was written: what names do not tell is known. Raises Usage."""
        network = held.network
        said = Said(network.activation, network.reset, network.direction)
        # they are numbered, and sorted so
        prefixes = sorted(
            self.naming.layers(self.contents(path, suffix)), key=lambda name: (len(name), name)
        )
        return self.read(path, suffix, prefixes, said).held

    def _format(self, path: Path, suffix: str) -> Format:
        form = self.naming.formats[suffix]
        if find_spec(form.requires) is None:
            raise Usage(
                f"{form.requires} is not installed, and {suffix} files need it: "
                f"pip install {shlex.quote(f'rnnspec[{form.extra}]')}"
            )
        return form


@cache
def framework(name: str) -> Framework:
    """One of FRAMEWORKS: looking for an adapter takes its time."""
    return Framework(name)


def chosen_of(
    path: Path,
    names: str,
    contents: Contents,
    layers: Mapping[str, Sequence[str]],
    wanted: Sequence[str],
) -> list[str]:
    """The prefixes that are wanted: whole, by their end, or by the name that the file has for
    them. Raises Usage where that is none, or not one.
    """
    named = shlex.quote(str(path))
    if not layers:
        some = listed(list(contents.tensors))
        raise Usage(
            f"{named} holds no recurrent layer under names of {names}"
            f"{f', but {some}' if some else ': it is empty'}"
        )
    if not wanted:
        if len(layers) > 1:
            raise Usage(
                f"{named} holds {len(layers)} recurrent layers, {listed(list(layers))}: name one "
                "with --prefix, or those of a stack one by one, the lowest first"
            )
        return list(layers)
    return [_one(named, contents, layers, one) for one in wanted]


def listed(names: Sequence[str]) -> str:
    """Some names, as they can be shown."""
    told = [shown(name) or "one without a prefix" for name in names[:SHOWN]]
    return ", ".join([*told, f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else told)


def suffix_of(path: Path) -> tuple[str, str | None]:
    """A file's suffix, and the framework whose form it is; None of one of tensors alone. Raises
    Usage where it is not known.
    """
    known: dict[str, str | None] = {PLAIN: None}
    for name in FRAMEWORKS:
        known |= dict.fromkeys(framework(name).naming.formats, name)
    for suffix in sorted(known, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            return suffix, known[suffix]
    raise Usage(f"{shlex.quote(str(path))} has no suffix that is known: use one of {_words(known)}")


def framework_of(path: Path, said: str | None, option: str) -> tuple[Framework, str]:
    """Whose names a file has, and its suffix. Raises Usage where that is not known."""
    if said is not None and said not in FRAMEWORKS:
        raise Usage(f"no names of {shlex.quote(shown(said))} are known: use {_words(FRAMEWORKS)}")
    suffix, own = suffix_of(path)
    named = shlex.quote(str(path))
    if said is not None and own not in (None, said):
        raise Usage(f"{named} is by its suffix a file of {own}, and not of {said}")
    if own is None and said is None:
        raise Usage(f"whose names {named} has is not said: say --{option} {_words(FRAMEWORKS)}")
    found = framework(own or said or "")
    if own is None and not found.naming.plain:
        forms = _words(found.naming.formats)
        raise Usage(f"{found.name} names no tensors in {PLAIN} files: use {forms}")
    return found, suffix


def _one(named: str, contents: Contents, layers: Mapping[str, Sequence[str]], wanted: str) -> str:
    ways: tuple[Callable[[str], bool], ...] = (
        lambda prefix: prefix == wanted,
        lambda prefix: contents.facts.get(prefix, {}).get("name") == wanted,
        lambda prefix: prefix.endswith((f".{wanted}", f"/{wanted}")),
    )
    for way in ways:
        found = [prefix for prefix in layers if way(prefix)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Usage(f"{shown(wanted)} is in {named} {len(found)} times: {listed(found)}")
    raise Usage(
        f"{named} has no recurrent layer {shlex.quote(shown(wanted))}: there is "
        f"{listed(list(layers))}"
    )


def _words(names: Mapping[str, Any]) -> str:
    """The names, as one is chosen of them."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


@contextmanager
def _small() -> Iterator[None]:
    """What takes too much memory is malformed."""
    try:
        yield
    except MemoryError:
        raise Malformed("it unfolds into more than this machine's memory") from None
