"""The stored reports of all implementations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rnnspec.matrix import Matrix, gathered

FOLDER = Path(__file__).parents[1]


@cache
def reports() -> Matrix:
    """Implementations by claims, as ``docs/matrix`` has them."""
    return Matrix(gathered([str(file) for file in sorted((FOLDER / "matrix").glob("*.jsonl"))]))
