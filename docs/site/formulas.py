"""Formulas drawn in the page, in the colour of its text: nothing is fetched, no script runs."""

from __future__ import annotations

import re
from functools import cache
from html import escape

import ziamath
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

SIZE = 18
"""Of the letters, in pixels."""
GIVEN = {"{aligned}": "{align*}", "{gathered}": "{gather*}"}
"""Displays of several lines, by the names that the drawing knows."""


@cache
def drawn(latex: str, said: str) -> str:
    """A formula in LaTeX as SVG, with what a reader who doesn't see it is told."""
    for ours, its in GIVEN.items():
        latex = latex.replace(ours, its)
    ziamath.config.svg2 = False  # no glyphs shared by name: pages hold many drawings
    svg = ziamath.Latex(latex, size=SIZE, color="currentColor").svg()
    svg = re.sub(r"(\d+\.\d\d)\d+", r"\1", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(said)}" ', 1)


def display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own; it scrolls where the page is too narrow."""
    told = node.rawsource if node.rawsource.strip() else node.astext()
    svg = drawn(node.astext(), told)
    translator.body.append(f'<div class="formula" tabindex="0">{svg}</div>')
    raise nodes.SkipNode


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula in a sentence."""
    translator.body.append(f'<span class="formula">{drawn(node.astext(), node.astext())}</span>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """What ``html_math_renderer`` names."""
    app.add_html_math_renderer("drawn", (inline, None), (display, None))
