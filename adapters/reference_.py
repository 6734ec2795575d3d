"""The reference itself, held to the specification like any other implementation."""

from __future__ import annotations

from rnnspec.reference.layer import ReferenceLayer


class Reference(ReferenceLayer):
    """Always installed: it needs what this package needs."""

    requires = "numpy"
    extra: str | None = None
