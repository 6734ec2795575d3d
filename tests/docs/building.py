"""What the tests of the documentation share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]

Build = Callable[[Path, Path], str]
"""Builds documents into a folder; returns what is said, "" where all is well."""
