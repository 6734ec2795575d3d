"""A report, or several side by side, as one page in HTML that needs nothing from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from importlib.resources import files
from string import Template

from rnnspec.console import packages
from rnnspec.html.cells import cells
from rnnspec.html.claims import claims
from rnnspec.html.implementations import accuracy, counts, implementations
from rnnspec.html.kept import Kept
from rnnspec.html.table import controls, table
from rnnspec.html.text import escaped
from rnnspec.matrix import SETTINGS, Matrix
from rnnspec.parts import Part, complete, missing, status_of
from rnnspec.reference.network import plural
from rnnspec.written import Render


def page_with(folder: str | None) -> Render:
    """What writes a page, with what waivers name, from the folder that their paths start in."""
    return partial(page, kept=Kept(folder))


def page(parts: Sequence[Part], kept: Kept | None = None) -> str:
    """The whole page. Raises Usage where what a waiver names is there, and bad."""
    matrix, style, script = Matrix(parts), _data("page.css"), _data("page.js")
    told = cells(matrix, kept or Kept(None))
    return Template(_data("page.html")).substitute(
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        title=escaped(_title(matrix)),
        head="\n".join(f"<p>{said}</p>" for said in _head(matrix)),
        state="\n".join(f'<p class="state">{escaped(said)}</p>' for said in _unfinished(parts)),
        controls=controls(matrix),
        table=table(matrix),
        findings=", ".join(matrix.findings),
        cells=told or "<p>Nothing: whatever is offered holds.</p>",
        implementations=implementations(matrix),
        accuracy=accuracy(matrix),
        claims=claims(),
        version=escaped(", ".join(matrix.settings["rnnspec"])),
        status=status_of(parts),
    )


def _data(name: str) -> str:
    return (files("rnnspec.html") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a policy names what alone may stand in a page."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _title(matrix: Matrix) -> str:
    names = [part.adapter for part in matrix.parts]
    many = f"{len(names)} implementations of recurrent layers"
    return ", ".join(names) if len(names) <= 3 else many


def _head(matrix: Matrix) -> Iterator[str]:
    """What was run, and what was found."""
    if len(matrix.parts) == 1:
        yield escaped(packages(matrix.parts[0].header["versions"]))
    yield f"<strong>{counts(matrix, matrix.parts)}</strong>"
    one = {name: values[0] for name, values in matrix.settings.items() if len(values) == 1}
    dates = sorted({part.header["started"][:10] for part in matrix.parts})
    said = [f"{SETTINGS[name]} {value}" for name, value in one.items()]
    yield escaped("; ".join([*said, " to ".join(dict.fromkeys((dates[0], dates[-1])))]))


def _unfinished(parts: Sequence[Part]) -> Iterator[str]:
    """What is not there, if anything."""
    if complete(parts):
        return
    yield "This run is not complete: it was interrupted."
    for part in parts:
        if not part.complete:
            reached = plural(len(part.claims), "claim")
            yield f"Of {part.adapter} {reached} of {part.header['claims']} were reached."
    if left := missing(parts):
        yield f"Nothing is there of {', '.join(left)}."
