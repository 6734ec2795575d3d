"""The formulas as LaTeX: those of the cards by hand, and all as they were reviewed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rnnspec.reference.network import Network
from rnnspec.reference.symbols import printed
from rnnspec.spec.claims import CLAIMS
from rnnspec.typeset import NAMES, SIGNS, latex, page

FORMULAS = sorted(claim.formula for claim in CLAIMS.values() if claim.formula)


def test_the_cell_state_of_the_card() -> None:
    formula = printed(Network("lstm", 1, 1), "c_t")
    assert latex(formula) == r"c_{t} = f_{t} \odot c_{t-1} + i_{t} \odot \tilde{c}_{t}"


def test_the_hidden_state_of_the_card() -> None:
    assert latex(printed(Network("lstm", 1, 1), "h_t")) == r"h_{t} = o_{t} \odot \tanh(c_{t})"


def test_the_simple_unit_of_the_card() -> None:
    formula = printed(Network("rnn", 1, 1), "h_t")
    assert latex(formula) == r"h_{t} = \tanh(W x_{t} + b + U h_{t-1} + d)"


def test_the_gru_of_the_card_in_lines_that_are_aligned() -> None:
    formula = printed(Network("gru", 1, 1, biases="none"), "h_t", "z_t", "r_t", "n_t")
    assert latex(formula) == (
        r"\begin{aligned} h_{t} &= (1 - z_{t}) \odot n_{t} + z_{t} \odot h_{t-1} \\ "
        r"z_{t} &= \sigma(W_{z} x_{t} + U_{z} h_{t-1}) \\ "
        r"r_{t} &= \sigma(W_{r} x_{t} + U_{r} h_{t-1}) \\ "
        r"n_{t} &= \tanh(W_{n} x_{t} + r_{t} \odot (U_{n} h_{t-1})) \end{aligned}"
    )


def test_words_are_words_and_a_letter_among_them_is_none() -> None:
    assert latex("multiplied by a weight a, for every I") == (
        r"\text{multiplied by a weight }a,\text{ for every }I"
    )


def test_parts_are_lines_but_not_in_brackets() -> None:
    assert latex("[x; y] = 1; f_t is 0") == (
        r"\begin{gathered} [x;\text{ }y] = 1 \\ f_{t}\text{ is }0 \end{gathered}"
    ).replace(r"\text{ }", " ")


def test_all_of_them_are_as_they_were_reviewed() -> None:
    """Made by ``python -m rnnspec.typeset > tests/face/formulas.tex``: read what has changed."""
    reviewed = Path(__file__).with_name("formulas.tex").read_text(encoding="utf-8")
    assert page() == reviewed


@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_is_lost(formula: str) -> None:
    """Read back, what was set is what was printed."""
    text = re.sub(r"\\(begin|end)\{\w+\}|\\\\|&|\\text\b", "", latex(formula))
    text = re.sub(r"\\tilde\{(\w)\}", r"\1~", text)
    text = re.sub(r"\\mathrm\{(NaN|gate|d)\}", r"\1", text)
    for name, command in NAMES.items() | {(sign, command) for sign, command in SIGNS.items()}:
        text = text.replace(command, name) if command.startswith("\\") else text
    assert "\\" not in text
    kept = re.compile(r"[{}\s;]")
    assert kept.sub("", text) == kept.sub("", formula)
