"""Where an implementation comes from: an adapter, here or in a process of its own, or a command."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnspec import catalogue

if TYPE_CHECKING:
    from rnnspec.reference.implementation import Implementation

TIMEOUT = 60.0
"""Seconds in which a process must answer, where nothing else is asked for."""


@dataclass(frozen=True)
class Source:
    """Either an adapter, or a command that starts a process which speaks the protocol."""

    adapter: str | None = None
    command: str = ""
    isolate: bool = False
    """Whether the adapter has a process of its own, so that a crash costs one case."""
    timeout: float = TIMEOUT

    def __str__(self) -> str:
        if self.adapter is None:
            return f"the command {self.command!r}"
        return f"the adapter {self.adapter!r}"

    def load(self) -> Implementation:
        """The implementation. Raises catalogue.Unusable."""
        if self.adapter is not None and not self.isolate:
            return catalogue.load(self.adapter)
        if self.adapter is not None:
            return self._process([sys.executable, "-m", "rnnspec.serve", self.adapter])
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise catalogue.Unusable(f"{self} cannot be read: {error}") from None
        if not words:
            raise catalogue.Unusable("the command is empty: name a program and its arguments")
        return self._process(words)

    def _process(self, words: list[str]) -> Implementation:
        from rnnspec.adapters.process_ import ProcessLayer
        from rnnspec.reference.encoding import Malformed
        from rnnspec.reference.implementation import Lost

        try:
            return ProcessLayer(words, self.timeout)
        except (Lost, Malformed) as error:
            raise catalogue.Unusable(f"{self} cannot be used: {error}") from None

    def owns(self, implementation: Implementation) -> bool:
        """Whether an implementation from here may have the name that it has."""
        named = self.isolate and self.adapter is not None
        own = catalogue.found(self.adapter or "") if named else type(implementation)
        return catalogue.owns(own, implementation.name)

    def again(self, name: str = "") -> list[str]:
        """What goes onto a command line to have it again; nothing where such a name is enough."""
        words = ["--isolate"] if self.isolate else []
        if self.adapter is None:
            words.append(f"--command {shlex.quote(self.command)}")
        elif self.adapter != name:
            words.append(f"--adapter {shlex.quote(self.adapter)}")
        return words if self.timeout == TIMEOUT else [*words, f"--timeout {self.timeout:g}"]
