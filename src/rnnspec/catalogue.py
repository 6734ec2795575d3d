"""Which adapters there are, and whether their frameworks are installed. Imports no framework."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnspec.reference.implementation import Implementation

GROUP = "rnnspec.adapters"
MISSING = "not installed"


class Unusable(Exception):
    """An adapter that is unknown, broken, or whose framework is not installed: in a sentence."""


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def names() -> list[str]:
    """Every adapter known, the reference first."""
    return sorted(_entries(), key=lambda name: (name != "reference", name))


def known() -> dict[str, str]:
    """Every adapter known, and why it can't be used, or nothing where it can."""
    return {name: _trouble(name) for name in names()}


def usable() -> list[str]:
    """The adapters whose frameworks are installed: loading one that is broken says so."""
    return [name for name, trouble in known().items() if trouble != MISSING]


def load(name: str) -> Implementation:
    """An adapter by name. Raises Unusable."""
    if name not in names():
        raise Unusable(f"there is no adapter {name!r}: use one of {', '.join(names())}")
    try:
        adapter = _class(name)
        if not _present(adapter):
            raise Unusable(
                f"{adapter.requires} is not installed, and the adapter {name!r} needs it: "
                f"pip install 'rnnspec[{adapter.extra}]'"
            )
        made: Implementation = adapter()
    except Unusable:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise Unusable(f"the adapter {name!r} cannot be loaded: {told}") from None
    return made


def _class(name: str) -> Any:
    return _entries()[name].load()


def _present(adapter: Any) -> bool:
    return find_spec(adapter.requires) is not None


def _trouble(name: str) -> str:
    try:
        adapter = _class(name)
        if not _present(adapter):
            return MISSING
        adapter()
    except Exception:
        return "cannot be loaded"
    return ""
