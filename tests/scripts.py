"""What every adapter's scripts are held to: they answer a case as the adapter does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rnnspec.adapters.script_ import Scripted, ScriptedBack, ScriptedCount, gradient
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import Network
from rnnspec.reference.precision import PRECISIONS
from rnnspec.replay import decoded_comparison, read
from rnnspec.reproduce import alone
from rnnspec.spec.claims.layer_gradients import cotangent

LONGEST = 30
"""How many lines a script may have."""
SHOWN = 4
"""How many of them show what was observed and expected."""
FEW = 4
"""Elements of each gradient that are looked at, or one more."""


def run(code: str | None, name: str = "<script>", more: int = SHOWN) -> dict[str, Any]:
    """What a script leaves: it is short, and knows nothing of this package."""
    assert code is not None
    assert "rnnspec" not in code
    said = [line for line in code.splitlines() if line and not line.startswith("#")]
    assert len(said) + more <= LONGEST, code
    left: dict[str, Any] = {}
    exec(compile(code, name, "exec"), left)
    return left


def script_of(adapter: Implementation, case: Case, off: float = 0.0) -> str:
    """The script for a case, run: it gives the same numbers as the adapter, to the last bit; or off
    by some units of rounding.
    """
    assert isinstance(adapter, Scripted)
    code = adapter.script(case)
    left = run(code, more=0)
    with adapter.session():
        parts = adapter.run(case).parts()
    for name, part in parts.items():
        found = np.asarray(left[name])
        assert found.shape == part.shape, name
        near = off * PRECISIONS[case.dtype].unit
        np.testing.assert_allclose(found.astype(np.float64), part, near, near, err_msg=name)
    assert code is not None
    return code


def gradients_of(adapter: Implementation, case: Case, *parts: str, off: float = 0.0) -> str:
    """The script that goes back from a part of the answer, or from several, run: a few elements of
    every gradient are what the adapter gives, to the last bit; or off by some units of rounding,
    where one is traced as a whole and the other is not.
    """
    assert isinstance(adapter, ScriptedBack)
    cotangents = {part: each for part in parts for each in cotangent(case, part).values()}
    code = adapter.script(case, cotangents)
    left = run(code)
    with adapter.session():
        found = adapter.gradients(case, cotangents)
    assert found is not None
    unit = PRECISIONS[case.dtype].unit
    for name, part in found.parts().items():
        for index in [*np.ndindex(part.shape)][:: 1 + part.size // FEW]:
            element = gradient(adapter, case, name, index)
            assert element is not None, name
            observed, allowed = float(eval(element, left)), off * unit * np.abs(part).max()
            assert abs(observed - part[index]) <= allowed, f"{name} {element}"
    assert code is not None
    return code


def count_of(adapter: Implementation, network: Network) -> None:
    """The script that counts, run: it counts as the adapter does."""
    assert isinstance(adapter, ScriptedCount)
    assert run(adapter.counting(network))["count"] == adapter.count(network)


def shown_alone(file: Path, adapter: Implementation) -> None:
    """The script of a stored counterexample, run: it shows numbers that are too far apart; or, of a
    backward pass that gave no number, NaN.
    """
    data = read(file)
    comparison = decoded_comparison(data["comparison"])
    twice = comparison is not None and comparison.against is not None
    left = run(alone(data, comparison, adapter), str(file), -LONGEST if twice else 0)
    if comparison is None:
        assert isinstance(adapter, ScriptedBack)
        gradients = (np.asarray(eval(name, left)) for name in adapter.leaves(data["call"]))
        assert any(np.isnan(each).any() for each in gradients)
        return
    observed, expected = (np.float64(left[name]) for name in ("observed", "expected"))
    assert np.float64(comparison.observed[comparison.worst]) == observed or np.isnan(observed)
    bound = comparison.bound[comparison.worst]
    assert not np.abs(observed - expected) <= bound
    assert not np.isnan(observed) or not np.isnan(expected)
