"""The picture of a study: what every run measured, and the effects with their intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from math import isfinite

from rnnspec.studies.interval import Effect
from rnnspec.studies.study import Done, Study

COLOURS = {"light": ("#1f2328", "#0b5cad", "#b3261e"), "dark": ("#e6e8eb", "#7cb8ff", "#ff9c93")}
"""Text and lines; runs and intervals; the smallest effect of interest."""
WIDTH, LEFT, RIGHT, ROW = 720, 250, 690, 26
CHARACTERS = 92
"""Of a line."""


def drawn(study: Study, done: Sequence[Done], effects: Sequence[Effect], theme: str) -> str:
    """As SVG: a row an arm, with a dot a run; then a row an effect, with its interval."""
    ink, mark, limit = COLOURS[theme]
    arms = study.arms(done)
    parts: list[str] = []
    top = _titled(parts, 4, study.hypothesis.measure, ink)
    numbers = [value for values in arms.values() for value in values]
    top = _rows(parts, top, arms, _scale([*numbers]), ink, mark)
    least = f"at least {study.hypothesis.least:+g}, dashed"
    top = _titled(parts, top + 8, f"{study.hypothesis.effect}: {least}", ink)
    ends = [e for effect in effects for e in (effect.low, effect.high) if isfinite(e)]
    scale = _scale([*ends, *(e.mean for e in effects), 0.0, study.hypothesis.least])
    bottom = top + ROW * len(effects)
    x = _at(study.hypothesis.least, scale)
    parts.append(f'<path d="M{x:.1f} {top - 4}V{bottom}" stroke="{limit}" stroke-dasharray="4 3"/>')
    for number, effect in enumerate(effects):
        y = top + ROW * number + ROW / 2
        low, mean, high = (_at(v, scale) for v in (effect.low, effect.mean, effect.high))
        weight = "bold" if number == 0 else "normal"
        parts.append(_text(0, y + 4, escape(effect.what), ink, bold=weight == "bold"))
        parts.append(f'<path d="M{low:.1f} {y}H{high:.1f}" stroke="{mark}" stroke-width="3"/>')
        parts.append(f'<circle cx="{mean:.1f}" cy="{y}" r="5" fill="{mark}"/>')
    bottom = _axis(parts, bottom, scale, ink)
    told = "; ".join(str(effect) for effect in effects)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 8}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">'
        f"<title>{escape(study.label)}</title><desc>{escape(told)}</desc>{''.join(parts)}</svg>\n"
    )


def _titled(parts: list[str], top: float, text: str, ink: str) -> float:
    for line in textwrap.wrap(text, CHARACTERS):
        top += 18
        parts.append(_text(0, top, escape(line), ink, bold=True))
    return top + 8


def _rows(
    parts: list[str],
    top: float,
    arms: dict[str, list[float]],
    scale: tuple[float, float],
    ink: str,
    mark: str,
) -> float:
    for name, values in arms.items():
        y = top + ROW / 2
        parts.append(_text(0, y + 4, escape(name), ink))
        parts.append(f'<path d="M{LEFT} {y}H{RIGHT}" stroke="{ink}" stroke-opacity=".15"/>')
        dots = "".join(
            f'<circle cx="{_at(v, scale):.1f}" cy="{y}" r="4" fill="none" stroke="{mark}"/>'
            for v in values
        )
        mean = _at(sum(values) / len(values), scale)
        parts.append(
            f'{dots}<path d="M{mean:.1f} {y - 9}V{y + 9}" stroke="{ink}" stroke-width="2"/>'
        )
        top += ROW
    return _axis(parts, top, scale, ink)


def _axis(parts: list[str], y: float, scale: tuple[float, float], ink: str) -> float:
    for value in (scale[0], (scale[0] + scale[1]) / 2, scale[1]):
        x = _at(value, scale)
        anchor = "middle"
        parts.append(
            f'<text x="{x:.1f}" y="{y + 16}" fill="{ink}" font-size="11" text-anchor="{anchor}">'
            f"{value:.3g}</text>"
        )
    return y + 22


def _scale(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or 0.5
    return low - room, high + room


def _at(value: float, scale: tuple[float, float]) -> float:
    share = (value - scale[0]) / (scale[1] - scale[0])
    return LEFT + min(1.0, max(0.0, share)) * (RIGHT - LEFT)


def _text(x: float, y: float, text: str, ink: str, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{ink}"{weight}>{text}</text>'
