"""What every implementation looks like from outside. The reference is one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Protocol

from rnnspec.reference.case import Answer, Case, Gradients
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.network import Network
from rnnspec.reference.operations import Array
from rnnspec.reference.precision import Level


class Refused(Exception):
    """A framework was asked for something declared as offered, and said no."""


class Lost(Exception):
    """An implementation in a process of its own is gone, or gives no answer any more."""


class Implementation(Protocol):
    """What an adapter provides; ``reference/network.py`` and ``case.py`` have the vocabulary.

    An adapter that is a subclass declares a name, conventions and levels, and answers cases in
    ``run``: what else it leaves out is not offered.
    """

    name: str
    """The id under which reports name it."""
    conventions: Mapping[str, Conventions]
    """What it offers and how it lays it out, by cell."""
    levels: Mapping[str, Level]
    """The accuracy that it declares for sigmoid and tanh, by every dtype that it offers."""

    ways: Mapping[str, str] = MappingProxyType({})
    """Other ways to the same layer, by the name that a case asks for them: each is a ``path``
    (packed, unrolled, compiled), a ``layout`` (batch-first, strided), or ``inference`` of a layer
    that drops out in training."""

    palette: Sequence[Mapping[str, int]] = ()
    """Where a call of new sizes is slow, since something is built or compiled for it: the sizes
    (``steps``, ``rows``, ``inputs``, ``units``) to keep to, as far as a claim allows; a size that
    one leaves out is free. Empty where every call is quick."""

    def versions(self) -> Mapping[str, str]:
        """The versions of what is under test, by package."""
        return {}

    def offers(self, network: Network) -> str | None:
        """None where the network is offered, or the reason why not: what the conventions say."""
        return self.conventions[network.cell].refuses(network)

    def session(self) -> AbstractContextManager[object]:
        """Everything is judged inside of this: one thread, and the caller's settings restored."""
        return nullcontext()

    def run(self, case: Case) -> Answer:
        """Answer a case. Raises Refused where the framework says no."""
        raise NotImplementedError(f"{type(self).__name__} has no run(case)")

    def gradients(self, case: Case, cotangents: Mapping[str, Array]) -> Gradients | None:
        """Go back through a case, from cotangents by part of the answer (each has its part's
        shape; a part without one has none). None where there is no backward pass.
        """
        return None

    def count(self, network: Network) -> int | None:
        """The number of parameters, read from the framework's own objects; None without any."""
        return None
