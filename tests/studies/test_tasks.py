"""Generated tasks: what is to be said is what it should be."""

from __future__ import annotations

import numpy as np
import pytest

from rnnspec.studies.tasks import WORDS, added, copied, counted, recalled, tagged, written


def test_a_symbol_is_recalled() -> None:
    task = recalled(np.random.default_rng(0), 3, steps=7, kinds=4, delay=2)
    symbols = task.inputs.argmax(axis=-1)
    assert np.array_equal(task.targets[2:], symbols[:-2])
    assert task.counts[2:].all()
    assert not task.counts[:2].any()


@pytest.mark.parametrize("letters", [2, 3])
def test_a_counted_word_is_settled_from_its_first_b_on(letters: int) -> None:
    task = counted([1, 3], letters, 4)
    assert len(task.inputs) == 4 * letters
    read = task.inputs.argmax(axis=-1)[:, 1]
    word = np.repeat(np.arange(letters), 3)
    assert np.array_equal(read[: len(word)], word)
    end = letters
    assert np.array_equal(task.targets[3 : len(word), 1], [*word[4:], end])
    assert np.array_equal(np.flatnonzero(task.counts[:, 1]), np.arange(3, len(word)))


def test_marked_numbers_are_added() -> None:
    task = added(np.random.default_rng(0), 50, steps=8)
    numbers, marks = task.inputs[..., 0], task.inputs[..., 1]
    assert np.array_equal(marks[:4].sum(axis=0), np.ones(50))
    assert np.array_equal(marks[4:].sum(axis=0), np.ones(50))
    assert np.allclose(task.targets[-1, :, 0], (numbers * marks).sum(axis=0) / 2)
    assert task.counts.sum() == 50


def test_a_word_is_copied_after_the_lag() -> None:
    task = copied(np.random.default_rng(0), 4, length=3, lag=5, kinds=4)
    read = task.inputs.argmax(axis=-1)
    assert np.array_equal(task.targets[-3:], read[:3])
    assert (read[3:8] == 4).all()
    assert (read[8:] == 5).all()


def test_the_best_score_of_tags_is_reached_by_who_knows_the_rule() -> None:
    task = tagged(np.random.default_rng(0), 2000, steps=10)
    symbols = task.inputs.argmax(axis=-1)
    before = np.concatenate([np.zeros((1, 2000), dtype=int), symbols[:-1]])
    right = ((symbols + before) % 5 == task.targets).mean()
    assert abs(right - 0.92) < 0.01


def test_the_probability_of_a_letter_is_that_of_the_language() -> None:
    """By counting: among texts alike so far, the right letter is as frequent as is said."""
    task, best = written(np.random.default_rng(0), 40_000, words=3)
    letters = np.concatenate([task.inputs.argmax(axis=-1), task.targets[-1:]])
    for at in (6, 7, 8):
        seen: dict[bytes, list[int]] = {}
        for row in range(letters.shape[1]):
            seen.setdefault(letters[:at, row].astype(np.int8).tobytes(), []).append(row)
        for rows in seen.values():
            if len(rows) > 300:
                for letter in set(letters[at, rows]):
                    chosen = [row for row in rows if letters[at, row] == letter]
                    said = best[at - 1, chosen]
                    assert np.all(said == said[0])
                    assert abs(len(chosen) / len(rows) - said[0]) < 0.1


def test_two_letters_settle_a_word() -> None:
    assert len({tuple(word[:2]) for word in WORDS}) == len(WORDS)
