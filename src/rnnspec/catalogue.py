"""Which adapters there are, and whether they can be used. Knowing of them imports no framework.

Beside what every implementation has, an adapter's class may name the module or modules that it
``requires``, and the ``extra`` of this package that brings them. It may have an ``obstacle()``:
why, with all of them installed, it can't be used in this process (another has fixed what it needs
otherwise), or None. That may import the framework, so it is only asked of an adapter that is about
to be used.
"""

from __future__ import annotations

import os
import shlex
import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from rnnspec.reference.implementation import Implementation

GROUP = "rnnspec.adapters"
MISSING = "not installed"


class Unusable(Exception):
    """An adapter that is unknown, broken, or whose framework is not installed: in a sentence."""


@runtime_checkable
class Hindered(Protocol):
    """An adapter that is not always usable where its framework is installed."""

    def obstacle(self) -> str | None:
        """Why it can't be used in this process: what follows its name in a sentence."""


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
    """An adapter by its name, or the one of a class: ``package.module:Class``. Raises Unusable."""
    try:
        adapter = found(name)
        for module in _missing(adapter):
            extra = getattr(adapter, "extra", None)
            raise Unusable(
                f"{module} is not installed, and the adapter {name!r} needs it: "
                f"pip install {shlex.quote(f'rnnspec[{extra}]') if extra else module}"
            )
        made: Implementation = adapter() if callable(adapter) else adapter
        obstacle = made.obstacle() if isinstance(made, Hindered) else None
        if obstacle is not None:
            raise Unusable(f"the adapter {name!r} {obstacle}")
    except Unusable:
        raise
    except (Exception, SystemExit) as error:
        told = f"{type(error).__name__}: {error}"
        raise Unusable(f"the adapter {name!r} cannot be loaded: {told}") from None
    return made


def owns(own: Any, name: str) -> bool:
    """Whether an adapter's class may have a name: another one is known by it, unless that is a
    subclass (``keras`` is one of those on its backends).
    """
    return name not in names() or (isinstance(own, type) and issubclass(_class(name), own))


def found(name: str) -> Any:
    """An adapter's class, or what makes one. Raises Unusable, or what its module raises."""
    if name in names():
        return _class(name)
    module, colon, path = name.partition(":")
    if not colon:
        raise Unusable(
            f"there is no adapter {name!r}: use one of {', '.join(names())}, or name a class of "
            "your own as package.module:Class"
        )
    here = os.getcwd()
    if here not in sys.path:  # as with python -m: what is named is most often here
        sys.path.insert(0, here)
    found = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _class(name: str) -> Any:
    return _entries()[name].load()


def _missing(adapter: Any) -> list[str]:
    """The modules that it requires and that are not installed."""
    required = getattr(adapter, "requires", ())
    modules = (required,) if isinstance(required, str) else tuple(required)
    return [module for module in modules if find_spec(module) is None]


def _trouble(name: str) -> str:
    try:
        adapter = _class(name)
        if _missing(adapter):
            return MISSING
        adapter()
    except Exception:
        return "cannot be loaded"
    return ""
