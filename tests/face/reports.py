"""Reports for the tests: small ones, with a claim of every verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from rnnspec.parts import Part
from rnnspec.reference.case import Case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.replay import encode
from rnnspec.report import Line, as_text, footer_of, header_of, line_of
from rnnspec.runner import exit_status
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.contrast import Broken, exchanged
from rnnspec.spec.search import Outcome, Verdict, search

VERSIONS = {"numpy": "2.4.6"}
WAIVER = {
    "reason": "the step is halved",
    "link": "https://example.org/issues/7",
    "reproducer": None,
    "counterexample": None,
}


@cache
def violated() -> Outcome:
    """The GRU with its reset and update gates exchanged."""
    layer = Broken(exchanged("reset", "update"), ReferenceLayer.levels)
    found = search(CLAIMS["gru.step"], layer, "quick", 0)
    assert found.verdict is Verdict.VIOLATED
    found.explanation = "It would hold if the gates stood in the order update, reset, candidate."
    return found


def failing(label: str, verdict: Verdict, reason: str) -> Outcome:
    """A claim that failed on a case, which shows nothing but that."""
    network = Network("lstm", 1, 1, biases="none")
    weights = {place: np.ones(shape) for place, shape in network.places()}
    case = Case(network, weights, np.ones((1, 1, 1)))
    return Outcome(CLAIMS[label], verdict, reason, seconds=0.25, case=case)


def outcomes() -> list[Outcome]:
    """One of each verdict."""
    given = {
        "rnn.step": (Verdict.HOLDS, ""),
        "layer.empty": (Verdict.INCONCLUSIVE, "in float64 3 of 8 informative examples needed"),
        "lstm.counts": (Verdict.STALE_WAIVER, "the claim holds now, take waiver 1 out: halved"),
        "deep.stacked": (Verdict.NOT_APPLICABLE, "mixed: it offers no 2 layers, at most 1"),
        "bi.overfits": (Verdict.NOT_RUN, "a finding: an experiment, not a check"),
        "layer.nan": (Verdict.ADAPTER_BROKEN, "mixed cannot be used: OSError: no device"),
    }
    plain = [Outcome(CLAIMS[label], *said, seconds=0.5) for label, said in given.items()]
    plain[0].examples, plain[0].informative, plain[0].used = 24, 20, 0.25
    plain[0].dtypes, plain[0].aims = {"float64": 24}, {"gate reset": 20}
    plain[0].notes, plain[0].measured = {"time": "0.9 times as long"}, ("float16",)
    return [
        *plain,
        violated(),
        failing("lstm.units", Verdict.REFUSED, "Refused: not today"),
        failing("lstm.gated", Verdict.ERROR, "RuntimeError: no LSTM | today"),
        failing("layer.paths", Verdict.WAIVED, f"{WAIVER['reason']}; a counterexample was found"),
    ]


STARTED = "2026-11-24T09:00:00+00:00"


def part(
    name: str,
    given: Iterable[Outcome] | None = None,
    *,
    adapters: Sequence[str] = (),
    claims: int = 0,
    **header: Any,
) -> Part:
    """An adapter's part, whole, of as many claims as there are outcomes, unless more are wanted."""
    layer = ReferenceLayer()
    layer.name = name
    settings = {"only": (), "profile": "quick", "seed": 0, "strict": False, **header}
    made = Part(header_of(layer, VERSIONS, adapters=adapters or (name,), **settings))
    made.header["started"] = STARTED  # the same, however long a test takes
    for outcome in outcomes() if given is None else given:
        waiver = WAIVER if outcome.verdict in (Verdict.WAIVED, Verdict.STALE_WAIVER) else None
        data = encode(outcome, name, VERSIONS)
        made.claims.append(line_of(outcome, "quick", data, waiver))
    made.header["claims"] = claims or len(made.claims)
    status = exit_status(made.verdicts, strict=settings["strict"])
    made.footer = footer_of(made.verdicts, 1.5, status) | {"complete": True}
    return made


def two() -> list[Part]:
    """A run of two adapters: one with all verdicts, one that is right."""
    names = ("mixed", "right")
    right = [Outcome(CLAIMS[label], Verdict.HOLDS) for label in ("rnn.step", "gru.step")]
    return [part("mixed", adapters=names), part("right", right, adapters=names)]


def lines_of(parts: Iterable[Part]) -> list[Line]:
    """All lines, in their order."""
    found = []
    for each in parts:
        found += [each.header, *each.claims, *([each.footer] if each.footer else [])]
    return found


def text_of(parts: Iterable[Part]) -> bytes:
    """The file."""
    return "".join(map(as_text, lines_of(parts))).encode()
