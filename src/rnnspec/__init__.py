"""An executable specification of recurrent layers, and the suite that holds others to it.

``rnnspec.run(implementation)`` gives the outcome of every claim, ``rnnspec.explain(outcome)`` tells
a counterexample in words, ``rnnspec.unroll(case)`` is what the reference computes.
``rnnspec.weights_of(layer)`` reads the weights of a framework's own layer, and
``rnnspec.load_into(layer, weights)`` writes them into another. The rest are the nouns that an
implementation of one's own needs. Each is imported when it is first used: importing this package
imports nothing else.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnspec.conformance_ import conformance as conformance
    from rnnspec.console import explain as explain
    from rnnspec.live import load_into as load_into
    from rnnspec.live import weights_of as weights_of
    from rnnspec.reference.carrying import Held as Held
    from rnnspec.reference.carrying import Uncarried as Uncarried
    from rnnspec.reference.case import Answer as Answer
    from rnnspec.reference.case import Case as Case
    from rnnspec.reference.conventions import Conventions as Conventions
    from rnnspec.reference.conventions import pack as pack
    from rnnspec.reference.implementation import Implementation as Implementation
    from rnnspec.reference.implementation import Refused as Refused
    from rnnspec.reference.network import Network as Network
    from rnnspec.reference.network import Place as Place
    from rnnspec.reference.precision import ABSOLUTE as ABSOLUTE
    from rnnspec.reference.precision import RELATIVE as RELATIVE
    from rnnspec.reference.unroll import unroll as unroll
    from rnnspec.runner import run as run
    from rnnspec.spec.claims import CLAIMS as CLAIMS

_HOMES = {
    "ABSOLUTE": "reference.precision",
    "Answer": "reference.case",
    "CLAIMS": "spec.claims",
    "Case": "reference.case",
    "Conventions": "reference.conventions",
    "Held": "reference.carrying",
    "Implementation": "reference.implementation",
    "Network": "reference.network",
    "Place": "reference.network",
    "RELATIVE": "reference.precision",
    "Refused": "reference.implementation",
    "Uncarried": "reference.carrying",
    "conformance": "conformance_",
    "explain": "console",
    "load_into": "live",
    "pack": "reference.conventions",
    "run": "runner",
    "unroll": "reference.unroll",
    "weights_of": "live",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("rnnspec")
    if name in _HOMES:
        return getattr(import_module(f"rnnspec.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'rnnspec' has no attribute {name!r}")
