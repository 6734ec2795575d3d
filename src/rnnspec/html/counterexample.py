"""A counterexample on a page: in words, as arrays, and as scripts to paste."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from rnnspec import catalogue
from rnnspec.console import explain
from rnnspec.html.text import block, escaped
from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.operations import Array
from rnnspec.replay import decoded, decoded_comparison
from rnnspec.report import Line, outcome_of
from rnnspec.reproduce import Unsaid, alone, with_us
from rnnspec.source import Source
from rnnspec.spec.trial import Comparison, visible

MOST = 4096
"""Numbers of a counterexample, all its arrays together: where there are more, the file has them."""


class Scripts:
    """An adapter's scripts, as far as it can be asked here: no framework is missing, and nothing
    that a report names is imported, unless it is an adapter that is known.
    """

    def __init__(self, adapter: str) -> None:
        self.adapter, self.known = adapter, adapter in catalogue.names()

    @cached_property
    def _asked(self) -> Implementation | str:
        """The adapter, or why it can't be asked."""
        if not self.known:
            return f"no adapter that is known here is named {self.adapter!r}"
        try:
            if not hasattr(catalogue.found(self.adapter), "script"):
                return f"the adapter {self.adapter!r} writes no scripts of its framework"
            return catalogue.load(self.adapter)
        except Exception as error:  # a broken adapter, too, is no reason to write no page
            return str(error)

    def ours(self, data: Mapping[str, Any]) -> str:
        """A script that tries the claim again."""
        return with_us(data, Source(self.adapter))

    def alone(self, data: Mapping[str, Any], comparison: Comparison | None) -> str:
        """A script of the framework alone. Raises Unsaid."""
        if isinstance(self._asked, str):
            raise Unsaid(self._asked)
        try:
            return alone(data, comparison, self._asked)
        except Unsaid:
            raise
        except Exception as error:  # nor is an adapter's own mistake
            raise Unsaid(f"{type(error).__name__}: {error}") from None


def pieces(line: Line, scripts: Scripts) -> Iterator[str]:
    """What is shown of a counterexample, what matters most first. Raises Malformed where it is
    none.
    """
    data = decoded(line["counterexample"])
    comparison = decoded_comparison(data.get("comparison"))
    label = line["claim"]
    words = block(visible(explain(outcome_of(line))), f"{label}: as arrays")
    yield f"<h5>As arrays</h5>{words}"
    try:
        yield script("As a script of the framework alone", scripts.alone(data, comparison), label)
    except Unsaid as error:
        why = f"There is none of the framework alone: {error}."
        yield f'<p class="without">{escaped(why)}</p>'
    known = "" if scripts.known else (
        f"<p>No adapter of rnnspec is named {escaped(repr(scripts.adapter))}: put your own in its "
        "place, as <code>Source('package.module:Class')</code> or "
        "<code>Source(command='node peer.mjs')</code>.</p>"
    )  # fmt: skip
    yield script("As a script that tries the claim again", scripts.ours(data), label, known, "ours")
    yield _every_number(data, comparison)


def left_out(line: Line) -> str:
    """What to do where a page has no room for all of it."""
    command = f"rnnspec reproduce REPORT.jsonl --claim {shlex.quote(line['claim'])}"
    return (
        '<p class="without">There is no room here for more of it: the report has it whole, and '
        f"<code>{escaped(command)}</code> writes its script.</p>"
    )


def script(title: str, code: str, label: str, before: str = "", kind: str = "") -> str:
    """A script to paste, under a title."""
    shown = block(code, f"{label}: {title}")
    return f'<div class="paste {kind}"><h5>{title}</h5>{before}{shown}</div>'


def _every_number(data: Mapping[str, Any], comparison: Comparison | None) -> str:
    """The arrays whole, to the last bit."""
    case = comparison.case if comparison else data["case"]
    arrays = _arrays(case)
    if comparison is not None:
        names = ("observed", "expected", "bound")
        arrays |= {name: getattr(comparison, name) for name in names}
    numbers = sum(array.size for array in arrays.values())
    if numbers > MOST:
        return f'<p class="without">Its {numbers} numbers are in the report.</p>'
    rows = "".join(
        f'<tr><th scope="row">{escaped(name)}</th><td>{" by ".join(map(str, array.shape))}</td>'
        f"<td><code>{escaped(_exact(array))}</code></td></tr>"
        for name, array in arrays.items()
    )  # fmt: skip
    return (
        f"<details><summary>Every number of it, in {escaped(case.dtype)}</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="every number">'
        f'<table class="arrays"><thead><tr><th scope="col">array</th><th scope="col">shape</th>'
        f'<th scope="col">numbers</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _arrays(case: Case) -> dict[str, Array]:
    """Every array of a case, by its place; its lengths are told in words."""
    return {
        **{str(place): weights for place, weights in case.weights.items()},
        "inputs": case.inputs,
        **{f"initial {name}": state for name, state in case.states.items()},
    }


def _exact(array: Array) -> str:
    return np.array2string(array, floatmode="unique", separator=", ", threshold=sys.maxsize)
