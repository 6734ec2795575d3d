"""The directive ``findings``: what was found of the cards' claims about training."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from rnnspec.spec.claims import CLAIMS
from rnnspec.sphinx import cited, definitions
from rnnspec.studies.journal import read

FOLDER = Path(__file__).parents[1] / "findings"
STATIC = "_static/findings"
THEMES = ("light", "dark")


class Findings(SphinxDirective):
    """A section for each study that has results here."""

    def run(self) -> list[nodes.Node]:
        """In the order of the cards."""
        files = ((label, FOLDER / f"{label}.jsonl") for label in CLAIMS)
        return [self._section(label, file) for label, file in files if file.exists()]

    def _section(self, label: str, file: Path) -> nodes.section:
        header, runs, footer = read(file)
        assert footer is not None, f"{file} did not come to its end"
        asked = header["hypothesis"]
        section = nodes.section(ids=[place(label)], names=[])
        section += nodes.title(
            "", "", nodes.literal(text=label), nodes.Text(f": {footer['verdict']}")
        )
        section += nodes.paragraph(
            "", "", cited(CLAIMS[label]), nodes.Text(f": {asked['statement']}")
        )
        section += _picture(label)
        seconds = f"{footer['seconds']:.0f} seconds of a processor"
        found = "; ".join(map(_effect, footer["effects"]))
        where = f"{header['by']}, rnnspec {header['rnnspec']}, {header['platform']}"
        section += definitions(
            (title, [nodes.paragraph(text=text)])
            for title, text in (
                ("Measured", asked["measure"]),
                ("For the card speaks", f"{asked['effect']}: at least {asked['least']:+g}"),
                ("Found", found),
                ("Tried on", asked["conditions"]),
                ("Stopped", asked["stopping"]),
                ("Run", f"{len(runs)} runs, {seconds}, {where}, {header['started'][:10]}"),
            )
        )
        return section


def result(label: str) -> Iterator[nodes.Node]:
    """What a study found, in a line, if there is one: for the page of the claim's card."""
    file = FOLDER / f"{label}.jsonl"
    if not file.exists():
        return
    _, _, footer = read(file)
    assert footer is not None
    said = nodes.strong(text=str(footer["verdict"]))
    link = nodes.reference("", "the study", refuri=f"../findings.html#{place(label)}")
    effect = nodes.Text(f": {_effect(footer['effects'][0])}; ")
    yield nodes.paragraph("", "", said, effect, link)


def place(label: str) -> str:
    """Where a study stands on its page."""
    return f"finding-{label.replace('.', '-')}"


def _effect(effect: dict[str, object]) -> str:
    mean, low, high = (float(str(effect[name])) for name in ("mean", "low", "high"))
    return f"{effect['what']} {mean:+.3g} ({low:+.3g} to {high:+.3g})"


def _picture(label: str) -> nodes.raw:
    images = "".join(
        f'<img class="only-{theme}" src="{STATIC}/{label}-{theme}.svg" '
        f'alt="{escape(label)}: every run, and the effects with their intervals, as told below">'
        for theme in THEMES
    )
    return nodes.raw("", f'<figure class="picture">{images}</figure>', format="html")


def _copy(app: Sphinx) -> None:
    shutil.copytree(FOLDER, Path(app.outdir, STATIC), dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """The directive, and the pictures that it shows."""
    app.add_directive("findings", Findings)
    app.connect("builder-inited", _copy)
