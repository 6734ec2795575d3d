"""What the README and the documentation name is there. (Their examples are run as doctests.)"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rnnspec.cli import rnnspec
from rnnspec.html.text import SIGNS
from rnnspec.pages import page
from rnnspec.spec.claims import CLAIMS, ORDER
from rnnspec.spec.search import PROFILES, Verdict

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        elsewhere = target.startswith("https://")
        assert elsewhere or (page.parent / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "docs/reports.md"])
def test_every_command_of_a_page_is_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # what must be there is named from here
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = re.findall(r"^(?:.*/bin/)?rnnspec (.*?)(?: +#.*)?$", text, flags=re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        command, *arguments = shlex.split(line)
        rnnspec.commands[command].make_context(
            command, arguments
        )  # raises where an option or argument is none


def test_the_verdicts_and_labels_that_are_documented_are_those_that_are_given() -> None:
    formats = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    table = formats[formats.index("## Verdicts") :]
    rows = re.findall(r"^\| ([a-z ]+) \|", table, flags=re.MULTILINE)
    assert rows[1:] == [str(verdict) for verdict in Verdict]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for label in re.findall(r"\b(?:lstm|gru|rnn|layer)\.[a-z]+(?:-[a-z]+)*", readme):
        assert label in CLAIMS


def test_the_page_of_all_claims_is_what_the_claims_say() -> None:
    """Made by ``python -m rnnspec.pages > docs/claims.md``."""
    assert (ROOT / "docs" / "claims.md").read_text(encoding="utf-8") == page()
    for label in ORDER:
        assert f"\n### {label}\n" in page()


def test_the_letters_of_pages_that_are_documented_are_those_that_are_shown() -> None:
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.) \| (.*?) \| \| (.) \| (.*?) \|$", text, flags=re.MULTILINE)
    told = {(sign, name.split(",")[0]) for row in rows for sign, name in (row[:2], row[2:])}
    assert told == {(sign, str(verdict)) for verdict, sign in SIGNS.items()}


def test_the_profiles_that_help_tells_are_those_that_are_run() -> None:
    (option,) = (p for p in rnnspec.commands["run"].params if p.name == "profile")
    assert list(PROFILES) == list(getattr(option.type, "choices", ()))
    told = getattr(option, "help", "")
    assert ": 20, 100 or 1000, or a part of that. nightly is thorough" in told
    assert list(PROFILES.values()) == [20, 100, 1000, 1000]
