"""Wrong usage, and files that cannot be used: said in a sentence."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rnnspec.reference.encoding import Malformed

PAGE = {".html": "a page for a browser"}
"""How the name of a page ends."""


class Usage(Exception):
    """Wrong usage, in a sentence."""


@contextmanager
def reading(name: str, form: str) -> Iterator[None]:
    """A file is read in here, as a form of file. Raises Usage where that can't be."""
    try:
        yield
    except OSError as error:
        raise Usage(f"{shlex.quote(name)} cannot be read: {error.strerror or error}") from None
    except Malformed as error:
        raise Usage(f"{shlex.quote(name)} is no {form}: {error}") from None


def ending(name: str, known: Mapping[str, str]) -> str:
    """How the name of a file to be written ends, which decides its form. Raises Usage where that
    is none of those that are known.
    """
    for end in known:
        if name.lower().endswith(end):
            return end
    forms = " or ".join(f"{end} ({form})" for end, form in known.items())
    raise Usage(f"{shlex.quote(name)} does not say what is to be written: end it in {forms}")
