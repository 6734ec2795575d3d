"""Generated tasks in which the right answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rnnspec.reference.training import Examples

Draw = np.random.Generator
Symbols = npt.NDArray[np.int64]


def one_hot(symbols: Symbols, kinds: int) -> npt.NDArray[np.float64]:
    """``(T, N)`` symbols as ``(T, N, kinds)``."""
    return np.eye(kinds)[symbols]


def recalled(draw: Draw, rows: int, steps: int = 20, kinds: int = 4, delay: int = 2) -> Examples:
    """At each step the symbol of some steps before is to be said: a short memory is enough."""
    symbols = draw.integers(kinds, size=(steps, rows))
    targets = np.roll(symbols, delay, axis=0)
    counts = np.broadcast_to(np.arange(steps)[:, None] >= delay, symbols.shape)
    return Examples(one_hot(symbols, kinds), targets, counts)


def counted(repeats: Sequence[int], letters: int, most: int) -> Examples:
    """Words a^n b^n (of two letters) or a^n b^n c^n (of three): the next letter is to be said
    wherever it is settled, from the first b to the end, which is a letter of its own (the last).

    All are as long as the one of ``most`` repeats; what is past an end does not count.
    """
    steps = letters * most
    symbols = np.full((steps + 1, len(repeats)), letters)
    for row, n in enumerate(repeats):
        symbols[: letters * n, row] = np.repeat(np.arange(letters), n)
    at, begun = np.arange(steps)[:, None], np.asarray(repeats)[None]
    settled = (at >= begun) & (at < letters * begun)
    return Examples(one_hot(symbols[:-1], letters + 1), symbols[1:], settled)


def added(draw: Draw, rows: int, steps: int) -> Examples:
    """Two numbers of a sequence are marked, one in each half: their mean is to be said at the end
    (the adding problem of Hochreiter & Schmidhuber 1997, halved).
    """
    numbers = draw.uniform(size=(steps, rows))
    marks = np.zeros((steps, rows))
    for half in (0, steps // 2):
        marks[draw.integers(half, half + steps // 2, size=rows), np.arange(rows)] = 1.0
    targets = np.zeros((steps, rows, 1))
    targets[-1, :, 0] = (numbers * marks).sum(axis=0) / 2
    counts = np.zeros((steps, rows), dtype=bool)
    counts[-1] = True
    return Examples(np.stack([numbers, marks], axis=-1), targets, counts)


def copied(draw: Draw, rows: int, length: int, lag: int, kinds: int = 4) -> Examples:
    """Some symbols, a lag of blanks, a signal: then the symbols are to be said in their order."""
    word = draw.integers(kinds, size=(length, rows))
    blanks = np.full((lag, rows), kinds)
    signals = np.full((length, rows), kinds + 1)
    symbols = np.concatenate([word, blanks, signals])
    targets = np.concatenate([np.zeros_like(word), np.zeros_like(blanks), word])
    counts = np.zeros(symbols.shape, dtype=bool)
    counts[-length:] = True
    return Examples(one_hot(symbols, kinds + 2), targets, counts)


def tagged(draw: Draw, rows: int, steps: int = 20, kinds: int = 5, noise: float = 0.1) -> Examples:
    """A tag for each symbol, settled by it and the one before it, and drawn anew with a probability
    of ``noise``. The best that can be expected is ``1 - noise * (kinds - 1) / kinds``.
    """
    symbols = draw.integers(kinds, size=(steps, rows))
    before = np.concatenate([np.zeros((1, rows), dtype=np.int64), symbols[:-1]])
    tags = (symbols + before) % kinds
    anew = draw.uniform(size=tags.shape) < noise
    tags = np.where(anew, draw.integers(kinds, size=tags.shape), tags)
    return Examples(one_hot(symbols, kinds), tags, np.ones(tags.shape, dtype=bool))


WORDS = np.array(
    [[0, 1, 2], [0, 2, 1], [1, 0, 0], [1, 2, 3], [2, 1, 3], [2, 3, 0], [3, 0, 1], [3, 3, 2]]
)
"""Of three letters out of four; the first two settle which it is."""


def written(draw: Draw, rows: int, words: int = 12) -> tuple[Examples, npt.NDArray[np.float64]]:
    """Text of words, words of letters: the next letter is to be said. The next word is one of two,
    which the last two words settle. With the probability of each right letter, to one who knows
    both levels: ``(T, N)``.
    """
    told = np.empty((words, rows), dtype=np.int64)
    told[:2] = draw.integers(len(WORDS), size=(2, rows))
    for k in range(2, words):
        told[k] = (told[k - 1] + 3 * told[k - 2] + 5 * draw.integers(2, size=rows)) % len(WORDS)
    letters = WORDS[told].transpose(0, 2, 1).reshape(-1, rows)
    best = np.ones(letters.shape)
    for k in range(2, words):
        one, other = (WORDS[(told[k - 1] + 3 * told[k - 2] + 5 * b) % len(WORDS)] for b in range(2))
        right = WORDS[told[k]]
        first = one[:, 0] == other[:, 0]
        best[3 * k] = np.where(first, 1.0, 0.5)
        second = one[:, 1] == other[:, 1]
        best[3 * k + 1] = np.where(first & ~second, 0.5, 1.0)
        best[3 * k + 2] = np.where(first & second & (one[:, 2] != other[:, 2]), 0.5, 1.0)
        assert np.all((right == one).all(-1) | (right == other).all(-1))
    counts = np.broadcast_to(np.arange(len(letters) - 1)[:, None] >= 5, letters[1:].shape)
    return Examples(one_hot(letters[:-1], 4), letters[1:], counts), best[1:]
