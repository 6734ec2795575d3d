"""One layer's weights from a file of one framework into a file of another, and the proof."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnspec import catalogue
from rnnspec.placing import put
from rnnspec.reference.carrying import Held, Uncarried, cast, fitted
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.naming import Said
from rnnspec.reference.network import plural
from rnnspec.usage import Usage
from rnnspec.weight_files import Found, Framework, framework_of, listed


class Wanted(NamedTuple):
    """What a conversion is asked to do."""

    source: Path
    target: Path
    of: str | None = None
    """The framework whose names the source has, where its suffix does not say."""
    to: str | None = None
    prefixes: Sequence[str] = ()
    said: Said = Said()
    dtype: str | None = None
    """Of the target, where it is not that of the source."""
    prove: bool = True
    force: bool = False


class Different(Exception):
    """The two are not the same function: what was done, a line each."""


def convert(wanted: Wanted) -> list[str]:
    """Write the file: what was done, a line each. Raises Usage where it cannot be done, and
    Different where it was wrong; then there is no file.
    """
    source, form = framework_of(wanted.source, wanted.of, "from")
    target, suffix = framework_of(wanted.target, wanted.to, "to")
    named = shlex.quote(str(wanted.target))
    if os.path.realpath(wanted.source) == os.path.realpath(wanted.target):
        raise Usage(f"{named} is what is read: give another file")
    with put(wanted.target, force=wanted.force) as new:
        found = source.read(wanted.source, form, wanted.prefixes, wanted.said)
        given, cell = found.held, found.held.network.cell
        try:
            given, rounded = cast(given, wanted.dtype or given.dtype)
            held, done = fitted(given, target.adapter.conventions[cell], target.offers)
        except Uncarried as error:
            raise Usage(f"{target.name} cannot have it: {error}") from None
        if held.dtype not in target.dtypes:
            some = " or ".join(target.dtypes)
            raise Usage(f"{target.name} does not compute in {held.dtype}: say --dtype {some}")
        target.write(new, suffix, held)
        back = target.read_back(new, suffix, held)
        if not _same(held, back):
            raise Usage(f"{named} does not hold what was written to it")
        lines = [*_told(found), *rounded, *done]
        if wanted.prove:
            lines += _proof(source, given, target, back, lines)
        else:
            lines.append("not proven: --no-proof")
    return [*lines, f"{named} is written, in the names of {target.name}"]


def _told(found: Found) -> Iterator[str]:
    names = ", ".join(map(listed, ([one] for one in found.prefixes)))
    yield f"found {names}: {found.held}"
    if found.left:
        others = f", those of {listed(found.others)} among them" if found.others else ""
        yield f"left out: {plural(found.left, 'tensor')} of other layers{others}"


def _same(one: Held, other: Held) -> bool:
    """Every number."""
    return one.network == other.network and all(
        np.array_equal(one.weights[at], other.weights[at], equal_nan=True) for at in one.weights
    )


def _proof(
    source: Framework, held: Held, target: Framework, other: Held, before: Sequence[str]
) -> list[str]:
    """Run both layers and compare them: what that says. Raises Different, Usage."""
    from rnnspec.proof import Unproven, proven

    (one, own), (two, more) = _runner(source, held), _runner(target, other)
    try:
        proof = proven(one, held, two, other)
    except Unproven as error:
        raise Usage(f"it is not proven, and not written without --no-proof: {error}") from None
    told = [*own, *more, f"{one.name} and {two.name}: {proof}"]
    if not proof.same:
        raise Different([*before, *told])
    return told


def _runner(framework: Framework, held: Held) -> tuple[Implementation, list[str]]:
    """What runs a framework's layer: the reference where the framework cannot, which is told."""
    set_to = f"{framework.name}-{os.environ.get('KERAS_BACKEND')}"
    reasons = []
    for name in sorted(framework.adapters, key=lambda name: name != set_to):
        try:
            adapter = catalogue.load(name)
        except catalogue.Unusable as error:
            reasons.append(str(error))
            continue
        refused = adapter.offers(held.network)
        if held.dtype not in adapter.levels:
            refused = f"it does not compute in {held.dtype}"
        if refused is None:
            return adapter, []
        reasons.append(f"{name}: {refused}")
    told = f"{framework.name} is not run, and the reference stands in for it: {reasons[0]}"
    return catalogue.load("reference"), [told]
