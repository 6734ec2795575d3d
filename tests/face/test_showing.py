"""``rnnspec errata`` and ``rnnspec show --adapter``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from subprocess import CompletedProcess

import pytest

from rnnspec.reference.conventions import Conventions
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import Network
from rnnspec.reference.precision import ABSOLUTE, RELATIVE, Level
from rnnspec.spec.claims import CLAIMS

Program = Callable[..., CompletedProcess[str]]
Known = Callable[[Implementation], None]


class Odd(ReferenceLayer):
    """Declares something of everything."""

    name = "odd"
    conventions: Mapping[str, Conventions] = {
        "rnn": Conventions(("hidden",), "in,out", ("none",), ("tanh", "relu")),
        "gru": Conventions(
            ("update", "reset", "candidate"),
            biases=("candidate",),
            resets=("before", "after"),
            update="takes",
            directions=("forward", "backward"),
            layers=3,
            past_end={"forward": "zero", "backward": "held"},
        ),
        "lstm": Conventions(
            ("input", "output", "forget", "candidate"),
            forget_offset=1.0,
            states=("cell", "hidden"),
            past_end={"forward": "unspecified"},
            extras=("peepholes", "cell_clip"),
        ),
    }
    levels: Mapping[str, Level] = {"float32": RELATIVE, "float16": ABSOLUTE}
    ways: Mapping[str, str] = {"packed": "path", "batch-first": "layout"}

    def offers(self, network: Network) -> str | None:
        return "it is asleep" if network.cell == "gru" else super().offers(network)


RNN = """
  RNN
    packed matrices: units are columns
    their shapes: I x H; H x H
    biases: no bias
    activation: tanh or relu
    directions: forward
    layers: one
    past the end of a row: no lengths are offered
"""
GRU = """
  GRU
    order of the gates: update, reset, candidate
    packed matrices: units are rows
    their shapes: 3H x I; 3H x H
    biases: one bias vector on the side of the input, and one more for the candidate's past
    reset gate: before the recurrent product; or after the recurrent product
    update gate: open, it takes the candidate
    directions: forward, backward
    layers: up to 3
    past the end of a row: zero (forward), the last valid output once more (backward)
"""
LSTM = """
  LSTM
    order of the gates: input, output, forget, candidate
    packed matrices: units are rows
    their shapes: 4H x I; 4H x H
    biases: no bias; two bias vectors
    added to the forget gate: 1
    order of the states: cell, hidden
    directions: forward
    layers: one
    past the end of a row: unspecified (forward)
    beyond the cards: peepholes, clipped cell state
"""
BEYOND = """
  sigmoid and tanh, by dtype: float32 (relative: 32 u of the value), float16 (absolute: 10 u of full
  scale)
  other ways: packed (path), batch-first (layout)
"""


def test_an_adapter_is_shown_whole(rnnspec: Program, known: Known) -> None:
    known(Odd())
    ran = rnnspec("show", "--adapter", "odd")
    assert ran.returncode == 0, ran.stderr
    parts = (RNN, GRU, LSTM, BEYOND)
    assert ran.stdout == "odd\n" + "".join(part.lstrip("\n") for part in parts)


def test_what_is_not_declared_is_said_not_to_be(rnnspec: Program, known: Known) -> None:
    class Bare(Odd):
        levels: Mapping[str, Level] = {}
        ways: Mapping[str, str] = {}
        conventions: Mapping[str, Conventions] = {"lstm": Conventions(("forget", "input"))}

    known(Bare())
    ran = rnnspec("show", "--adapter", "odd")
    assert "added to the forget gate: nothing\n" in ran.stdout
    assert "sigmoid and tanh, by dtype: no dtype is offered\n" in ran.stdout
    assert "other ways: none\n" in ran.stdout
    assert "GRU" not in ran.stdout


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("rnn.step", "rnn.step applies to odd: 2 kinds of networks."),
        ("gru.step", "gru.step does not apply: odd: it is asleep."),
    ],
)
def test_of_a_claim_and_an_adapter_it_is_said_whether_one_applies(
    label: str, told: str, rnnspec: Program, known: Known
) -> None:
    known(Odd())
    ran = rnnspec("show", label, "--adapter", "odd")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"{label} (law, card {CLAIMS[label].card})\n")
    assert "update gate: open, it takes the candidate" in ran.stdout
    assert ran.stdout.endswith(f"\n\n{told}\n")


def test_an_adapter_that_does_not_say_what_it_offers_is_no_traceback(
    rnnspec: Program, known: Known
) -> None:
    class Silent(Odd):
        def offers(self, network: Network) -> str | None:
            raise RuntimeError("no idea")

    known(Silent())
    ran = rnnspec("show", "rnn.step", "--adapter", "odd")
    assert ran.returncode == 0, ran.stderr
    assert "odd does not say what it offers: RuntimeError: no idea" in ran.stdout


@pytest.mark.parametrize("adapter", ["reference", "torch", "torch-cell"])
def test_every_adapter_can_be_shown(adapter: str, rnnspec: Program) -> None:
    if adapter != "reference":
        pytest.importorskip("torch", reason="the adapter needs it")
    ran = rnnspec("show", "--adapter", adapter)
    assert ran.returncode == 0, ran.stderr
    assert "\n  LSTM\n    order of the gates: " in ran.stdout


def test_errata_are_printed_card_by_card(rnnspec: Program) -> None:
    ran = rnnspec("errata")
    assert ran.returncode == 0, ran.stderr
    words = " ".join(ran.stdout.split())
    for claim in CLAIMS.values():
        for erratum in claim.errata:
            told = f"{claim.id} The card: {erratum.card} {erratum.stops} Smallest counterexample: "
            at = words.find(f"{erratum.card} {erratum.stops}")
            assert at >= 0
            assert told.split(" The card")[0] in words[:at]
            assert f"Smallest counterexample: {erratum.smallest}." in words[at:]
    heads = [line for line in ran.stdout.splitlines() if line[:1].strip()]
    wheres = dict.fromkeys(claim.where for claim in CLAIMS.values() if claim.errata)
    assert heads == [where.capitalize() for where in wheres]
    assert "Card 1" in heads
    assert "Beyond the cards" in heads
    labels = [line.strip() for line in ran.stdout.splitlines() if line.strip() in CLAIMS]
    assert len(labels) == sum(len(claim.errata) for claim in CLAIMS.values())


def test_errata_of_some_claims_alone(rnnspec: Program) -> None:
    ran = rnnspec("errata", "gru.*")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Card 7\n  gru.step\n    The card: ")
    assert "lstm." not in ran.stdout
