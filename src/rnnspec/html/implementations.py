"""The implementations of a page: what was run, how each claim fared, and how accurate they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rnnspec.console import packages
from rnnspec.html.cells import QUIET, numbers, place
from rnnspec.html.claims import place as claim_place
from rnnspec.html.text import Row, escaped, listed, told
from rnnspec.matrix import Accuracy, Matrix, reason_of, setting
from rnnspec.parts import Part
from rnnspec.reference.precision import ABSOLUTE, RELATIVE
from rnnspec.report import Line
from rnnspec.spec.search import Verdict

COUNTED = ("examples", "informative", "of bound", "by dtype", "aimed at", "measured beside")
UNITS = (
    "How far off the numbers are, in units of what the arithmetic allows (1.00 is the bound): the "
    "largest share in any example, and the claim where it was seen. <em>Declared</em> is what is "
    f"promised of sigmoid and tanh: <em>relative</em>, to within {RELATIVE.relative:g} u of the "
    f"value; <em>absolute</em>, to within {ABSOLUTE.absolute:g} u of full scale; <em>int8</em>, of "
    "products that are those of integers; u is the unit roundoff of the dtype."
)


def counts(matrix: Matrix, parts: Sequence[Part]) -> str:
    """How many claims have each verdict on these implementations, in words."""
    counted = sum((matrix.counts(part) for part in parts), Counter[Verdict]())
    return ", ".join(f"{counted[each]} {each}" for each in Verdict if counted[each])


def implementations(matrix: Matrix) -> str:
    """A section each."""
    return "\n".join(
        f'<section class="implementation" id="i{number}" data-i="{number}">'
        f"<h3>{escaped(part.adapter)}</h3>{_settings(matrix, part)}{_beside(matrix, part)}"
        f"{_results(matrix, part, number)}</section>"
        for number, part in enumerate(matrix.parts, 1)
    )


def accuracy(matrix: Matrix) -> str:
    """How accurate each is, in every dtype that it declares."""
    bodies = ""
    for number, part in enumerate(matrix.parts, 1):
        rows = [_accuracy(each) for each in matrix.accuracy(part)]
        if rows:
            first = (
                f'<th scope="rowgroup" rowspan="{len(rows)}">'
                f'<a href="#i{number}">{escaped(part.adapter)}</a></th>'
            )
            lines = "".join(f"<tr>{'' if k else first}{row}</tr>" for k, row in enumerate(rows))
            bodies += f'<tbody data-i="{number}">{lines}</tbody>'
    titles = ("implementation", "dtype", "declared", "worst", "seen in")
    heads = "".join(f'<th scope="col">{title}</th>' for title in titles)
    return (
        f'<p>{UNITS}</p><div class="scroll" tabindex="0" role="region" aria-label="accuracy">'
        f"<table><thead><tr>{heads}</tr></thead>{bodies}</table></div>"
    )


def _accuracy(each: Accuracy) -> str:
    level = escaped(each.level) + (", not met: measured" if each.measured else "")
    worst = "not told" if each.used is None else f"{each.used:.2f}"
    seen = f'<a href="#{claim_place(each.label)}">{each.label}</a>' if each.used else ""
    return (
        f'<th scope="row">{escaped(each.dtype)}</th><td>{level}</td><td class="n">{worst}</td>'
        f"<td>{seen}</td>"
    )


def _settings(matrix: Matrix, part: Part) -> str:
    header = part.header
    return listed(
        [
            Row("verdicts", counts(matrix, [part])),
            Row("versions", escaped(packages(header["versions"]))),
            Row("profile", escaped(header["profile"])),
            Row("seed", str(header["seed"])),
            Row("claims", escaped(setting(part, "only"))),
            Row("strict", "yes" if header["strict"] else ""),
            Row("run", f'{escaped(_date(header["started"]))}, {part.seconds:.0f} s'),
            Row("platform", f"{escaped(header['platform'])}, Python {escaped(header['python'])}"),
            Row("with", escaped(", ".join(
                f"{name} {header[name]}" for name in ("rnnspec", "hypothesis", "numpy")
            ))),
        ]
    )  # fmt: skip


def _date(started: str) -> str:
    """``2026-11-24 09:00 UTC``."""
    return f"{started[:10]} {started[11:16]} UTC"


def _beside(matrix: Matrix, part: Part) -> str:
    notes = "".join(
        f'<li><a href="#{claim_place(label)}"><code>{label}</code></a>: {escaped(text)}</li>'
        for label, text in matrix.beside(part)
    )
    return f"<h4>Measured beside</h4><ul>{notes}</ul>" if notes else ""


def _results(matrix: Matrix, part: Part, number: int) -> str:
    titles = ("claim", "verdict", *COUNTED, "seconds", "reason")
    heads = "".join(f'<th scope="col">{title}</th>' for title in titles)
    rows = "".join(
        _result(line, number)
        for label in matrix.tried
        if (line := matrix.line(part, label)) is not None
    )
    name = escaped(part.adapter)
    return (
        f"<details><summary>Every claim on {name}</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="every claim on {name}">'
        f'<table class="results"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _result(line: Line, number: int) -> str:
    """A row; it has the place of its cell, unless more is told of that elsewhere."""
    label, verdict = line["claim"], Verdict(line["verdict"])
    there = place(number, label)
    quiet = verdict in QUIET
    at = f' id="{there}"' if quiet else ""
    why = escaped(reason_of(line)) if quiet else f'<a href="#{there}">what is told</a>'
    found = {row.name: row.said for row in numbers(line)}
    tds = "".join(f"<td>{found.get(name, '')}</td>" for name in COUNTED)
    return (
        f'<tr{at} data-claim="{label}"><th scope="row">{label}</th><td>{told(verdict)}</td>{tds}'
        f'<td class="n">{line["seconds"]:.1f}</td><td>{why}</td></tr>'
    )
