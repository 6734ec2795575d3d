"""Damage to what is read: of plain data, and of the bytes of a file."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> Any:
    """Something with one part taken out or replaced by anything."""
    if not isinstance(whole, (dict, list)) or not whole or draw(st.integers(0, 3)) == 0:
        return draw(JSON)
    parts = dict(whole) if isinstance(whole, dict) else dict(enumerate(whole))
    key = draw(st.sampled_from(sorted(parts)))
    if draw(st.integers(0, 4)):
        parts[key] = draw(damaged(parts[key]))
    else:
        del parts[key]
    return parts if isinstance(whole, dict) else list(parts.values())


@st.composite
def scratched(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file that was cut, or has a few other bytes in the place of some of its own."""
    start, length = draw(st.integers(0, len(whole))), draw(st.integers(0, 8))
    if draw(st.booleans()):
        return whole[:start]
    return whole[:start] + draw(st.binary(max_size=4)) + whole[start + length :]
