"""Where Hypothesis keeps notes, in a process that is not this program's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis.configuration import set_hypothesis_home_dir, storage_directory


@contextmanager
def elsewhere() -> Iterator[None]:
    """Within this, Hypothesis keeps its notes in the folder for temporary files, and no database.

    It would write down what it has read in the sources around, in the user's folder. What other
    tests keep with it stays where it is, which is why no variable of the environment is set:
    Hypothesis reads it once, for all.
    """
    home: Any = storage_directory(intent_to_write=False)
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "rnnspec-hypothesis")
    try:
        yield
    finally:
        set_hypothesis_home_dir(getattr(home, "home_directory", home))  # older ones: a path
