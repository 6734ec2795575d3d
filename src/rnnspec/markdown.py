"""A report as Markdown, for a comment on a pull request: what does not hold, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rnnspec.console import titled, total
from rnnspec.parts import Part, complete, missing, status_of
from rnnspec.report import Line
from rnnspec.spec.search import Verdict

LARGEST = 65_535
"""Characters: GitHub takes no longer comment."""


LONGEST = (LARGEST, 4000, 1000)
"""Characters of a counterexample: the first of these with which all of them fit."""
SHORT = 100
"""Characters of a reason, where the reasons alone are too long."""
SHORTENED = (
    "Counterexamples are shortened or left out here, since a comment holds only so much: the "
    "report has all of them."
)
CUT = "This comment is cut here, since it holds only so much: the report has all of it."
QUIET = (Verdict.HOLDS, Verdict.NOT_RUN)
"""What no row is given to."""


def markdown(parts: Sequence[Part]) -> str:
    """The comment, never longer than one may be."""
    end = "\n".join(_end(parts))
    for reason in (LARGEST, SHORT):
        frames = [(_above(part, reason), _below(part)) for part in parts]
        room = LARGEST - len(f"{SHORTENED}\n\n{end}\n") - sum(len(a + b) for a, b in frames)
        if room >= 0:
            break
    else:
        body = "".join(a + b for a, b in frames)[: LARGEST - len(f"{CUT}\n\n{end}\n") - 1]
        return f"{body[: body.rfind(chr(10)) + 1]}\n{CUT}\n\n{end}\n"
    for longest in LONGEST:
        folded = [_counterexamples(part, longest) for part in parts]
        fits = sum(len(text) for texts in folded for text in texts) <= room
        if fits:
            break
    said = "" if fits and longest == LARGEST else f"{SHORTENED}\n\n"
    body = ""
    for (above, below), texts in zip(frames, folded, strict=True):
        body += above
        for text in texts:
            if len(text) <= room:
                body, room = body + text, room - len(text)
        body += below
    return f"{body}{said}{end}\n"


def _above(part: Part, room: int) -> str:
    """What was run, and a row for all that does not hold."""
    header = part.header
    name = titled(part.adapter, header["versions"])
    rows = [_row(line, room) for line in part.claims if line["verdict"] not in QUIET]
    table = ["| claim | verdict | reason |", "| --- | --- | --- |", *rows, ""] if rows else []
    lines = [
        f"### {_code(name, room)}, profile {header['profile']}, seed {header['seed']}",
        "",
        total(part.verdicts, sum(line["seconds"] for line in part.claims), header["claims"]),
        "",
        *table,
    ]
    return "\n".join([*lines, ""])


def _below(part: Part) -> str:
    held, left = (part.verdicts.count(verdict) for verdict in QUIET)
    return f"Of {part.header['claims']} claims {held} hold, and {left} are not run.\n\n"


def _row(line: Line, room: int) -> str:
    reason = f"{line['reason']}. {line['explanation']}" if line["explanation"] else line["reason"]
    return f"| {line['claim']} | {line['verdict']} | {_code(reason, room)} |"


def _code(text: str, room: int) -> str:
    """A text as it is: nothing in it is Markdown or HTML, and it mentions nobody."""
    shown = text if len(text) <= room else f"{text[:room]} ..."
    return f"<code>{escaped(shown)}</code>" if shown else ""


def escaped(text: str) -> str:
    """A text in which nothing is Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|~$&])", r"\\\1", text)


def table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], ruler: Sequence[str] = ()
) -> list[str]:
    """A table whose columns stand below each other in plain text, too."""
    ruler = ruler or ["---"] * len(titles)
    widths = [max(map(len, column)) for column in zip(titles, ruler, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join(padded)} |"

    return [line(titles), line(ruler), *map(line, rows), ""]


def _counterexamples(part: Part, longest: int) -> list[str]:
    """A text to unfold for each, none longer than that."""
    found = []
    for line in part.claims:
        if line["counterexample"] is None:
            continue
        text = part.explained(line)
        if len(text) > longest:
            text = (
                f"{text[:longest].rpartition(chr(10))[0]}\n... shortened: the report has it whole"
            )
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        summary = f"<details><summary>{line['claim']}: {line['verdict']}</summary>"
        found.append(f"{summary}\n\n{fence}text\n{text}\n{fence}\n\n</details>\n\n")
    return found


def _end(parts: Sequence[Part]) -> Iterator[str]:
    """Whether that is all of it."""
    by = f"rnnspec {_code(parts[0].header['rnnspec'], SHORT)}"
    if complete(parts):
        yield f"{by}: the run is complete; exit status {status_of(parts)}."
        return
    yield f"{by}: **the run is not complete**. It was cut, or goes on."
    if left := missing(parts):
        yield f"Nothing is there yet of {_code(', '.join(left), SHORT)}."
