"""Choices put together so that every few of them meet: a systematic plan, with nothing drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

Chosen = str | int | float
Row = Mapping[str, Chosen]


def covering(choices: Mapping[str, Sequence[Chosen]], strength: int) -> Iterator[Row]:
    """Rows with one value of each name, in which any ``strength`` names have every combination of
    their values. Each row takes the first combination that is still missing, and then, name by
    name, the value that meets most others for the first time: the least used where several do.
    """
    missing = {
        tuple(zip(names, values, strict=True)): None
        for names in combinations(choices, strength)
        for values in product(*(choices[name] for name in names))
    }
    used = {(name, value): 0 for name, values in choices.items() for value in values}
    while missing:
        row = dict(next(iter(missing)))
        for name in (each for each in choices if each not in row):

            def gain(value: Chosen, name: str = name, row: Row = row) -> tuple[int, int]:
                known = [each for each in choices if each in row or each == name]
                at = {**row, name: value}
                met = sum(
                    tuple((each, at[each]) for each in names) in missing
                    for names in combinations(known, strength)
                    if name in names
                )
                return met, -used[name, value]

            row[name] = max(choices[name], key=gain)
        for names in combinations(choices, strength):
            missing.pop(tuple((each, row[each]) for each in names), None)
        for pair in row.items():
            used[pair] += 1
        yield {name: row[name] for name in choices}
