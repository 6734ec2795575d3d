"""``rnnspec.conformance``: the claims on an adapter of one's own, inside one's own test suite.

(A module of the function's own name would hide it.)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.machinery import PathFinder
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from rnnspec.catalogue import Hindered, Unusable
from rnnspec.claim_tests import ClaimTests
from rnnspec.pytest_plugin import PATH
from rnnspec.reference.implementation import Implementation
from rnnspec.runner import selected
from rnnspec.spec.search import PROFILES
from rnnspec.spec.trial import told


def conformance(
    adapter: Callable[[], Implementation] | Implementation,
    *,
    only: str | Iterable[str] | None = None,
    profile: str | None = None,
    seed: int | None = None,
    waivers: str | Path | None = None,
) -> Callable[..., None]:
    """A test for each claim, or for those that match ``only`` (a pattern, or several).

    ``test_conformance = rnnspec.conformance(MyAdapter)`` in a test module gives tests whose ids are
    ``test_mine.py::test_conformance[lstm.cell-state]``. The adapter is a class, a callable without
    arguments, or an instance; a class or callable is first called when a claim is run. A waiver
    file is looked for in the test module's folder. What isn't given comes from the command line:
    ``--rnnspec-profile``, ``--rnnspec-seed`` and ``--rnnspec-waivers``.
    """
    own: Any = adapter
    ready = not isinstance(own, type) and hasattr(own, "conventions")
    if not ready and not callable(own):
        raise _wrong(f"the adapter is {adapter!r}: give a class, a callable, or an instance")
    only = [only] if isinstance(only, str) else only and list(only)
    labels = selected(only)
    if not labels:
        patterns = " or ".join(map(repr, only or []))
        raise _wrong(f"no claim matches {patterns}: 'rnnspec list' names them all")
    if profile is not None and profile not in PROFILES:
        raise _wrong(f"there is no profile {profile!r}: use one of {', '.join(PROFILES)}")
    if seed is not None and (type(seed) is not int or seed < 0):
        raise _wrong(f"the seed is {seed!r}: it must be a whole number from 0 on")

    def load() -> Implementation:
        try:
            made: Implementation = own if ready else own()
            obstacle = made.obstacle() if isinstance(made, Hindered) else None
        except (Exception, SystemExit) as error:
            name = getattr(own, "__qualname__", repr(own))
            raise Unusable(f"the adapter {name} cannot be made: {told(error)}") from None
        if obstacle is not None:
            raise Unusable(f"the adapter {made.name!r} {obstacle}")
        return made

    @cache
    def claims(config: pytest.Config, folder: Path) -> ClaimTests:
        spec = spec_of(own, config.invocation_params.dir)
        file = None if waivers is None else folder / waivers
        return ClaimTests(config, load, spec, profile, seed, file)

    def run(label: str, request: pytest.FixtureRequest) -> None:
        __tracebackhide__ = True
        claims(request.config, request.path.parent).run(label, request.node)

    # it may also stand in a class, and is found where it was asked for, all in one line
    test: Any = lambda self=None, /, *, label, request: run(label, request)  # noqa: E731
    test.__name__, place = "conforms", sys._getframe(1)
    file, line = place.f_code.co_filename, place.f_lineno
    test.__code__ = test.__code__.replace(co_filename=file, co_firstlineno=line)
    conforms: Callable[..., None] = pytest.mark.parametrize("label", labels)(test)
    return conforms


def _wrong(sentence: str) -> Exception:
    """What pytest tells of a test module without a traceback."""
    return pytest.Collector.CollectError(f"rnnspec.conformance: {sentence}")


def spec_of(adapter: Any, here: Path) -> str | None:
    """``module:Class``, if a command line that is started here finds an adapter by that."""
    module, path = (getattr(adapter, name, "") for name in ("__module__", "__qualname__"))
    try:
        top = module.partition(".")[0]
        own = attrgetter(path)(sys.modules[module]) is adapter
        origin = getattr(sys.modules[top].__spec__, "origin", None)
    except (AttributeError, KeyError):  # made within a function, or by pytest alone
        return None
    found = PathFinder.find_spec(top, [str(here), *PATH])
    return f"{module}:{path}" if own and found and found.origin == origin else None
