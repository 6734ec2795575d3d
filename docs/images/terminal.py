"""A terminal: what a violation looks like."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

import rnnspec
from docs.pictures.theme import Theme
from rnnspec.adapters.reference_ import Reference
from rnnspec.console import Screen
from rnnspec.spec.contrast import Broken, exchanged

COLUMNS = 96
LETTER, LINE = 12.2, 24.4
"""Of what rich draws."""
TITLE = "rnnspec run mine:Exchanged --only lstm.cell-state"
FORM = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-14 -12 {wide} {high}" \
role="img" aria-labelledby="terminal-title">
<title id="terminal-title">A terminal: the claim lstm.cell-state is violated; the smallest case is \
one unit and one step, and the explanation is another order of the gates</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Consolas, Menlo, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" \
height="{terminal_height}"/></clipPath>{lines}</defs>
<rect x="-14" y="-12" width="{wide}" height="{high}" rx="10" fill="{background}" \
stroke="{edge}"/>
<g>{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def drawn(theme: Theme) -> str:
    """The same words as on a terminal, in a theme's colours."""
    colours = [theme.ink, theme.second, theme.third, theme.second, theme.first, theme.second]
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="standard"
    )
    layer = Broken(exchanged("forget", "input"), Reference.levels)
    outcomes = rnnspec.run(layer, only="lstm.cell-state", profile="quick")
    (failed,) = (outcome for outcome in outcomes if outcome.case is not None)
    console.print(Text(f"$ {TITLE}\n", style="bold"))
    Screen(console).counterexample(failed, "")
    rgb = [_rgb(each) for each in [*colours, theme.first, theme.ink]]
    form = FORM.replace("{background}", theme.surface).replace("{edge}", theme.faint)
    lines = len(console.export_text(clear=False).splitlines())
    for name, size in (("{wide}", COLUMNS * LETTER + 28), ("{high}", lines * LINE + 24)):
        form = form.replace(name, f"{size:.0f}")
    own = TerminalTheme(_rgb(theme.surface), _rgb(theme.ink), rgb, rgb)
    return console.export_svg(title="", theme=own, code_format=form, unique_id=f"t{theme.name}")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
