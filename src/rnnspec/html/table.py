"""The table of a page, claims by implementations, and the controls that filter it."""

from __future__ import annotations

from collections import Counter

from rnnspec.html.cells import place
from rnnspec.html.claims import place as claim_place
from rnnspec.html.text import SIGNS, escaped, sign, slug
from rnnspec.matrix import Matrix
from rnnspec.parts import Part
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Verdict

BESIDE = ("examples", "of bound", "seconds")
"""What stands beside the verdicts of a single implementation."""


def table(matrix: Matrix) -> str:
    """A row a claim. Of a single implementation there is room for more than the verdict."""
    single = len(matrix.parts) == 1
    heads = "".join(
        f'<th scope="col" data-i="{number}"><a href="#i{number}">{escaped(part.adapter)}</a></th>'
        for number, part in enumerate(matrix.parts, 1)
    )
    more = "".join(f'<th scope="col">{name}</th>' for name in BESIDE) if single else ""
    says = '<th scope="col" class="says">says</th>' if single else ""
    width = 1 + len(matrix.parts) + (1 + len(BESIDE) if single else 0)
    bodies = "".join(
        f'<tbody><tr class="card"><th scope="rowgroup" colspan="{width}">'
        f"<span>{escaped(title)}</span></th></tr>{''.join(_row(matrix, label) for label in labels)}"
        "</tbody>\n"
        for title, labels in matrix.cards
    )
    return (
        f'<table id="matrix" class="{"single" if single else "many"}">'
        "<caption>Claims by implementations. A verdict leads to what is told of it.</caption>"
        f'<thead><tr><th scope="col">claim</th>{says}{heads}{more}</tr></thead>\n{bodies}</table>'
    )


def _row(matrix: Matrix, label: str) -> str:
    claim = CLAIMS[label]
    single = len(matrix.parts) == 1
    says = f'<td class="says">{escaped(claim.statement)}</td>' if single else ""
    tds = "".join(_cell(matrix, number, label) for number in range(1, len(matrix.parts) + 1))
    return (
        f'<tr data-claim="{label}" data-card="{claim.under}" data-kind="{claim.kind}">'
        f'<th scope="row"><a href="#{claim_place(label)}">{label}</a></th>{says}{tds}'
        f"{_more(matrix, label) if single else ''}</tr>\n"
    )


def _cell(matrix: Matrix, number: int, label: str) -> str:
    part = matrix.parts[number - 1]
    verdict = matrix.verdict(part, label)
    single = len(matrix.parts) == 1
    letter = f'<i aria-hidden="true">{SIGNS[verdict]}</i>'
    shown = str(verdict) if single else f'{letter}<span class="vh">{verdict}</span>'
    if matrix.line(part, label) is not None:
        shown = f'<a href="#{place(number, label)}">{shown}</a>'
    before = sign(verdict) if single else ""
    return f'<td data-i="{number}" data-v="{slug(verdict)}">{before}{shown}</td>'


def _more(matrix: Matrix, label: str) -> str:
    line = matrix.line(matrix.parts[0], label)
    if line is None:
        return "<td></td>" * len(BESIDE)
    tried = [str(line["examples"]), f"{line['used']:.2f}"] if line["examples"] else ["", ""]
    shown = [*tried, f"{line['seconds']:.1f}"]
    return "".join(f'<td class="n">{each}</td>' for each in shown)


def controls(matrix: Matrix) -> str:
    """What filters the table: it is there where a script can run."""
    counted = sum((matrix.counts(part) for part in matrix.parts), Counter[Verdict]())
    verdicts = "".join(
        f'<label><input type="checkbox" name="verdict" value="{slug(each)}"> {sign(each)} '
        f"{each} <small>{counted[each]}</small></label>"
        for each in Verdict
        if counted[each]
    )
    cards = {CLAIMS[labels[0]].under: title for title, labels in matrix.cards}
    kinds = dict.fromkeys(CLAIMS[label].kind for label in matrix.tried)
    return (
        '<form id="filter" hidden aria-label="Filter">'
        f"<fieldset><legend>Verdict</legend>{verdicts}</fieldset>"
        f'<div class="pick">{_choice("card", cards)}{_choice("kind", {k: k for k in kinds})}'
        f"{_adapters(matrix.parts)}"
        '<button type="reset">Show all</button></div>'
        '<p id="shown" role="status"></p></form>'
    )


def _choice(name: str, values: dict[str, str]) -> str:
    options = "".join(
        f'<option value="{escaped(value)}">{escaped(title)}</option>'
        for value, title in values.items()
    )
    return (
        f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>'
        f"{options}</select></label>"
    )


def _adapters(parts: list[Part]) -> str:
    if len(parts) == 1:
        return ""
    boxes = "".join(
        f'<label><input type="checkbox" name="on" value="{escaped(part.adapter)}" '
        f'data-i="{number}"> {escaped(part.adapter)}</label>'
        for number, part in enumerate(parts, 1)
    )
    return (
        '<details id="adapters"><summary>Implementations</summary>'
        f"<fieldset><legend>Implementations</legend>{boxes}</fieldset></details>"
    )
