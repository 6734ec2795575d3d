"""What every adapter's scripts are held to: they answer a case as the adapter does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rnnspec.adapters.script_ import Scripted
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.replay import decoded_comparison, read
from rnnspec.reproduce import alone

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


def shown_alone(file: Path, adapter: Implementation) -> None:
    """The script of a stored counterexample, run: it shows numbers that are too far apart."""
    data = read(file)
    comparison = decoded_comparison(data["comparison"])
    code = alone(data, comparison, adapter)
    assert "rnnspec" not in code
    assert comparison is not None
    lines = [line for line in code.splitlines() if line and not line.startswith("#")]
    assert comparison.against is not None or len(lines) <= LONGEST
    left: dict[str, Any] = {}
    exec(compile(code, str(file), "exec"), left)
    observed, expected = (np.float64(left[name]) for name in ("observed", "expected"))
    assert np.float64(comparison.observed[comparison.worst]) == observed or np.isnan(observed)
    bound = comparison.bound[comparison.worst]
    assert not np.abs(observed - expected) <= bound
    assert not np.isnan(observed) or not np.isnan(expected)
