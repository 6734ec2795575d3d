"""The formulas of claims as LaTeX, for pages and for other people's documents.

What a claim prints is text, most of it printed from the equations that run (``reference.symbols``).
Here that same text is set, so that no formula is written a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnspec.spec.claims import CLAIMS

NAMES = {
    "sigmoid": r"\sigma",
    "tanh": r"\tanh",
    "max": r"\max",
    "phi": r"\varphi",
    "gate": r"\mathrm{gate}",
    "NaN": r"\mathrm{NaN}",
    "inf": r"\infty",
}
"""Words that are mathematics; all others are prose, but for letters that stand alone."""
SIGNS = {"*": r"\odot", "<=": r"\le", "...": r"\dots", "#": r"\#"}

OPERATORS = ("=", "<", ">", "<=", "+", "-", "*")

_TOKEN = re.compile(
    r"""
      (?P<name>(?:[A-Za-z]~?|gate)(?:_(?:\{[^}]*\}|[A-Za-z0-9]~?)|(?![A-Za-z~-])))  # c~_t, h_{t-1}
    | (?P<differential>d[A-Z](?![A-Za-z]))                                        # dL
    | (?P<word>[A-Za-z]+(?:-[a-z]+)*)
    | (?P<number>\d+)
    | (?P<sign><=|\.\.\.|[^\sA-Za-z0-9])
    | (?P<space>\s+)
    """,
    re.VERBOSE,
)
_PARTS = re.compile(r";\s+(?![^\[]*\])")
"""Between the parts of a formula, but for what stands in brackets."""


def latex(formula: str) -> str:
    """A formula as LaTeX for a display, a line for each of its lines, and of its parts (``;``)."""
    lines = [_line(part) for line in formula.splitlines() for part in _PARTS.split(line)]
    if len(lines) < 2:
        return "".join(lines)
    left = [line.partition(" = ")[0] for line in lines]
    if not any(side == line or r"\text" in side for side, line in zip(left, lines, strict=True)):
        lines = [line.replace(" = ", " &= ", 1) for line in lines]
        return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"
    return r"\begin{gathered} " + r" \\ ".join(lines) + r" \end{gathered}"


def _line(line: str) -> str:
    """Words in a row stand in one box, with what is between them."""
    prose, done, before = "", "", ""
    for kind, token, worded in [*_tokens(line), ("sign", "", False)]:
        if worded or kind == "space" or (prose.strip() and token in (",", ":")):
            prose += token
            continue
        # an operator brings its own space
        words = prose.lstrip() if before in OPERATORS else prose
        words = words.rstrip() if token in OPERATORS else words
        done += (rf"\text{{{words}}}" if words.strip() else prose) + _set(kind, token)
        prose, before = "", token
    return done.strip()


def _tokens(line: str) -> Iterator[tuple[str, str, bool]]:
    """Each token with its kind, and whether it is a word of prose: *a* may be, before another."""
    for found in _TOKEN.finditer(line):
        article = found[0] == "a" and bool(re.match(r" [a-z]{2}", line[found.end() :]))
        word = found.lastgroup == "word" and found[0] not in NAMES
        yield str(found.lastgroup), found[0], article or word


def _set(kind: str, token: str) -> str:
    if kind == "name":
        letter, _, low = token.partition("_")
        inside = low.removeprefix("{").removesuffix("}")
        return _letter(letter) + (f"_{{{_letter(inside)}}}" if low else "")
    if kind == "differential":
        return rf"\mathrm{{d}}{token[1]}"
    return NAMES.get(token) or SIGNS.get(token, token)


def _letter(name: str) -> str:
    return rf"\tilde{{{name[:-1]}}}" if name.endswith("~") else NAMES.get(name, name)


def page() -> str:
    """The formulas of all claims, a line each: what the tests hold them to."""
    formulas = ((claim.id, latex(claim.formula)) for claim in CLAIMS.values() if claim.formula)
    return "".join(f"{label:<22} {text}\n" for label, text in formulas)


if __name__ == "__main__":
    print(page(), end="")
