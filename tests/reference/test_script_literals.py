"""Arrays as Python code."""

import numpy as np
import pytest

from rnnspec.adapters.script_ import literal


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((2, 3)), "np.zeros((2, 3))"),
        (np.full(3, 0.5), "np.full((3,), 0.5)"),
        (np.array([[0.5]]), "np.array([[0.5]])"),
        (np.array([-0.0, 0.0]), "np.array([-0.0, 0.0])"),
        (np.array([1.0, np.nan, -np.inf]), "np.array([1.0, np.nan, -np.inf])"),
        (np.zeros((0, 2, 3)), "np.zeros((0, 2, 3))"),
        (np.array([2, 1]), "np.array([2, 1])"),
    ],
)
def test_the_same_array_in_few_words(array: np.ndarray, text: str) -> None:
    assert literal(array) == text
    made = eval(text, {"np": np})
    np.testing.assert_array_equal(made, array)
    assert (made.shape, made.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(np.signbit(made), np.signbit(array))


def test_it_keeps_every_bit() -> None:
    array = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(eval(literal(array), {"np": np}), array)
    assert literal(array, "float32").endswith("'float32')")
