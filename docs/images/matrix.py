"""The matrix at a glance: implementations by claims, from the stored reports."""

from __future__ import annotations

from html import escape

from docs.pictures.theme import Theme
from docs.site.reports import reports
from rnnspec.spec.search import Verdict

LEFT, TOP, STEP, ROW = 26, 132, 24, 13
SIZE = 4


def drawn(theme: Theme) -> str:
    """A column an implementation, a row a claim, and a mark for the verdict."""
    matrix = reports()
    width = LEFT + STEP * len(matrix.parts) + 110
    marks, y = [], TOP
    for title, labels in matrix.cards:
        y += 8
        name = title.partition(":")[0]
        end = LEFT + STEP * len(matrix.parts)
        marks.append(f'<path d="M{LEFT} {y}H{end}" stroke="{theme.faint}" stroke-width=".6"/>')
        marks.append(f'<text x="{end + 4}" y="{y + 11}" font-size="9">{escape(name)}</text>')
        for label in labels:
            y += ROW
            marks += [
                _mark(matrix.verdict(part, label), LEFT + STEP * k + STEP / 2, y - 4, theme)
                for k, part in enumerate(matrix.parts)
            ]
    names = "".join(
        f'<text transform="translate({LEFT + STEP * k + STEP / 2 + 4} {TOP}) rotate(-90)">'
        f"{escape(part.adapter)}</text>"
        for k, part in enumerate(matrix.parts)
    )
    legend, height = _legend(theme, y + 26), y + 40
    counted = sum(len(labels) for _, labels in matrix.cards)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="matrix-title" fill="{theme.ink}" font-size="11" '
        'font-family="system-ui, sans-serif">\n'
        f'<title id="matrix-title">{len(matrix.parts)} implementations by {counted} claims: most '
        "hold, some are not applicable, and known divergences are marked</title>\n"
        f"{names}\n{chr(10).join(marks)}\n{legend}\n</svg>\n"
    )


def _mark(verdict: Verdict, x: float, y: float, theme: Theme) -> str:
    """A dot where it holds, a dash where it does not apply, a square where it is waived."""
    if verdict is Verdict.HOLDS:
        return f'<circle cx="{x}" cy="{y}" r="{SIZE}" fill="{theme.third}"/>'
    if verdict in (Verdict.NOT_APPLICABLE, Verdict.NOT_RUN):
        return f'<path d="M{x - 3} {y}h6" stroke="{theme.faint}" stroke-width="1.5"/>'
    inside = theme.second if verdict is not Verdict.WAIVED else "none"
    return (
        f'<rect x="{x - SIZE}" y="{y - SIZE}" width="{2 * SIZE}" height="{2 * SIZE}" '
        f'fill="{inside}" stroke="{theme.second}" stroke-width="2"/>'
    )


def _legend(theme: Theme, y: float) -> str:
    parts, x = [], float(LEFT + 8)
    for verdict, words in (
        (Verdict.HOLDS, "holds"),
        (Verdict.NOT_APPLICABLE, "not applicable"),
        (Verdict.WAIVED, "known divergence, with a reproducer"),
    ):
        parts.append(_mark(verdict, x, y - 4, theme))
        parts.append(f'<text x="{x + 10}" y="{y}">{words}</text>')
        x += 40 + 6.2 * len(words)
    return "".join(parts)
