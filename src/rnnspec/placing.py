"""A file that is put in its place once it is whole."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnspec.reference.naming import shown
from rnnspec.usage import Usage


@contextmanager
def put(path: Path, *, force: bool) -> Iterator[Path]:
    """A file beside another, which takes its place where nothing is raised in here, and is gone
    where something is. Raises Usage where there is a file already, or none can be.
    """
    named, real = shlex.quote(str(path)), Path(os.path.realpath(path))
    if real.exists() and not real.is_file():
        raise Usage(f"{named} cannot be written: it is no file")
    if real.exists() and not force:
        raise Usage(f"{named} is there already: --force puts another in its place")
    new = real.parent / f".{real.name}.rnnspec"
    try:
        yield new
        os.replace(new, real)
    except (OSError, RuntimeError) as error:
        told = (error.strerror if isinstance(error, OSError) else None) or shown(str(error))
        raise Usage(f"{named} cannot be written: {told}") from None
    finally:
        new.unlink(missing_ok=True)
