"""The directive ``picture``: one of ``docs.pictures``, drawn light and dark with the site."""

from __future__ import annotations

from html import escape
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from docs.pictures import PICTURES, write

FOLDER = "_static/pictures"


class Drawn(SphinxDirective):
    """A picture with its title, by name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Both themes' drawings, of which the theme shows one."""
        picture = PICTURES.get(self.arguments[0])
        if picture is None:
            raise self.error(f"there is no picture {self.arguments[0]!r}")
        up = "../" * (len(PurePosixPath(self.env.docname).parts) - 1)
        alternative = escape(picture.alternative)
        images = "".join(
            f'<img class="only-{theme}" src="{up}{FOLDER}/{picture.name}-{theme}.svg" '
            f'alt="{alternative}">'
            for theme in ("light", "dark")
        )
        figure = f'<figure class="picture" id="picture-{picture.name}">{images}'
        caption = f"<figcaption>{escape(picture.title)}</figcaption></figure>"
        return [nodes.raw("", figure + caption, format="html")]


def _draw(app: Sphinx) -> None:
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder)


def setup(app: Sphinx) -> None:
    """All are drawn once, before the pages."""
    app.add_directive("picture", Drawn)
    app.connect("builder-inited", _draw)
