"""A report as a comment: what is in it, that nothing in it is obeyed, and how long it may be."""

from __future__ import annotations

import html
import re
from importlib.metadata import version

import pytest
from markdown_it import MarkdownIt

from rnnspec.console import explain
from rnnspec.markdown import CUT, LARGEST, SHORTENED, markdown
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import Outcome, Verdict
from tests.face.reports import outcomes, part, two, violated

BY = f"rnnspec <code>{version('rnnspec')}</code>"
RENDER = MarkdownIt("commonmark").enable("table")


def rows(text: str) -> list[list[str]]:
    """The cells of the tables, as they are shown."""
    found = re.findall(r"<tr>\n(.*?)</tr>", RENDER.render(text), re.DOTALL)
    return [
        [
            html.unescape(re.sub(r"</?code>", "", cell))
            for cell in re.findall(r"<td>(.*?)</td>", row)
        ]
        for row in found
        if "<td>" in row
    ]


def test_it_says_what_was_run_and_what_does_not_hold() -> None:
    text = markdown(two())
    assert "### <code>mixed (numpy 2.4.6)</code>, profile quick, seed 0\n" in text
    assert "\n10 claims: 1 holds, 1 not applicable, 1 waived, 1 not run, 1 inconclusive, " in text
    assert "\nOf 10 claims 1 hold, and 1 are not run.\n" in text
    assert "\n2 claims: 2 holds; 0.0 s\n" in text
    found = {label: (verdict, reason) for label, verdict, reason in rows(text)}
    quiet = (Verdict.HOLDS, Verdict.NOT_RUN)
    wanted = {
        each.claim.id: (str(each.verdict), " ".join([each.reason, each.explanation]).strip())
        for each in outcomes()
        if each.verdict not in quiet
    }
    wanted["gru.step"] = ("violated", f"{violated().reason}. {violated().explanation}")
    assert found == wanted


def test_each_counterexample_can_be_unfolded() -> None:
    text = markdown(two())
    found = re.findall(
        r"<details><summary>(.*?)</summary>\n\n```text\n(.*?)\n```\n\n</details>", text, re.DOTALL
    )
    failed = [each for each in outcomes() if each.case is not None]
    assert found == [(f"{each.claim.id}: {each.verdict}", explain(each)) for each in failed]


def test_the_end_says_whether_that_is_all() -> None:
    first, second = two()
    assert markdown([first, second]).endswith(f"{BY}: the run is complete; exit status 1.\n")
    cut = f"{BY}: **the run is not complete**. It was cut, or goes on.\n"
    assert markdown([first]).endswith(f"{cut}Nothing is there yet of <code>right</code>.\n")
    second.footer = None
    assert markdown([first, second]).endswith(cut)


NASTY = (
    "a | b \\| c \\\\ `code` ``` <script>alert(1)</script> <!-- @octocat #1 **bold** _it_ ~~no~~ "
    "[link](https://example.org) ![i](x) &lt; &#64; $x$ :tada: </code></details>"
)


@pytest.mark.parametrize("text", [NASTY, *NASTY.split(), "\\", "|", "`", "\x1b[2J", "a\nb\r\nc"])
def test_what_is_told_is_shown_and_not_obeyed(text: str) -> None:
    odd = part("odd", [Outcome(CLAIMS["rnn.step"], Verdict.REFUSED, text)])
    ((label, verdict, reason),) = rows(markdown([odd]))
    assert (label, verdict) == ("rnn.step", "refused")
    assert reason == odd.claims[0]["reason"]
    shown = RENDER.render(markdown([odd]))
    assert not set(re.findall(r"<(\w+)", shown)) - {
        "h3", "code", "p", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip


def test_a_fence_is_longer_than_any_in_what_it_holds() -> None:
    data = part("odd", [violated()])
    data.claims[0]["counterexample"]["comparison"]["what"] = "a ```` b"
    assert "\n`````text\n" in markdown([data])
    assert "a ```` b" in markdown([data])


# ---- no longer than a comment may be


CHECKED = sum(claim.kind != "finding" for claim in CLAIMS.values())


def many(adapters: int, reason: str = "odd") -> str:
    """A comment on so many adapters, with every claim violated in each."""
    names = [f"layer{k}" for k in range(adapters)]
    each = violated()
    failed = [
        Outcome(claim, Verdict.VIOLATED, reason, case=each.case, comparison=each.comparison)
        for claim in CLAIMS.values()
        if claim.kind != "finding"
    ]
    return markdown([part(name, failed, adapters=names) for name in names])


@pytest.mark.parametrize(
    ("adapters", "reason", "all_rows"),
    [(1, "odd", True), (2, "odd", True), (10, "odd", True), (3, "o" * 500, True), (40, "o", False)],
)
def test_it_is_never_too_long_and_says_what_it_leaves_out(
    adapters: int, reason: str, all_rows: bool
) -> None:
    text = many(adapters, reason)
    assert len(text) <= LARGEST
    if adapters > 1:
        assert len(text) > LARGEST - 1000, "there was room for more"
    folded = text.count("<details>")
    assert text.count("</details>") == folded
    assert text.count("```") == 2 * folded
    assert (folded == CHECKED) is (adapters == 1)
    assert (folded > 0) is all_rows
    assert (SHORTENED in text) is (adapters in (2, 3, 10))
    assert (CUT in text) is not all_rows
    assert not all_rows or len(rows(text)) == adapters * CHECKED
    assert text.endswith(f"{BY}: the run is complete; exit status 1.\n")


@pytest.mark.parametrize("lines", [30, 3000])
def test_a_long_counterexample_is_shortened_and_not_left_out(lines: int) -> None:
    odd = part("odd", [violated(), violated()])
    for line in odd.claims:
        line["explanation"] = "word " * 12 * lines  # five of six lines that are printed
    text = markdown([odd])
    assert text.count("<details>") == 2
    assert ("\n... shortened: the report has it whole\n```\n" in text) is (lines == 3000)
    assert (SHORTENED in text) is (lines == 3000)
    assert len(text) <= LARGEST
