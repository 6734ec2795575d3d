"""``rnnspec conventions``: what it prints is what the adapters declare, and fits a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rnnspec import catalogue
from rnnspec.cli import rnnspec
from rnnspec.conventions import LETTERS, TITLES, count, declared, formula, page, rows, titles
from rnnspec.reference.network import BIASES, BLOCKS, Network
from rnnspec.reference.unroll import count as numbers

ROOT = Path(__file__).parents[2]
SAID, SILENT = declared()


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(rnnspec, ["conventions", *arguments])


def test_the_page_is_what_the_adapters_declare() -> None:
    """Made by ``rnnspec conventions -o docs/conventions.md``."""
    assert (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8") == page(SAID)


def test_every_adapter_has_a_row_for_each_of_its_cells() -> None:
    assert (list(SAID), SILENT) == (catalogue.names(), [])
    for cell in TITLES:
        for wide in (False, True):
            named = [name for row in rows(cell, SAID, wide) for name in row[0].split(", ")]
            assert sorted(named) == sorted(name for name in SAID if cell in SAID[name])


def test_it_fits_a_terminal_and_cuts_no_name() -> None:
    ended = ran()
    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    first = {line.split(" ")[0] for line in lines}
    assert set(SAID) <= first


@pytest.mark.parametrize("cell", BLOCKS)
def test_a_row_says_what_is_declared(cell: str) -> None:
    alone = {name: conventions for name, conventions in SAID.items() if cell in conventions}
    for name, conventions in alone.items():
        (row,) = rows(cell, {name: conventions})
        told, how = dict(zip(titles(cell), row, strict=True)), conventions[cell]
        if cell != "rnn":
            names = {letter: block for block, letter in LETTERS[cell].items()}
            assert tuple(names[letter] for letter in told["gates"].split()) == how.blocks
        many = {"rnn": "", "lstm": "4", "gru": "3"}[cell]
        turned = how.orientation == "in,out"
        wanted = f"I x {many}H, H x {many}H" if turned else f"{many}H x I, {many}H x H"
        assert told["matrices"] == wanted
        counts = [numbers(Network(cell, 3, 5, biases=biases)) for biases in how.biases]
        assert told["count"] == ", ".join(map(str, counts))
        assert [count(cell, how, biases) for biases in how.biases] == counts


@pytest.mark.parametrize("cell", BLOCKS)
@pytest.mark.parametrize("biases", BIASES)
def test_the_formula_counts_any_layer(cell: str, biases: str) -> None:
    said = re.sub(
        r"(\d*)H(\()?", lambda m: f"{m[1] or 1}*H" + ("*(" if m[2] else ""), formula(cell, biases)
    )
    for inputs, units in ((1, 1), (3, 5), (4, 2)):
        wanted = numbers(Network(cell, inputs, units, biases=biases))
        assert eval(said, {"I": inputs, "H": units}) == wanted, said


def test_some_adapters_and_one_cell() -> None:
    text = ran("torch", "haiku", "--cell", "lstm").stdout
    assert "\nhaiku " in text
    assert "\nkeras" not in text
    assert "Simple unit" not in text
    assert "recurrent = " not in text, "the legend tells of what stands in the table"
    assert ran("equinox", "--cell", "rnn").stdout == "none of equinox has a Simple unit\n"


def test_a_page_of_some_of_them(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    ended = ran("torch", "-o", str(out))
    assert (ended.exit_code, ended.output) == (0, "")
    assert out.read_text(encoding="utf-8") == page({"torch": SAID["torch"]})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "there is no adapter 'nothing'"),
        (["--cell", "lstm", "-o", "page.md"], "the page is of all cells"),
        (["-o", "/"], "/ cannot be written: Is a directory"),
        (["-o", "no/such/page.md"], "no/such/page.md cannot be written: No such file"),
        (["json:JSONDecodeError"], "the adapter 'json:JSONDecodeError' cannot be loaded: "),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(arguments: list[str], said: str) -> None:
    ended = ran(*arguments)
    assert ended.exit_code == 2
    assert said in " ".join(ended.output.split())


def test_an_adapter_that_is_broken_costs_its_own_row_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found(name: str) -> Any:
        if name == "odd":
            raise ImportError("no such\nthing")
        return catalogue.found(name)

    monkeypatch.setattr("rnnspec.conventions.names", lambda: ["odd", "torch"])
    monkeypatch.setattr("rnnspec.conventions.found", found)
    ended = ran("--cell", "lstm")
    assert ended.exit_code == 0
    assert "\ntorch " in ended.stdout
    assert ended.stderr == "the adapter 'odd' cannot be loaded: ImportError: no such thing\n"
