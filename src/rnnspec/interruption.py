"""Being asked to stop. An exception in a handler may be lost, in a callback of C for instance, so
it is also remembered, and raised again between two examples.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_asked: list[int] = []
_holding: list[int] = []
"""How often it had been asked when what must not be cut began."""


def _stop(number: int, frame: object) -> None:
    _asked.append(128 + number)
    if not _holding or len(_asked) > _holding[0] + 1:
        raise KeyboardInterrupt(128 + number)


@contextmanager
def held() -> Iterator[None]:
    """What is done in here is done whole: being asked to stop waits for its end, but not twice."""
    before = len(_asked)
    _holding.append(before)
    try:
        yield
    finally:
        _holding.pop()
    if not _holding and len(_asked) > before:
        raise KeyboardInterrupt(_asked[-1])


def listen() -> None:
    """From now on, Ctrl-C and a request to end raise KeyboardInterrupt with the exit status."""
    before = sys.unraisablehook

    def lost(what: Any) -> None:
        if not (_asked and issubclass(what.exc_type, KeyboardInterrupt)):
            before(what)  # what is remembered needs no word from Python

    sys.unraisablehook = lost
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGINT, _stop)


def check() -> None:
    """Raises KeyboardInterrupt where that was asked for and lost."""
    if _asked:
        raise KeyboardInterrupt(_asked[0])
