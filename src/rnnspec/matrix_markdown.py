"""The matrix as a page in Markdown, that can be read as plain text as well."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from rnnspec.console import packages
from rnnspec.markdown import escaped, table
from rnnspec.matrix import SETTINGS, Accuracy, Matrix, Note, Waived, setting
from rnnspec.parts import Part
from rnnspec.reference.network import plural
from rnnspec.reference.precision import ABSOLUTE, RELATIVE
from rnnspec.spec.search import Verdict
from rnnspec.written import Render

SIGNS = {
    Verdict.HOLDS: "ok",
    Verdict.NOT_APPLICABLE: "na",
    Verdict.WAIVED: "W",
    Verdict.NOT_RUN: "nr",
    Verdict.INCONCLUSIVE: "**I**",
    Verdict.VIOLATED: "**V**",
    Verdict.STALE_WAIVER: "**S**",
    Verdict.REFUSED: "**R**",
    Verdict.ERROR: "**E**",
    Verdict.ADAPTER_BROKEN: "**B**",
}
"""What stands in a cell: letters, since a screen reader says them, and anyone can type them."""

OTHERS = ("claims.md", "bounds.md")
"""The pages of the documentation that this one is linked with."""
WAIVED = "divergences"
"""The folder of the documentation with the waiver files, to which reproducers are relative."""


def page_in(name: str) -> Render:
    """What writes the page into a file, linked with the others that stand beside it."""
    beside = Path(os.path.realpath(name)).parent
    there = all((beside / other).is_file() for other in OTHERS)
    return partial(page, beside=beside if there else None)


def page(parts: Sequence[Part], beside: Path | None = None) -> str:
    """The whole page, linked with the documentation if it stands beside that, in a folder."""
    matrix, linked = Matrix(parts), beside is not None
    return "\n".join(
        [
            *_head(matrix),
            *_implementations(matrix),
            *_claims(matrix, linked),
            *_notes(matrix, beside),
            *_accuracies(matrix, linked),
            *_links(matrix, linked),
        ]
    )


def anchor(heading: str) -> str:
    """Where a heading is found in its page, as GitHub names it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _head(matrix: Matrix) -> Iterator[str]:
    one = {name: values[0] for name, values in matrix.settings.items() if len(values) == 1}
    said = "; ".join(f"{SETTINGS[name]} {escaped(value)}" for name, value in one.items())
    many = plural(len(matrix.parts), "implementation")
    yield "# Implementations by claims\n"
    yield (
        f"What `rnnspec run` found of {many}, put together by `rnnspec matrix`: which claims hold, "
        "what does not and why, and how accurate each is.\n"
    )
    yield f"All were run with {said}.\n" if said else ""


def _implementations(matrix: Matrix) -> Iterator[str]:
    differing = [name for name, values in matrix.settings.items() if len(values) > 1]
    titles = ["", "implementation", "versions", "python", "verdicts", "seconds", "date"]
    titles += [SETTINGS[name] for name in differing]
    rows = []
    for number, part in enumerate(matrix.parts, 1):
        counts = matrix.counts(part)
        verdicts = ", ".join(f"{counts[each]} {each}" for each in Verdict if counts[each])
        header = part.header
        rows.append(
            [
                str(number),
                f"[{escaped(part.adapter)}](#{anchor(part.adapter)})",
                escaped(packages(header["versions"])),
                escaped(header["python"]),
                verdicts,
                f"{part.seconds:.0f}",
                header["started"][:10],
                *(escaped(setting(part, name)) for name in differing),
            ]
        )
    yield "## Implementations\n"
    yield from table(titles, rows, ["--:", *["---"] * 4, "--:", *["---"] * (len(titles) - 6)])


def _claims(matrix: Matrix, linked: bool) -> Iterator[str]:
    signs: dict[Verdict, None] = {}
    numbers = [f"[{number}]" for number in range(1, len(matrix.parts) + 1)]
    rows = []
    for title, labels in matrix.cards:
        rows.append([f"**{title}**", *numbers])
        for label in labels:
            verdicts = [matrix.verdict(part, label) for part in matrix.parts]
            signs |= dict.fromkeys(verdicts)
            shown = f"[{label}]" if linked else label
            rows.append([shown, *(SIGNS[verdict] for verdict in verdicts)])
    said = "; ".join(f"{sign}: {verdict}" for verdict, sign in SIGNS.items() if verdict in signs)
    yield "## Claims\n"
    yield f"The columns have the numbers of the implementations above. {said}.\n"
    yield from table(["claim", *numbers], rows, ["---", *[":-:"] * len(numbers)])
    yield f"Not run on any, since only an experiment decides: {', '.join(matrix.findings)}.\n"


def _links(matrix: Matrix, linked: bool) -> Iterator[str]:
    """Where numbers and labels lead: they stand at the end, so that the table can be read."""
    for number, part in enumerate(matrix.parts, 1):
        title = escaped(part.adapter).replace('"', '\\"')
        yield f'[{number}]: #{anchor(part.adapter)} "{title}"'
    for label in matrix.tried if linked else ():
        yield f"[{label}]: claims.md#{anchor(label)}"
    yield ""


def _notes(matrix: Matrix, beside: Path | None) -> Iterator[str]:
    yield "## Notes\n"
    yield "What does not hold, and why; and what was measured beside.\n"
    for part in matrix.parts:
        yield f"### {escaped(part.adapter)}\n"
        lines = [_note(note, part, matrix, beside) for note in matrix.notes(part)]
        lines += [
            f"- **measured beside** {label}: {escaped(text)}."
            for label, text in matrix.beside(part)
        ]
        yield "\n".join(lines or ["- Nothing."]) + "\n"


def _note(note: Note, part: Part, matrix: Matrix, beside: Path | None) -> str:
    labels = ["every claim"] if note.labels == matrix.tried else note.labels
    reason = escaped(note.reason.removeprefix(f"{part.adapter}: ")).removesuffix(".")
    why = [] if note.waived is None else [_waived(note.waived, beside)]
    told = "; ".join([*why, *([reason] if reason else [])]) or "no reason is told"
    return f"- **{note.verdict}** {', '.join(labels)}: {told}."


def _waived(waived: Waived, beside: Path | None) -> str:
    text, link, reproducer = (
        escaped(waived.reason).removesuffix("."),
        waived.link,
        waived.reproducer,
    )
    if link:
        text += f" (<{link}>)" if _is_url(link) else f" ({escaped(link)})"
    if not reproducer:
        return text
    shown = escaped(reproducer)
    if beside is not None and (beside / WAIVED / reproducer).is_file():
        shown = f"[{shown}]({WAIVED}/{reproducer})"
    return f"{text} (reproducer: {shown})"


def _is_url(text: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>]+", text) is not None


def _accuracies(matrix: Matrix, linked: bool) -> Iterator[str]:
    yield "## Accuracy\n"
    bound = "[the bound](bounds.md)" if linked else "the bound"
    yield (
        f"How far off the numbers are, in units of what the arithmetic allows (1.00 is {bound}): "
        "the largest share in any example, and the claim where it was seen. *Declared* is what is "
        f"promised of sigmoid and tanh: *relative*, to within {RELATIVE.relative:g} u of the "
        f"value; *absolute*, to within {ABSOLUTE.absolute:g} u of full scale; *int8*, of "
        "products that are those of integers; u is the unit roundoff of the dtype.\n"
    )
    rows = [
        [escaped(part.adapter), *_accuracy(each)]
        for part in matrix.parts
        for each in matrix.accuracy(part)
    ]
    titles = ["implementation", "dtype", "declared", "worst", "seen in"]
    yield from table(titles, rows, ["---", "---", "---", "--:", "---"])


def _accuracy(each: Accuracy) -> list[str]:
    level = escaped(each.level) + (", not met: measured" if each.measured else "")
    if each.used is None:
        return [escaped(each.dtype), level, "not told", ""]
    return [escaped(each.dtype), level, f"{each.used:.2f}", each.label if each.used else ""]
