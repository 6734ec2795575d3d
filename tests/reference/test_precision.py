"""The number formats: rounding against NumPy, against torch, against the list of all numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rnnspec.reference.operations import Array
from rnnspec.reference.precision import ABSOLUTE, PRECISIONS, RELATIVE

NUMPY: dict[str, type[np.floating[Any]]] = {
    "float16": np.float16,
    "float32": np.float32,
    "float64": np.float64,
}
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan])


def same(a: Array, b: Array) -> bool:
    """Equal, signs of zero included; NaN equals NaN."""
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a), np.signbit(b))


def all_of(name: str) -> Array:
    """Every number of a 16-bit format from zero up, in order; in place of infinity, what would be
    the next number."""
    if name == "float16":
        finite = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float64)
        return np.append(finite, 2.0**16)
    patterns = np.arange(0x7F80, dtype=np.uint32) << 16
    return np.append(patterns.view(np.float32).astype(np.float64), 2.0**128)


def between(numbers: Array) -> Array:
    """All numbers, what lies half-way between neighbours, and what lies next to those."""
    halves = (numbers[:-1] + numbers[1:]) / 2
    return np.concatenate([numbers, *(np.nextafter(halves, to) for to in (-1.0, halves, np.inf))])


def spread(name: str) -> Array:
    """Numbers of every size that a format knows, and beyond both ends of its range."""
    precision, random = PRECISIONS[name], np.random.default_rng(0)
    low, high = precision.emin - precision.digits - 3, np.log2(precision.largest) + 2
    numbers = 2.0 ** random.uniform(low, min(high, 1023), 20_000)
    return np.concatenate([numbers, -numbers, SPECIAL])


@pytest.mark.parametrize("name", NUMPY)
def test_constants_are_those_of_numpy(name: str) -> None:
    precision, info = PRECISIONS[name], np.finfo(NUMPY[name])
    assert precision.digits == info.nmant + 1
    assert precision.unit == float(info.eps) / 2
    assert precision.emin == info.minexp
    assert precision.largest == float(info.max)


def test_constants_of_bfloat16_are_those_of_its_numbers() -> None:
    precision, numbers = PRECISIONS["bfloat16"], all_of("bfloat16")
    after_one = numbers[np.searchsorted(numbers, 1.0) + 1]
    assert precision.unit == (after_one - 1) / 2
    assert precision.largest == numbers[-2]
    assert 2.0**precision.emin == precision.tiny == numbers[0x80]


def test_tiny_is_where_numbers_stop_being_accurate() -> None:
    """The smallest normal number; for float16, whose kernels keep them, the smallest of all."""
    assert PRECISIONS["float64"].tiny == np.finfo(np.float64).tiny
    assert PRECISIONS["float32"].tiny == np.finfo(np.float32).tiny
    assert PRECISIONS["float16"].tiny == np.finfo(np.float16).smallest_subnormal


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_rounds_to_the_nearest_of_all_numbers_and_ties_to_even(name: str) -> None:
    """Around every number that there is: subnormals, and the end of the range, included."""
    numbers = all_of(name)
    points = between(numbers)
    above = np.clip(np.searchsorted(numbers, points), 1, len(numbers) - 1)
    half = (numbers[above - 1] + numbers[above]) / 2
    up = (points > half) | ((points == half) & (above % 2 == 0))
    nearest = np.where(up, above, above - 1)
    expected = np.append(numbers[:-1], np.inf)[nearest]
    assert same(PRECISIONS[name].round(points), expected)
    assert same(PRECISIONS[name].round(-points), -expected)


@pytest.mark.parametrize("name", NUMPY)
def test_rounds_as_numpy_does(name: str) -> None:
    points = spread(name)
    with np.errstate(over="ignore"):
        expected = points.astype(NUMPY[name]).astype(np.float64)
    assert same(PRECISIONS[name].round(points), expected)


def test_rounds_ties_of_float32_as_numpy_does() -> None:
    patterns = np.random.default_rng(0).integers(0, 0x7F7FFFFF, 20_000, dtype=np.uint32)
    below, above = patterns.view(np.float32), (patterns + 1).view(np.float32)
    ties = (below.astype(np.float64) + above.astype(np.float64)) / 2
    assert same(PRECISIONS["float32"].round(ties), ties.astype(np.float32).astype(np.float64))


def test_rounds_bfloat16_as_torch_does() -> None:
    """From float32: torch goes from float64 to bfloat16 by way of it, and rounds twice."""
    torch = pytest.importorskip("torch")
    points = PRECISIONS["float32"].round(spread("bfloat16"))
    expected = torch.from_numpy(points).to(torch.bfloat16).to(torch.float64).numpy()
    assert same(PRECISIONS["bfloat16"].round(points), expected)


@pytest.mark.parametrize("name", PRECISIONS)
def test_the_largest_numbers_of_float64_round_in_silence(name: str) -> None:
    """To infinity, in any narrower format: no warning on the way."""
    largest = np.finfo(np.float64).max
    expected = largest if name == "float64" else np.inf
    assert same(PRECISIONS[name].round(np.array([largest, -largest])), expected * np.array([1, -1]))


@pytest.mark.parametrize("name", PRECISIONS)
def test_what_is_rounded_stays_and_keeps_its_shape(name: str) -> None:
    precision = PRECISIONS[name]
    once = precision.round(spread(name)[:-5].reshape(-1, 8))
    assert once.shape == (5000, 8)
    assert once.dtype == np.float64
    assert same(precision.round(once), once)
    assert precision.round(np.array(1.0)).shape == ()


@pytest.mark.parametrize("name", PRECISIONS)
def test_no_rounding_is_off_by_more_than_the_unit_and_tiny(name: str) -> None:
    precision, points = PRECISIONS[name], spread(name)[:-5]
    rounded = precision.round(points)
    inside = np.isfinite(rounded)
    error = np.abs(rounded - points)[inside]
    assert np.all(error <= np.maximum(precision.unit * np.abs(points[inside]), precision.tiny))


def test_the_levels_are_those_that_are_documented() -> None:
    """Conventions, which nothing else in the arithmetic follows from: ``docs/bounds.md``."""
    assert (RELATIVE.relative, RELATIVE.absolute) == (32, 0)
    assert (ABSOLUTE.relative, ABSOLUTE.absolute) == (0, 10)
