"""Which adapters there are, and whether their frameworks are installed. Imports no framework."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnspec.reference.implementation import Implementation

GROUP = "rnnspec.adapters"


class UnknownAdapter(LookupError):
    """No adapter has that name."""


class NotInstalled(ImportError):
    """An adapter's framework is not installed."""


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def names() -> list[str]:
    """Every adapter known, the reference first."""
    return sorted(_entries(), key=lambda name: (name != "reference", name))


def installed() -> list[str]:
    """The adapters whose frameworks are installed."""
    return [name for name in names() if _present(_class(name))]


def load(name: str) -> Implementation:
    """An adapter by name. Raises UnknownAdapter or NotInstalled, in a sentence."""
    if name not in names():
        raise UnknownAdapter(f"there is no adapter {name!r}: use one of {', '.join(names())}")
    adapter = _class(name)
    if not _present(adapter):
        raise NotInstalled(
            f"{adapter.requires} is not installed, and the adapter {name!r} needs it: "
            f"pip install 'rnnspec[{adapter.extra}]'"
        )
    made: Implementation = adapter()
    return made


def _class(name: str) -> Any:
    return _entries()[name].load()


def _present(adapter: Any) -> bool:
    return find_spec(adapter.requires) is not None
