"""What every adapter's scripts are held to: they answer a case as the adapter does."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnspec.adapters.script_ import Scripted
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation

LONGEST = 30
"""How many lines a script may have."""


def script_of(adapter: Implementation, case: Case) -> str:
    """The script for a case, run: it knows nothing of this package, and gives the same numbers as
    the adapter to the last bit.
    """
    assert isinstance(adapter, Scripted)
    code = adapter.script(case)
    assert code is not None
    assert "rnnspec" not in code
    assert len(code.splitlines()) <= LONGEST
    left: dict[str, Any] = {}
    exec(compile(code, "<script>", "exec"), left)
    with adapter.session():
        parts = adapter.run(case).parts()
    for name, part in parts.items():
        found = np.asarray(left[name])
        assert found.shape == part.shape, name
        np.testing.assert_array_equal(found.astype(np.float64), part, err_msg=name)
    return code
