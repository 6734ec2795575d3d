"""A counterexample of one implementation is tried on another, which may offer less, or fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from rnnspec.reference.case import Answer, Case
from rnnspec.reference.conventions import Conventions
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.precision import RELATIVE, Level

Ran = CompletedProcess[str]
Program = Callable[..., Ran]
Known = Callable[[Implementation], None]


class Narrow(ReferenceLayer):
    """A right layer that offers one reset form, takes all for it, and knows one dtype and cell."""

    name = "narrow"
    levels: Mapping[str, Level] = {"float64": RELATIVE}
    conventions: Mapping[str, Conventions] = {
        "gru": replace(ReferenceLayer.conventions["gru"], resets=("after",))
    }

    def run(self, case: Case) -> Answer:
        return super().run(case.changed(network=replace(case.network, reset="after")))


def saved(folder: Path, network: Network, dtype: str = "float64", claim: str = "gru.step") -> str:
    weights = {at: np.full(shape, 0.5) for at, shape in network.places()}
    states = {name: np.ones((1, 1, 1)) for name in network.states}
    case = Case(network, weights, np.ones((2, 1, 1)), states, dtype=dtype)
    head = {"format": "rnnspec.replay", "version": 1, "claim": claim, "adapter": "reference"}
    text = json.dumps({**head, "level": None, "case": encode_case(case)})
    (folder / "it.json").write_text(text, encoding="utf-8")
    return "it.json"


GRU = Network("gru", 1, 1)


@pytest.mark.parametrize(
    ("network", "dtype", "claim", "told"),
    [
        (replace(GRU, reset="before"), "float64", "gru.step", "it offers no reset 'before'"),
        (GRU, "bfloat16", "gru.step", "it offers no dtype 'bfloat16'"),
        (Network("rnn", 1, 1), "float64", "rnn.step", "it offers no RNN"),
    ],
    ids=["option", "dtype", "cell"],
)
def test_what_is_not_offered_is_not_applicable_and_no_violation(
    network: Network,
    dtype: str,
    claim: str,
    told: str,
    rnnspec: Program,
    known: Known,
    tmp_path: Path,
) -> None:
    known(Narrow())
    file = saved(tmp_path, network, dtype, claim)
    assert rnnspec("replay", file).stdout.startswith(f"holds: {claim}")
    ran = rnnspec("replay", file, "--adapter", "narrow")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.startswith(f"not applicable: {claim}")
    assert told in ran.stdout


def test_the_line_that_replays_it_names_the_other_adapter(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    class Zero(ReferenceLayer):
        name = "zero"

        def run(self, case: Case) -> Answer:
            return super().run(case.with_weights(lambda at, w: 0 * w))

    known(Zero())
    ran = rnnspec("replay", saved(tmp_path, GRU), "--adapter", "zero")
    assert ran.returncode == 1
    assert "  rnnspec replay it.json --adapter zero" in ran.stdout.splitlines()


def test_an_adapter_that_cannot_be_used_is_broken(
    rnnspec: Program, known: Known, tmp_path: Path
) -> None:
    class Closed(ReferenceLayer):
        name = "closed"

        def session(self) -> AbstractContextManager[object]:
            raise OSError("no device")

        def versions(self) -> dict[str, str]:
            raise OSError("no version either")

    known(Closed())
    ran = rnnspec("replay", saved(tmp_path, GRU), "--adapter", "closed")
    assert ran.returncode == 3, ran.stderr
    assert ran.stdout.startswith("adapter broken: gru.step")
    assert "OSError: no device" in ran.stdout
