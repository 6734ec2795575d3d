"""A project that cites claims: by the site's inventory alone, and with the extension."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.building import Build

BY_INVENTORY = "See {external+rnnspec:ref}`claim-%s`."
BY_ROLE = "See {claim}`%s`."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of documents with no page yet."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    return folder


def _configured(project: Path, *extensions: str, site: Path | None = None) -> None:
    mapping = {} if site is None else {"rnnspec": (str(site), None)}
    lines = [
        f"extensions = {['myst_parser', 'sphinx.ext.intersphinx', *extensions]!r}",
        f"intersphinx_mapping = {mapping!r}",
    ]
    (project / "conf.py").write_text("\n".join(lines), encoding="utf-8")


def _built(build: Build, project: Path, text: str) -> tuple[str, str]:
    """What Sphinx says, and the page."""
    (project / "index.md").write_text(f"# Mine\n\n{text}\n", encoding="utf-8")
    told = build(project, project / "out")
    return told, (project / "out" / "index.html").read_text(encoding="utf-8")


def test_a_claim_is_cited_without_this_package(build: Build, project: Path, site: Path) -> None:
    _configured(project, site=site)
    told, page = _built(build, project, BY_INVENTORY % "lstm-cell-state")
    assert told == ""
    assert "/cards/05-cell-state.html#claim-lstm-cell-state" in page
    assert "lstm.cell-state" in page


def test_and_an_unknown_one_is_an_error(build: Build, project: Path, site: Path) -> None:
    _configured(project, site=site)
    told, _ = _built(build, project, BY_INVENTORY % "lstm-cel-state")
    assert "claim-lstm-cel-state" in told
    assert "not found" in told


def test_a_claim_is_cited_by_the_role(build: Build, project: Path, site: Path) -> None:
    _configured(project, "rnnspec.sphinx", site=site)
    told, page = _built(build, project, BY_ROLE % "gru.step")
    assert told == ""
    assert "/cards/07-gru.html#claim-gru-step" in page


def test_where_no_inventory_leads_the_role_is_the_label(build: Build, project: Path) -> None:
    _configured(project, "rnnspec.sphinx")
    told, page = _built(build, project, BY_ROLE % "gru.step")
    assert told == ""
    assert "gru.step" in page
    assert "claim-gru-step" not in page


@pytest.mark.parametrize("text", [BY_ROLE % "gru.stop", "```{claim} gru.stop\n```"])
def test_neither_takes_an_unknown_label(build: Build, project: Path, text: str) -> None:
    _configured(project, "rnnspec.sphinx")
    told, _ = _built(build, project, text)
    assert "gru.stop" in told
    assert "index.md:3" in told


def test_the_directive_shows_a_claim(build: Build, project: Path, site: Path) -> None:
    _configured(project, "rnnspec.sphinx", "sphinx.ext.mathjax", site=site)
    told, page = _built(build, project, "```{claim} lstm.hidden-state\n```")
    assert told == ""
    assert r"h_{t} &amp;= o_{t} \odot \tanh(c_{t})" in page
    assert "Seen from outside" in page
    assert "claim-lstm-hidden-state" in page


def test_the_inventory_holds_every_claim_twice(site: Path) -> None:
    from sphinx.util.inventory import InventoryFile

    from rnnspec.spec.claims import CLAIMS

    with (site / "objects.inv").open("rb") as file:
        held = InventoryFile.load(file, "", lambda base, path: path)
    labels = {f"claim-{label.replace('.', '-')}" for label in CLAIMS}
    assert set(held["std:claim"]) == set(CLAIMS)
    assert labels <= set(held["std:label"])
    for label in CLAIMS:
        anchor = f"claim-{label.replace('.', '-')}"
        assert held["std:claim"][label].uri == held["std:label"][anchor].uri
